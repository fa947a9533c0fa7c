/**
 * The diagnosis as a file: what was found and measured, and under which settings. Written by the command line. Versioned;
 * readers refuse a version they do not know.
 */
import { z } from '../../base/zod';
import { splitSqnrDb } from '../../core/metrics/error-split';
import { sqnrDb } from '../../core/metrics/error-accumulator';
import type { Difference } from '../../core/metrics/interval';
import type { Diagnosis, Judged } from '../contract/diagnosis-protocol';
import type { Spec } from '../contract/jobs';
import type { LayerSensitivity } from '../contract/protocol';
import { figure, finite, headOf, headSchema, metric, type HeadParts } from './head';

export const DIAGNOSIS_VERSION = 2;

/** Mean powers, in squared units of the tensor; see error-split.ts. */
const split = z.object({
  tensor: z.string(),
  op: z.string().nullable(),
  signal: z.number(),
  clipping: z.number(),
  rounding: z.number(),
  weights: z.number(),
  propagated: z.number(),
  /** Of the whole error: the four parts and `cross`, twice their correlations. */
  total: z.number(),
  cross: z.number(),
  clippedShare: z.number(),
  sqnrDb: figure,
});

/** Against other settings on the same samples, at 95 %. */
const difference = z.object({ value: figure, low: figure, high: figure, n: z.number() });
/** `change` is against the settings as they are; absent for these themselves. */
const judged = z.object({ sqnrDb: figure, score: figure, change: difference.optional() });

export const diagnosisReportSchema = z.object({
  ...headSchema('diagnosis', DIAGNOSIS_VERSION),
  metric,
  /** Evaluation samples that errors and shares were looked at on. */
  samples: z.number(),
  /** Of the output against float, before a final softmax. */
  sqnrDb: figure,
  /** Calibration samples that nothing was learnt from; fixes are tried on them. */
  held: z.object({
    samples: z.number(),
    float: figure,
    before: judged,
    /** What the settings as they are change against float. */
    loss: difference,
    /** Whether answers rank the findings as well; on few samples only the worst output's SQNR does. */
    countsAnswers: z.boolean(),
  }),
  findings: z.array(
    z.object({
      check: z.string(),
      severity: z.enum(['severe', 'moderate', 'minor']),
      /** Of the output's noise, 0..1. */
      cost: z.number(),
      title: z.string(),
      sentence: z.string(),
      layers: z.array(z.string()),
      evidence: z.array(z.object({ label: z.string(), value: z.string() })),
      fixes: z.array(
        z.object({
          kind: z.enum(['settings', 'preprocessing', 'calibration']),
          label: z.string(),
          /** What it changes; by kind a patch of the settings, a pipeline, a number of samples. */
          change: z.unknown(),
          /** On the held samples; absent where it was not tried. */
          after: judged.optional(),
        }),
      ),
      /** What was tried as well and brought nothing. */
      inert: z.array(z.string()),
    }),
  ),
  activations: z.array(split),
  weights: z.array(
    z.object({
      tensor: z.string(),
      op: z.string(),
      signal: z.number(),
      clipping: z.number(),
      rounding: z.number(),
      sqnrDb: figure,
    }),
  ),
  /** Of the noise that layers bring to the output, each quantized alone. */
  shares: z.array(z.object({ op: z.string(), share: z.number(), sqnrDb: figure })),
  sensitivity: z
    .object({
      mode: z.enum(['alone', 'all-but']),
      part: z.enum(['both', 'weights', 'activations']),
      samples: z.number(),
      layers: z.array(z.object({ op: z.string(), delta: figure, sqnrDb: figure, gainDb: figure.optional() })),
    })
    .nullable(),
});

export type DiagnosisReport = z.infer<typeof diagnosisReportSchema>;

export interface DiagnosisReportParts extends HeadParts {
  readonly diagnosis: Diagnosis;
  readonly sensitivity: { readonly spec: Spec<'sensitivity'>; readonly layers: readonly LayerSensitivity[] } | null;
}

const differenceOf = ({ value, low, high, n }: Difference) => ({ value: finite(value), low: finite(low), high: finite(high), n }); // prettier-ignore

const judgedOf = ({ sqnrDb: db, score, change }: Judged) => ({
  sqnrDb: finite(db),
  score: finite(score.value),
  ...(change && { change: differenceOf(change) }),
});

function findingsOf({ findings }: Diagnosis): DiagnosisReport['findings'] {
  return findings.map(({ check, severity, cost, title, sentence, layers, evidence, fixes, effects, inert }) => ({
    check,
    severity,
    cost,
    title,
    sentence,
    layers: [...layers],
    evidence: evidence.map((row) => ({ ...row })),
    fixes: fixes.map((fix, i) => ({
      kind: fix.kind,
      label: fix.label,
      change: fix.kind === 'settings' ? fix.patch : fix.kind === 'preprocessing' ? fix.pipeline : fix.samples,
      ...(effects[i] && { after: judgedOf(effects[i]) }),
    })),
    inert: [...inert],
  }));
}

/** @param parts of a diagnosis that ran to its end */
export function buildDiagnosisReport(parts: DiagnosisReportParts): DiagnosisReport {
  const { diagnosis, sensitivity } = parts;
  const { held } = diagnosis;
  if (!held) throw new Error('the diagnosis has not come to its end');
  return {
    ...headOf('diagnosis', DIAGNOSIS_VERSION, parts),
    metric: held.float.metric,
    samples: diagnosis.samples,
    sqnrDb: finite(diagnosis.sqnrDb),
    held: {
      samples: held.samples,
      float: finite(held.float.value),
      before: judgedOf(held.before),
      loss: differenceOf(held.loss),
      countsAnswers: held.countsAnswers,
    },
    findings: findingsOf(diagnosis),
    activations: diagnosis.activations.map(({ count: _, ...row }) => ({ ...row, sqnrDb: finite(splitSqnrDb(row)) })),
    weights: diagnosis.weights.map(({ count: _, ...row }) => ({
      ...row,
      sqnrDb: finite(sqnrDb(row.signal, row.clipping + row.rounding)),
    })),
    shares: diagnosis.shares.map((row) => ({ ...row, sqnrDb: finite(row.sqnrDb) })),
    sensitivity: sensitivity && {
      mode: sensitivity.spec.mode ?? 'alone',
      part: sensitivity.spec.part ?? 'both',
      samples: sensitivity.spec.samples,
      layers: sensitivity.layers.map(({ op, delta, sqnrDb: db, gainDb }) => ({
        op,
        delta: finite(delta),
        sqnrDb: finite(db),
        ...(gainDb !== undefined && { gainDb: finite(gainDb) }),
      })),
    },
  };
}
