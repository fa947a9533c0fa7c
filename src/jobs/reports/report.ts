/**
 * The report: what was quantized, how, and what came of it. Written by the page's export panel and by the command line,
 * from the same results. Versioned; readers refuse a version they do not know.
 */
import { lookup } from '../../base/lookup';
import { z } from '../../base/zod';
import type { LintResult } from '../../core/targets/lint';
import { bitsOf, INT8_ACTIVATION } from '../../core/number-formats/format';
import { METRIC_NAMES } from '../../core/metrics/table';
import { TASK_IDS } from '../../core/metrics/tasks';
import type { FormResult } from '../contract/form-protocol';
import type { Answer, Score } from '../contract/judgement-protocol';
import type { Evaluation, Exported, LayerSensitivity, Verification } from '../contract/protocol';
import { figure, finite, headOf, headSchema, metric, type HeadParts } from './head';

export const REPORT_VERSION = 1;

const interval = z.object({ low: figure, high: figure });
/** The class, null where the output holds NaN, and how sure the model is of it, 0..1. */
const answer = z.object({ answer: figure, confidence: figure });

export const reportSchema = z.object({
  ...headSchema('quantization', REPORT_VERSION),
  /** Bytes. */
  size: z.object({ float: z.number(), quantized: z.number() }),
  accuracy: z.object({
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
      float: interval.nullable(),
      quantized: interval.nullable(),
      file: interval.nullable(),
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
    metrics: z.array(z.object({ metric: z.enum(METRIC_NAMES), float: figure, quantized: figure, file: figure })),
    /** Samples answered otherwise than in float, by the file where there is one; null for tasks without one answer a sample. */
    flips: z
      .object({
        n: z.number(),
        changed: z.number(),
        /** Right in float and wrong now, and the other way round; with labels only. */
        wrongNow: z.number().optional(),
        fixed: z.number().optional(),
        samples: z.array(
          z.object({ sample: z.number(), label: z.number().optional(), float: answer, quantized: answer }),
        ),
      })
      .nullable(),
    top5: z.object({ float: figure, quantized: figure, file: figure }).optional(),
    /** Of the worst output, or part of one, against float. */
    outputSqnrDb: figure,
  }),
  /** Each form the model was written in, and how its file did in its own runtime. */
  forms: z
    .array(
      z.object({
        id: z.string(),
        title: z.string(),
        fileName: z.string(),
        bytes: z.number(),
        minimumRuntime: z.string().nullable(),
        notes: z.array(z.string()),
        /** null where nothing here runs it. */
        figures: z
          .object({
            runtime: z.string(),
            metric: z.string(),
            score: figure,
            predictionsChanged: z.number().nullable(),
            elementsChanged: z.number(),
            elements: z.number(),
            outputSqnrDb: figure,
            samples: z.number(),
            milliseconds: z.number(),
          })
          .nullable(),
      }),
    )
    .optional(),
  /** Of each file and each target that it was checked against. */
  targets: z
    .array(
      z.object({
        target: z.string(),
        file: z.string(),
        operators: z.number(),
        /** Operators that no limit of the target keeps from its own unit. */
        supported: z.number(),
        findings: z.array(
          z.object({
            rule: z.string(),
            severity: z.enum(['error', 'warning', 'note']),
            operator: z.object({ index: z.number(), name: z.string(), output: z.string() }).optional(),
            message: z.string(),
            source: z.string(),
            fix: z.object({ label: z.string(), options: z.array(z.string()) }).optional(),
          }),
        ),
      }),
    )
    .optional(),
  /** One row for each output, each part of one that was joined from several, and each column of a small regression. */
  outputs: z.array(
    z.object({
      name: z.string(),
      output: z.number(),
      /** Where the part stands along which axis, without the batch. */
      slice: z.object({ axis: z.number(), from: z.number(), to: z.number() }).optional(),
      column: z.number().optional(),
      task: z.enum(TASK_IDS),
      metric: z.enum(METRIC_NAMES),
      float: figure,
      /** Of the file where there is one, else simulated; so are the figures below. */
      quantized: figure,
      sqnrDb: figure,
      cosine: figure,
      rmse: figure,
      maxError: figure,
    }),
  ),
  layers: z.array(
    z.object({
      name: z.string(),
      op: z.string(),
      /** Of a weight, or of an output value where there are none; 32 for a layer left in float. */
      bits: z.number(),
      /** Of the output tensor; null in float. */
      scale: figure,
      zeroPoint: figure,
      weightScales: z.array(z.number()).optional(),
      range: z.object({ min: z.number(), max: z.number() }).optional(),
      origin: z.string().optional(),
      sqnrDb: figure,
      cosine: figure,
      rmseOverScale: figure,
      maxError: figure,
      /** Change of the metric when only this layer is quantized, where it was measured. */
      accuracyDelta: figure.optional(),
      keptFloat: z.string().optional(),
    }),
  ),
  runtime: z
    .object({
      name: z.string(),
      profile: z.string(),
      /** Compared with the integer reference. */
      samples: z.number(),
      /** Scored, of which these are the first. */
      of: z.number().optional(),
      tensors: z.number(),
      elements: z.number(),
      mismatches: z.number(),
      maxLsb: z.number(),
      /** Milliseconds, batch 1, on this machine. */
      latencyMs: z.object({ float: figure, quantized: figure }),
    })
    .nullable(),
  /** Why the file was written, but could not be run and compared. */
  verificationFailure: z.string().optional(),
  /** Where trained weights are in use. */
  training: z
    .object({
      /** The same quantized without training, in the metric above. */
      untrained: figure,
      epochs: z.number(),
      bestEpoch: z.number(),
      milliseconds: z.number(),
      objective: z.string(),
      samples: z.object({ train: z.number(), validation: z.number() }),
      settings: z.looseObject({ seed: z.number() }),
      /** Samples that the file in LiteRT predicts otherwise than the simulation. */
      predictionsChanged: figure,
      history: z.array(z.looseObject({ epoch: z.number(), validationLoss: z.number() })),
    })
    .optional(),
  /** Milliseconds per stage. */
  timings: z.record(z.string(), z.number()),
});

export type Report = z.infer<typeof reportSchema>;

export interface ReportParts extends HeadParts {
  readonly exported: Exported;
  readonly evaluation: Evaluation;
  readonly verification: Verification | null;
  readonly verificationFailure?: string | undefined;
  readonly sensitivity?: readonly LayerSensitivity[] | undefined;
  readonly forms?: readonly FormResult[];
  readonly targets?: readonly LintResult[];
  readonly training?: Omit<NonNullable<Report['training']>, 'predictionsChanged'>;
  readonly timings: Readonly<Record<string, number>>;
}

function topFive(float: Score, quantized: Score, file: Score | undefined): Report['accuracy']['top5'] {
  if (float.top5 === undefined) return undefined;
  return { float: float.top5, quantized: finite(quantized.top5), file: finite(file?.top5) };
}

function surenessOf({
  evaluation,
  verification,
}: ReportParts): Pick<Report['accuracy'], 'n' | 'interval' | 'metrics' | 'flips'> {
  const { float, quantized } = evaluation;
  const file = verification?.file;
  const difference = verification?.difference ?? evaluation.difference;
  const flips = (verification ?? evaluation).flips;
  const ends = (score: Score | undefined) =>
    score?.interval ? { low: finite(score.interval.low), high: finite(score.interval.high) } : null;
  const answerOf = ({ answer: given, confidence }: Answer) => ({
    answer: finite(given),
    confidence: finite(confidence),
  });
  return {
    n: difference?.n ?? float.samples,
    interval: {
      float: ends(float),
      quantized: ends(quantized),
      file: ends(file),
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
    })),
    flips: flips && {
      ...flips,
      samples: flips.samples.map((flip) => ({
        ...flip,
        float: answerOf(flip.float),
        quantized: answerOf(flip.quantized),
      })),
    },
  };
}

function layersOf(parts: ReportParts): Report['layers'] {
  const { model, exported, evaluation } = parts;
  const errors = new Map(evaluation.layers.map((layer) => [layer.op, layer]));
  const deltas = new Map(parts.sensitivity?.map(({ op, delta }) => [op, delta]));
  const kept = new Map(exported.keptFloat.map(({ op, reason }) => [op, reason]));
  return model.layers.map((layer) => {
    const activation = lookup(exported.plan.activations, layer.output.id);
    const weight = layer.weight && lookup(exported.plan.weights, layer.weight.id);
    const error = errors.get(layer.id);
    const reason = kept.get(layer.id);
    const quantized = activation !== undefined && reason === undefined;
    return {
      name: layer.name,
      op: layer.kind,
      bits: quantized ? bitsOf(weight?.format ?? activation.format ?? INT8_ACTIVATION) : 32,
      scale: quantized ? activation.params.scale[0] : null,
      zeroPoint: quantized ? activation.params.zeroPoint[0] : null,
      ...(weight && { weightScales: [...weight.params.scale] }),
      ...(quantized && { range: { ...activation.range }, origin: activation.origin }),
      sqnrDb: finite(error?.sqnrDb),
      cosine: finite(error?.cosine),
      rmseOverScale: finite(error?.rmseOverScale),
      maxError: finite(error?.maxError),
      ...(deltas.has(layer.id) && { accuracyDelta: finite(deltas.get(layer.id)) }),
      ...(reason !== undefined && { keptFloat: reason }),
    };
  });
}

function formFigures({ form, title, fileName, bytes, minimumRuntime, notes, figures }: FormResult) {
  return {
    id: form,
    title,
    fileName,
    bytes: bytes.byteLength,
    minimumRuntime,
    notes: [...notes],
    figures: figures && {
      ...figures,
      metric: figures.score.metric,
      score: finite(figures.score.value),
      outputSqnrDb: finite(figures.outputSqnrDb),
    },
  };
}

function targetRow({ findings, ...result }: LintResult) {
  const rows = findings.map(({ fix, ...finding }) => ({
    ...finding,
    ...(fix && { fix: { label: fix.label, options: [...fix.options] } }),
  }));
  return { ...result, findings: rows };
}

export function buildReport(parts: ReportParts): Report {
  const { model, data, exported, evaluation, verification } = parts;
  const runtime = verification && {
    name: verification.runtime.name,
    profile: verification.runtime.profile,
    samples: verification.runtime.samples,
    of: verification.runtime.of,
    tensors: verification.runtime.tensors.length,
    elements: verification.runtime.elements,
    mismatches: verification.runtime.mismatches,
    maxLsb: verification.runtime.maxLsb,
    latencyMs: { float: verification.latencyMs.float, quantized: verification.latencyMs.quantized },
  };
  const top5 = topFive(evaluation.float, evaluation.quantized, verification?.file);
  return {
    ...headOf('quantization', REPORT_VERSION, parts),
    size: { float: model.floatBytes, quantized: exported.bytes.byteLength },
    ...(parts.forms?.length && { forms: parts.forms.map(formFigures) }),
    ...(parts.targets && { targets: parts.targets.map(targetRow) }),
    accuracy: {
      task: data.task.id,
      inWords: data.task.inWords,
      floatDoubt: evaluation.floatDoubt,
      metric: evaluation.float.metric,
      float: finite(evaluation.float.value),
      quantized: finite(evaluation.quantized.value),
      file: finite(verification?.file.value),
      samples: evaluation.float.samples,
      ...surenessOf(parts),
      ...(top5 && { top5 }),
      outputSqnrDb: finite(evaluation.outputSqnrDb),
    },
    outputs: (verification?.outputs ?? evaluation.outputs).map((row) => ({
      ...row,
      float: finite(row.float),
      quantized: finite(row.quantized),
      sqnrDb: finite(row.sqnrDb),
      cosine: finite(row.cosine),
      rmse: finite(row.rmse),
      maxError: finite(row.maxError),
    })),
    layers: layersOf(parts),
    runtime,
    ...(parts.verificationFailure !== undefined && { verificationFailure: parts.verificationFailure }),
    ...(parts.training && {
      training: { ...parts.training, predictionsChanged: verification?.simulation?.changed ?? null },
    }),
    timings: { ...parts.timings },
  };
}
