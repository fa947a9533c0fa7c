/**
 * The report: what was quantized, how, and what came of it. Written by the page's export panel and by the command line,
 * from the same results. Versioned; readers refuse a version they do not know.
 */
import { lookup } from '../../base/lookup';
import { z } from '../../base/zod';
import type { RuntimeComparison } from '../contract/runtime-protocol';
import type { LintResult } from '../../core/targets/lint';
import { bitsOf, INT8_ACTIVATION } from '../../core/number-formats/format';
import type { FormResult } from '../contract/form-protocol';
import type { Evaluation, Exported, LayerSensitivity, Verification } from '../contract/protocol';
import { accuracyOf, accuracySchema, outputRows, outputsSchema } from './accuracy';
import { figure, finite, headOf, headSchema, type HeadParts } from './head';

export const REPORT_VERSION = 1;

export const reportSchema = z.object({
  ...headSchema('quantization', REPORT_VERSION),
  /** Bytes. */
  size: z.object({ float: z.number(), quantized: z.number() }),
  accuracy: accuracySchema,
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
  /** The int8 file on other runtimes, by their arithmetic, against LiteRT. */
  runtimes: z
    .array(
      z.object({
        id: z.string(),
        profile: z.string(),
        /** Why nothing is known. */
        unknown: z.string().nullable(),
        figures: z
          .object({
            samples: z.number(),
            metric: z.string(),
            score: figure,
            predictionsChanged: figure,
            elements: z.number(),
            elementsChanged: z.number(),
            /** Where the two part first, and by how many steps at most. */
            first: z.object({ tensor: z.string(), mismatches: z.number(), maxLsb: z.number() }).nullable(),
          })
          .nullable(),
      }),
    )
    .optional(),
  outputs: outputsSchema,
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
  readonly runtimes?: readonly RuntimeComparison[];
  readonly training?: Omit<NonNullable<Report['training']>, 'predictionsChanged'>;
  readonly timings: Readonly<Record<string, number>>;
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

function runtimeRow({ runtime, profile, unknown, figures }: RuntimeComparison) {
  return {
    id: runtime,
    profile,
    unknown,
    figures: figures && { ...figures, metric: figures.score.metric, score: finite(figures.score.value) },
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
  const { model, exported, verification } = parts;
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
  return {
    ...headOf('quantization', REPORT_VERSION, parts),
    size: { float: model.floatBytes, quantized: exported.bytes.byteLength },
    ...(parts.forms?.length && { forms: parts.forms.map(formFigures) }),
    ...(parts.runtimes && { runtimes: parts.runtimes.map(runtimeRow) }),
    ...(parts.targets && { targets: parts.targets.map(targetRow) }),
    accuracy: accuracyOf(parts),
    outputs: outputRows(parts),
    layers: layersOf(parts),
    runtime,
    ...(parts.verificationFailure !== undefined && { verificationFailure: parts.verificationFailure }),
    ...(parts.training && {
      training: { ...parts.training, predictionsChanged: verification?.simulation?.changed ?? null },
    }),
    timings: { ...parts.timings },
  };
}
