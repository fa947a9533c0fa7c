/**
 * A training as a file: what was trained how, and float, PTQ and QAT on the same samples. Written by the command line; of what
 * a page trained, the report of its export tells (report.ts). Versioned; readers refuse a version they do not know.
 */
import { z } from '../../base/zod';
import type { QatSettings } from '../../core/training/settings';
import type { Evaluation, Verification } from '../contract/protocol';
import type { QatResult } from '../contract/qat-protocol';
import { figure, finite, headOf, headSchema, metric, type HeadParts } from './head';

export const QAT_REPORT_VERSION = 2;

export const qatReportSchema = z.object({
  /** `data` is what was evaluated on. */
  ...headSchema('training', QAT_REPORT_VERSION),
  formats: z.object({
    weights: z.string(),
    activations: z.string(),
    granularity: z.enum(['tensor', 'channel', 'block']),
  }),
  /** As `rangefinder qat --help` explains them. */
  training: z.looseObject({ seed: z.number(), epochs: z.number() }),
  /** The loss in words. */
  objective: z.string(),
  samples: z.object({ train: z.number(), validation: z.number(), evaluation: z.number() }),
  accuracy: z.object({
    metric,
    float: figure,
    /** Quantized, not trained; simulated. */
    ptq: figure,
    /** Trained; simulated. */
    qat: figure,
    /** Of the exported file in LiteRT; null where no file holds these formats. */
    file: figure,
  }),
  /** The file against the simulation and against the integer reference. */
  file: z
    .object({ bytes: z.number(), predictionsChanged: figure, elements: z.number(), mismatches: z.number() })
    .nullable(),
  /** By epoch, from the untrained model (0) on; accuracies are null where there is nothing to count. */
  history: z.array(
    z.object({
      epoch: z.number(),
      trainLoss: figure,
      validationLoss: figure,
      trainAccuracy: figure,
      validationAccuracy: figure,
      learningRate: z.number(),
      milliseconds: z.number(),
    }),
  ),
  bestEpoch: z.number(),
  /** What training ran on. */
  backend: z.string().optional(),
  /** Median of one step. */
  stepMs: z.number(),
  notes: z.array(z.string()),
});

export type QatReport = z.infer<typeof qatReportSchema>;

export interface QatReportParts extends Omit<HeadParts, 'seed'> {
  readonly training: QatSettings;
  readonly trained: QatResult;
  /** Before and after training, on the same samples. */
  readonly ptq: Evaluation;
  readonly qat: Evaluation;
  readonly file: { readonly bytes: number; readonly verification: Verification } | null;
}

export function buildQatReport(parts: QatReportParts): QatReport {
  const { settings, trained, ptq, qat, file } = parts;
  return {
    ...headOf('training', QAT_REPORT_VERSION, { ...parts, seed: parts.training.seed }),
    formats: {
      weights: settings.weights.format ?? 'int8',
      activations: settings.activations.format ?? 'int8',
      granularity: settings.weights.granularity,
    },
    training: { ...parts.training },
    objective: trained.objective,
    samples: { ...trained.samples, evaluation: ptq.float.samples },
    accuracy: {
      metric: ptq.float.metric,
      float: finite(ptq.float.value),
      ptq: finite(ptq.quantized.value),
      qat: finite(qat.quantized.value),
      file: file && finite(file.verification.file.value),
    },
    file: file && {
      bytes: file.bytes,
      predictionsChanged: file.verification.simulation?.changed ?? null,
      elements: file.verification.runtime.elements,
      mismatches: file.verification.runtime.mismatches,
    },
    history: trained.history.map((row) => ({
      ...row,
      trainLoss: finite(row.trainLoss),
      validationLoss: finite(row.validationLoss),
    })),
    bestEpoch: trained.checkpoint.epoch,
    ...(trained.backend !== undefined && { backend: trained.backend }),
    stepMs: trained.stepMs,
    notes: [...trained.notes],
  };
}
