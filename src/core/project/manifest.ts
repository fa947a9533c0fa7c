/**
 * What a project file says about itself and the work in it. Versioned: older manifests are brought up to date one version at
 * a time, and a newer one says so instead of being misread.
 */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import { METRIC_NAMES } from '../metrics/table';
import { settingsSchema } from '../quantize/settings-schema';
import { PROJECT_VERSION } from './version';

const text = (most: number) => z.string().max(most);
const figure = z.number().nullable();
const score = z.object({
  metric: z.enum(METRIC_NAMES),
  value: figure,
  samples: z.number(),
  /** At 95 %. */
  interval: z.object({ low: z.number(), high: z.number() }).optional(),
});

const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('resize'),
    height: z.number().int().min(1).max(65_536),
    width: z.number().int().min(1).max(65_536),
    method: z.enum(['bilinear', 'nearest']),
    fit: z.enum(['stretch', 'crop']),
  }),
  z.object({ kind: z.literal('layout'), from: z.literal('chw') }),
  z.object({ kind: z.literal('channels'), order: z.enum(['rgb', 'bgr', 'gray']) }),
  z.object({ kind: z.literal('scale'), scale: z.number(), offset: z.number() }),
  z.object({ kind: z.literal('normalize'), mean: z.array(z.number()).max(4096), std: z.array(z.number()).max(4096) }),
  z.object({ kind: z.literal('reshape'), shape: z.array(z.number().int()).max(8) }),
  z.object({
    kind: z.literal('waveform'),
    rate: z.number(),
    samples: z.number(),
    every: z.number(),
    gain: z.enum(['none', 'peak']),
  }),
  z.object({
    kind: z.literal('spectrogram'),
    window: z.number(),
    hop: z.number(),
    fft: z.number(),
    frames: z.enum(['start', 'centred', 'mirrored']),
    power: z.union([z.literal(1), z.literal(2)]),
  }),
  z.object({
    kind: z.literal('mel'),
    bands: z.number(),
    low: z.number(),
    high: z.number(),
    filters: z.enum(['tensorflow', 'htk', 'slaney']),
  }),
  z.object({
    kind: z.literal('log'),
    base: z.enum(['e', '10', 'dB']),
    epsilon: z.number(),
    floor: z.enum(['add', 'clamp']),
    range: z.number(),
    reference: z.enum(['one', 'peak']),
  }),
  z.object({ kind: z.literal('dct'), coefficients: z.number(), norm: z.enum(['tensorflow', 'orthonormal']) }),
  z.object({ kind: z.literal('transpose') }),
]);

export const pipelineSchema = z.array(step).max(32);

/** What a person decides: all that undo goes back through. */
export const choicesSchema = z.object({
  settings: settingsSchema,
  data: z.looseObject({
    seed: z.number().int().min(0),
    calibrationSamples: z.number().int().min(1),
    evaluationSamples: z.number().int().min(1),
    preprocessing: pipelineSchema.optional(),
  }),
  /** Parsed by whoever trains: settings that are not there yet take their defaults. */
  training: z.record(z.string(), z.unknown()).optional(),
});

export const runSchema = z.object({
  id: text(100),
  name: text(200),
  starred: z.boolean(),
  /** Milliseconds since 1970. */
  at: z.number(),
  settings: settingsSchema,
  /** Names the samples that the scores are of: runs on others are not compared. */
  data: text(400),
  bytes: figure,
  float: score,
  simulated: score,
  file: score.nullable(),
  /** Whether the runtime computed what integer arithmetic predicts; null where it was not asked. */
  exact: z.boolean().nullable(),
  latencyMs: figure,
  outputSqnrDb: figure,
  layers: z.array(z.object({ op: text(1000), sqnrDb: figure })).max(20_000),
  ranges: z.array(z.object({ tensor: text(1000), min: z.number(), max: z.number() })).max(40_000),
});

export const manifestSchema = z.object({
  kind: z.literal('rangefinder-project'),
  version: z.literal(PROJECT_VERSION),
  generator: text(100),
  savedAt: text(40),
  model: z.object({
    name: text(400),
    fingerprint: text(100),
    /** Paths of its files in the archive; none where it holds no model. */
    files: z.array(text(1000)).max(10_000),
    sizes: z.record(z.string(), z.number().int().min(1)).optional(),
    sample: text(100).optional(),
  }),
  data: z
    .object({
      name: text(400),
      kind: z.enum(['images', 'array', 'table', 'audio', 'random']),
      samples: z.number(),
      files: z.array(text(1000)).max(500_000),
      /** Which of them holds the labels, where they are kept apart. */
      labels: text(1000).optional(),
    })
    .nullable(),
  choices: choicesSchema,
  past: z.array(choicesSchema).max(200).optional(),
  future: z.array(choicesSchema).max(200).optional(),
  view: z.object({ tab: text(40), side: text(40), layer: text(1000).nullable() }).optional(),
  runs: z.array(runSchema).max(1000),
  /** Names of the trained weights that lie beside it. */
  trained: z.array(text(200)).max(100),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Run = z.infer<typeof runSchema>;
export type ChoicesRecord = z.infer<typeof choicesSchema>;

/** From the version that is its key to the next. */
export type Upgraders = ReadonlyMap<number, (manifest: Record<string, unknown>) => Record<string, unknown>>;

const UPGRADERS: Upgraders = new Map();

/**
 * @param where names the file in errors
 * @throws RangefinderError 'unsupported-feature' for one of a newer Rangefinder, 'corrupt-file' for what is no manifest
 */
export function readManifest<T = Manifest>(
  value: unknown,
  where: string,
  { schema, version, upgraders }: { schema: z.ZodType<T>; version: number; upgraders: Upgraders } = {
    schema: manifestSchema as unknown as z.ZodType<T>,
    version: PROJECT_VERSION,
    upgraders: UPGRADERS,
  },
): T {
  const head = z.looseObject({ kind: z.literal('rangefinder-project'), version: z.number().int().min(1) });
  const known = head.safeParse(value);
  if (!known.success)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'This is no Rangefinder project.',
      where,
      hint: 'Open a file that was saved with “Save project”.',
    });
  if (known.data.version > version)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `This project was saved by a newer Rangefinder: its version is ${known.data.version}, this page reads up to ${version}.`,
      where,
      hint: 'Reload the page to get the newest Rangefinder, and open the project again.',
    });
  let manifest: Record<string, unknown> = known.data;
  for (let at = known.data.version; at < version; at++) manifest = { ...upgraders.get(at)!(manifest), version: at + 1 };
  const parsed = schema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RangefinderError({
    code: 'corrupt-file',
    message: `The project cannot be read: ${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'is wrong'}.`,
    where,
    hint: 'It is damaged or was changed by hand; save it again from the page it came from.',
  });
}
