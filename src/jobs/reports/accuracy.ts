/** What a report says of how good the model is: the task's figures with how sure they are, and the figures of every output. */
import { z } from '../../base/zod';
import type { Interval } from '../../core/metrics/interval';
import { METRIC_NAMES, type MetricName } from '../../core/metrics/table';
import { TASK_IDS } from '../../core/metrics/tasks';
import type { Answer, Flips, Score } from '../contract/judgement-protocol';
import type { DataSetView, Evaluation, Verification } from '../contract/protocol';
import { figure, finite, metric } from './head';

const interval = z.object({ low: figure, high: figure });
/** null where the figure has none: of what is exact, of what was not run. */
const intervals = z.object({ float: interval.nullable(), quantized: interval.nullable(), file: interval.nullable() });
/** The class, null where the output holds NaN, and how sure the model is of it, 0..1. */
const answer = z.object({ answer: figure, confidence: figure });

export const accuracySchema = z.object({
  /** What the model is judged as, and why. */
  task: z.enum(TASK_IDS),
  inWords: z.string(),
  /** Why the float model’s own answers are to be doubted; null where they are not. */
  floatDoubt: z.string().nullable(),
  metric,
  float: figure,
  /** Simulated. */
  quantized: figure,
  /** Of the exported file in LiteRT. */
  file: figure,
  samples: z.number(),
  /** Samples that `interval.difference` is about: the same for both models. */
  n: z.number(),
  /** At 95 %: Wilson’s of a share, else by bootstrap. */
  interval: z.object({
    ...intervals.shape,
    /** Of the file (simulated, where there is none) minus float, on the same samples. */
    difference: z
      .object({
        value: figure,
        low: figure,
        high: figure,
        method: z.enum(['mcnemar', 'bootstrap']),
        p: figure.optional(),
      })
      .nullable(),
  }),
  /** All figures of the task, the headline among them. */
  metrics: z.array(
    z.object({ metric: z.enum(METRIC_NAMES), float: figure, quantized: figure, file: figure, interval: intervals }),
  ),
  /** Samples answered otherwise than in float, by the file where there is one; null for tasks without one answer a sample. */
  flips: z
    .object({
      n: z.number(),
      changed: z.number(),
      /** Right in float and wrong now, and the other way round; with labels only. */
      wrongNow: z.number().optional(),
      fixed: z.number().optional(),
      /** Counts, row by row: a row a label, a column an answer; of labelled samples of a few classes only. */
      confusion: z
        .object({ classes: z.number(), float: z.array(z.number()), quantized: z.array(z.number()) })
        .optional(),
      samples: z.array(
        z.object({ sample: z.number(), label: z.number().optional(), float: answer, quantized: answer }),
      ),
    })
    .nullable(),
  top5: z.object({ float: figure, quantized: figure, file: figure }).optional(),
  /** Of the worst output, or part of one, against float. */
  outputSqnrDb: figure,
});

/** One row for each output, each part of one that was joined from several, and each column of a small regression. */
export const outputsSchema = z.array(
  z.object({
    name: z.string(),
    output: z.number(),
    /** Where the part stands along which axis, without the batch. */
    slice: z.object({ axis: z.number(), from: z.number(), to: z.number() }).optional(),
    column: z.number().optional(),
    task: z.enum(TASK_IDS),
    metric: z.enum(METRIC_NAMES),
    /** Samples. */
    n: z.number(),
    float: figure,
    /** Of the file where there is one, else simulated; so are the figures below. */
    quantized: figure,
    interval: intervals.omit({ file: true }),
    sqnrDb: figure,
    cosine: figure,
    rmse: figure,
    maxError: figure,
  }),
);

type Accuracy = z.infer<typeof accuracySchema>;

/** What the figures are taken from. */
interface Measured {
  readonly data: DataSetView;
  readonly evaluation: Evaluation;
  readonly verification: Verification | null;
}

function topFive(float: Score, quantized: Score, file: Score | undefined): Accuracy['top5'] {
  if (float.top5 === undefined) return undefined;
  return { float: float.top5, quantized: finite(quantized.top5), file: finite(file?.top5) };
}

function endsOf(known: Interval | undefined) {
  return known ? { low: finite(known.low), high: finite(known.high) } : null;
}

function flipsOf({ confusion, samples, ...counts }: Flips): NonNullable<Accuracy['flips']> {
  const answerOf = ({ answer: given, confidence }: Answer) => ({
    answer: finite(given),
    confidence: finite(confidence),
  });
  return {
    ...counts,
    ...(confusion && {
      confusion: { ...confusion, float: [...confusion.float], quantized: [...confusion.quantized] },
    }),
    samples: samples.map((flip) => ({ ...flip, float: answerOf(flip.float), quantized: answerOf(flip.quantized) })),
  };
}

function surenessOf({ evaluation, verification }: Measured): Pick<Accuracy, 'n' | 'interval' | 'metrics' | 'flips'> {
  const { float, quantized } = evaluation;
  const file = verification?.file;
  const difference = verification?.difference ?? evaluation.difference;
  const flips = (verification ?? evaluation).flips;
  const of = (name: MetricName) => ({
    float: endsOf(float.intervals?.[name]),
    quantized: endsOf(quantized.intervals?.[name]),
    file: endsOf(file?.intervals?.[name]),
  });
  return {
    n: difference?.n ?? float.samples,
    interval: {
      ...of(float.metric),
      difference: difference
        ? {
            value: finite(difference.value),
            low: finite(difference.low),
            high: finite(difference.high),
            method: difference.method,
            ...(difference.p !== undefined && { p: difference.p }),
          }
        : null,
    },
    metrics: METRIC_NAMES.filter((name) => float.figures?.[name] !== undefined).map((name) => ({
      metric: name,
      float: finite(float.figures?.[name]),
      quantized: finite(quantized.figures?.[name]),
      file: finite(file?.figures?.[name]),
      interval: of(name),
    })),
    flips: flips && flipsOf(flips),
  };
}

export function accuracyOf(measured: Measured): Accuracy {
  const { data, evaluation, verification } = measured;
  const top5 = topFive(evaluation.float, evaluation.quantized, verification?.file);
  return {
    task: data.task.id,
    inWords: data.task.inWords,
    floatDoubt: evaluation.floatDoubt,
    metric: evaluation.float.metric,
    float: finite(evaluation.float.value),
    quantized: finite(evaluation.quantized.value),
    file: finite(verification?.file.value),
    samples: evaluation.float.samples,
    ...surenessOf(measured),
    ...(top5 && { top5 }),
    outputSqnrDb: finite(evaluation.outputSqnrDb),
  };
}

export function outputRows({ evaluation, verification }: Measured): z.infer<typeof outputsSchema> {
  return (verification?.outputs ?? evaluation.outputs).map((row) => ({
    ...row,
    float: finite(row.float),
    quantized: finite(row.quantized),
    interval: { float: endsOf(row.interval.float), quantized: endsOf(row.interval.quantized) },
    sqnrDb: finite(row.sqnrDb),
    cosine: finite(row.cosine),
    rmse: finite(row.rmse),
    maxError: finite(row.maxError),
  }));
}
