/**
 * What the browser keeps of a training, and how it is read back: another version of the studio, or another program of the
 * same origin, may have written what is there.
 */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import type { QuantSettings } from '../../core/quantize/settings';
import { keptFormat } from '../../core/project/checkpoint-bytes';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import { withDefaults } from '../../core/training/settings';
import type { KeptTraining, Trained } from '../slices/training';

export const RECORD_VERSION = 1;

const choice = z.object({ id: z.string(), params: z.record(z.string(), z.number()) });
const range = z.object({ min: z.number(), max: z.number() });

/** Later versions may add to these: what is not known is carried along. */
const quantSettings = z.looseObject({
  version: z.literal(1),
  weights: z.looseObject({ granularity: z.enum(['channel', 'tensor']), estimator: choice }),
  activations: z.looseObject({ estimator: choice }),
  io: z.enum(['int8', 'float32']),
  tensors: z.record(z.string(), z.looseObject({ estimator: choice.optional(), range: range.optional() })),
  layers: z.record(z.string(), z.looseObject({})),
  algorithms: z.array(choice).optional(),
  trained: z.string().optional(),
});

const figure = z.number().nullable();

const trained = z.object({
  id: z.string(),
  from: quantSettings.transform((value) => value as unknown as QuantSettings),
  settings: quantSettings.transform((value) => value as unknown as QuantSettings),
  training: z.record(z.string(), z.unknown()).transform(withDefaults),
  epoch: z.number(),
  epochs: z.number(),
  milliseconds: z.number(),
  history: z.array(
    z.object({
      epoch: z.number(),
      trainLoss: figure,
      validationLoss: z.number(),
      trainAccuracy: figure,
      validationAccuracy: figure,
      learningRate: z.number(),
      milliseconds: z.number(),
    }),
  ),
  samples: z.object({ train: z.number(), validation: z.number() }),
  objective: z.string(),
  stepMs: z.number(),
  notes: z.array(z.string()),
});

const summary = z.object({
  version: z.literal(RECORD_VERSION),
  model: z.object({ fingerprint: z.string(), name: z.string() }),
  savedAt: z.number(),
  data: z.object({ name: z.string(), samples: z.number(), seed: z.number(), evaluationSamples: z.number() }),
  trained,
});

const floats = z.instanceof(Float32Array);

const checkpoint = z.object({
  version: z.literal(RECORD_VERSION),
  checkpoint: z.looseObject({
    version: z.literal(1),
    weights: z.record(
      z.string(),
      z.looseObject({
        values: floats,
        scale: floats.optional(),
        format: keptFormat.optional(),
        quantizedDimension: z.number().optional(),
      }),
    ),
    biases: z.record(z.string(), floats),
    activations: z.record(z.string(), z.looseObject({ scale: z.number(), zeroPoint: z.number() })),
    epoch: z.number(),
    loss: z.number(),
  }),
});

export function writeSummary({ model, savedAt, data, trained }: Omit<KeptTraining, 'key'>): unknown {
  return { version: RECORD_VERSION, model, savedAt, data, trained };
}

/** null for what is no summary of this version. */
export function readSummary(key: string, value: unknown): KeptTraining | null {
  const parsed = summary.safeParse(value);
  if (!parsed.success) return null;
  const { version: _, ...record } = parsed.data;
  return { key, ...record, trained: record.trained satisfies Trained };
}

/** How trained weights came about, from a project file. @throws RangefinderError 'corrupt-file' */
export function readTrained(value: unknown): Trained {
  const parsed = trained.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RangefinderError({
    code: 'corrupt-file',
    message: 'The project’s trained weights do not say how they came about.',
    hint: 'Save the project again from the page it came from, or train again.',
  });
}

export function writeCheckpoint(value: QatCheckpoint): unknown {
  return { version: RECORD_VERSION, checkpoint: value };
}

/** null for what is no checkpoint of this version. */
export function readCheckpoint(value: unknown): QatCheckpoint | null {
  const parsed = checkpoint.safeParse(value);
  return parsed.success ? parsed.data.checkpoint : null;
}
