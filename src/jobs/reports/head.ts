/** What all reports begin with, in the same words: which program, model, data and settings they are about. */
import { z } from '../../base/zod';
import { METRIC_NAMES } from '../../core/metrics/table';
import type { QuantSettings } from '../../core/quantize/settings';
import type { DataSetView, ModelView } from '../contract/protocol';

/** Infinite and NaN figures have no JSON form; null says "no finite value" (what is exact has infinite SQNR). */
export const figure = z.number().nullable();

/** Of the metric table: shares are 0..1, sqnr in dB, errors in the targets’ unit. */
export const metric = z.enum(METRIC_NAMES);

const tensor = z.object({ name: z.string(), shape: z.array(z.number()) });

/** Readers refuse a version they do not know. */
export function headSchema<const K extends string, const V extends number>(report: K, version: V) {
  return {
    report: z.literal(report),
    version: z.literal(version),
    generator: z.string(),
    model: z.object({
      name: z.string(),
      format: z.string(),
      parameters: z.number(),
      macs: z.number(),
      inputs: z.array(tensor),
      outputs: z.array(tensor),
      notes: z.array(z.string()),
    }),
    data: z.object({
      name: z.string(),
      kind: z.string(),
      samples: z.number(),
      classes: z.number(),
      calibrationSamples: z.number(),
      evaluationSamples: z.number(),
      /** The pipeline in words. */
      preprocessing: z.string(),
      /** The pipeline as data. */
      pipeline: z.array(z.looseObject({ kind: z.string() })),
      seed: z.number(),
    }),
    settings: z.looseObject({ version: z.literal(1) }),
  };
}

export interface HeadParts {
  readonly model: ModelView;
  readonly data: DataSetView;
  readonly seed: number;
  readonly settings: QuantSettings;
}

export function headOf<const K extends string, const V extends number>(
  report: K,
  version: V,
  { model, data, seed, settings }: HeadParts,
) {
  const named = ({ id, shape }: ModelView['inputs'][number]) => ({ name: id, shape: [...shape] });
  return {
    report,
    version,
    generator: 'Rangefinder',
    model: {
      name: model.name,
      format: model.format,
      parameters: model.parameters,
      macs: model.macs,
      inputs: model.inputs.map(named),
      outputs: model.outputs.map(named),
      notes: [...model.notes],
    },
    data: {
      name: data.name,
      kind: data.kind,
      samples: data.samples,
      classes: data.classNames.length,
      calibrationSamples: data.calibrationSamples,
      evaluationSamples: data.evaluationSamples,
      preprocessing: data.inWords,
      pipeline: data.preprocessing.map((step) => ({ ...step })),
      seed,
    },
    settings: { ...settings },
  };
}

/** JSON knows no infinity and no NaN. */
export function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}
