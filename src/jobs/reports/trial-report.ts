/**
 * What one trial of a sweep came to. It holds no time and no place: the same trial has the same report, byte for byte,
 * whoever does it. Versioned; readers refuse a version they do not know.
 */
import { z } from '../../base/zod';
import { METRIC_NAMES } from '../../core/metrics/table';
import type { QatSettings } from '../../core/training/settings';
import type { LintResult } from '../../core/targets/lint';
import type { Score } from '../contract/judgement-protocol';
import type { Evaluation, Exported, Verification } from '../contract/protocol';
import type { QatResult } from '../contract/qat-protocol';
import type { QuantPlan } from '../../core/quantize/plan';
import { figure, finite, headOf, headSchema, type HeadParts } from './head';
import { runData } from './run-identity';

export const TRIAL_REPORT_VERSION = 1;

const text = (most: number) => z.string().max(most);

const score = z.object({
  metric: z.enum(METRIC_NAMES),
  value: figure,
  samples: z.number(),
  /** At 95 %. */
  interval: z.object({ low: z.number(), high: z.number() }).optional(),
});

export const trialReportSchema = z.object({
  ...headSchema('trial', TRIAL_REPORT_VERSION),
  /** SHA-256 of what the trial depends on; the name of its file. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** The version that did it. */
  rangefinder: text(40),
  /** What was tried, in a few words. */
  name: text(1000),
  /** Of the model's content, as the page knows it. */
  fingerprint: text(100),
  /** Names the samples that the scores are of. */
  samples: text(1000),
  size: z.object({
    /** Bytes of the model in float. */
    float: z.number(),
    /** Bytes of the file; null where none holds these formats. */
    file: figure,
    /** Bytes that its constants take, in a file or in what would be one. */
    constants: z.number(),
  }),
  float: score,
  simulated: score,
  /** Of the file in LiteRT; null where there is none, or it could not be run. */
  file: score.nullable(),
  /** Samples that the file, or the simulation where there is none, answers otherwise than float; null where there is nothing to count. */
  changed: z.object({ n: z.number(), changed: z.number() }).nullable(),
  /** Of the worst output against float, dB, simulated. */
  outputSqnrDb: figure,
  /** The file against the integer reference; null where it was not compared. */
  reference: z.object({ samples: z.number(), elements: z.number(), mismatches: z.number() }).nullable(),
  /** Why the file could not be run. */
  failure: text(4000).optional(),
  targets: z.array(z.object({ target: text(100), runs: z.boolean(), findings: z.number() })).max(100),
  training: z
    .object({
      settings: z.looseObject({ seed: z.number(), epochs: z.number() }),
      objective: text(2000),
      bestEpoch: z.number(),
      samples: z.object({ train: z.number(), validation: z.number() }),
      /** By epoch, from the untrained model (0) on. */
      validationLoss: z.array(figure).max(10_000),
    })
    .nullable(),
  layers: z.array(z.object({ op: text(1000), sqnrDb: figure })).max(20_000),
  ranges: z.array(z.object({ tensor: text(1000), min: z.number(), max: z.number() })).max(40_000),
});

export type TrialReport = z.infer<typeof trialReportSchema>;

export interface TrialParts extends HeadParts {
  readonly key: string;
  readonly name: string;
  /** Evaluation samples that were asked for. */
  readonly evaluationSamples: number;
  readonly rangefinder: string;
  /** Null where no file holds these formats. */
  readonly exported: Exported | null;
  readonly plan: QuantPlan;
  readonly constantBytes: number;
  readonly evaluation: Evaluation;
  readonly verification: Verification | null;
  readonly failure?: string | undefined;
  readonly targets: readonly LintResult[];
  readonly trained: { readonly settings: QatSettings; readonly result: QatResult } | null;
}

const scoreOf = ({ metric, value, samples, interval }: Score) => ({
  metric,
  value: finite(value),
  samples,
  ...(interval && Number.isFinite(interval.low + interval.high) && { interval: { ...interval } }),
});

export function buildTrialReport(parts: TrialParts): TrialReport {
  const { key, rangefinder, model, data, seed, plan, exported, evaluation, verification, trained } = parts;
  const flips = (verification ?? evaluation).flips;
  const runtime = verification?.runtime;
  return {
    ...headOf('trial', TRIAL_REPORT_VERSION, parts),
    key,
    rangefinder,
    name: parts.name.slice(0, 1000),
    fingerprint: model.fingerprint,
    samples: runData(data, parts.evaluationSamples, seed),
    size: {
      float: model.floatBytes,
      file: exported && exported.bytes.byteLength,
      constants: parts.constantBytes,
    },
    float: scoreOf(evaluation.float),
    simulated: scoreOf(evaluation.quantized),
    file: verification && scoreOf(verification.file),
    changed: flips && { n: flips.n, changed: flips.changed },
    outputSqnrDb: finite(evaluation.outputSqnrDb),
    reference:
      runtime && runtime.tensors.length > 0
        ? { samples: runtime.samples, elements: runtime.elements, mismatches: runtime.mismatches }
        : null,
    ...(parts.failure !== undefined && { failure: parts.failure }),
    targets: parts.targets.map(({ target, findings }) => ({
      target,
      runs: findings.every(({ severity }) => severity !== 'error'),
      findings: findings.length,
    })),
    training: trained && {
      settings: { ...trained.settings },
      objective: trained.result.objective,
      bestEpoch: trained.result.checkpoint.epoch,
      samples: { ...trained.result.samples },
      validationLoss: trained.result.history.map(({ validationLoss }) => finite(validationLoss)),
    },
    layers: evaluation.layers.map(({ op, sqnrDb }) => ({ op, sqnrDb: finite(sqnrDb) })),
    ranges: Object.values(plan.activations).map(({ tensor, range }) => ({ tensor, min: range.min, max: range.max })),
  };
}
