/** The plan of a sweep, as people write it: which models, what is varied, and whether all of it is tried or searched. */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import { ALGORITHMS, algorithmOf } from '../algorithms/table';
import { ESTIMATORS } from '../calibration/estimators/table';
import { DEFAULT_SPLIT } from '../data/defaults';
import { FORMATS } from '../number-formats/table';
import { settingsSchema } from '../quantize/settings-schema';
import { countSchema, metricSchema, seedSchema, sizesSchema, sourceSchema, targetSchema, taskSchema } from './trial';
import { trainingSchema } from './training-schema';

/** Rises when a reader of the version before could not read plans any more. */
const PLAN_VERSION = 1;

/** Values of one dimension. */
const MOST_VALUES = 1000;

const oneOf = (rows: readonly { readonly id: string }[]) => z.enum(rows.map(({ id }) => id) as [string, ...string[]]);
const several = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(MOST_VALUES).optional();

const algorithm = z.union([
  oneOf(ALGORITHMS),
  z.strictObject({ id: oneOf(ALGORITHMS), params: z.record(z.string().max(100), z.number()).default({}) }),
]);
const algorithms = z
  .array(algorithm)
  .max(ALGORITHMS.length)
  .refine((chosen) => {
    const ids = chosen.map((one) => (typeof one === 'string' ? one : one.id));
    return new Set(ids).size === ids.length && ids.filter((id) => algorithmOf(id)?.step === 'rounding').length < 2;
  }, 'names an algorithm twice, or two that both choose the codes of the weights');

const model = z.strictObject({
  /** Paths are relative to the plan; an address is fetched. */
  model: sourceSchema,
  sizes: sizesSchema.optional(),
  /** "random" is noise. */
  data: sourceSchema,
  labels: sourceSchema.optional(),
  evaluateData: sourceSchema.optional(),
  evaluateLabels: sourceSchema.optional(),
  calibrate: countSchema.default(DEFAULT_SPLIT.calibrationSamples),
  evaluate: countSchema.default(DEFAULT_SPLIT.evaluationSamples),
  task: taskSchema.optional(),
  metric: metricSchema.optional(),
});

export const planSchema = z.strictObject({
  $schema: z.string().optional(),
  sweep: z.literal(PLAN_VERSION),
  name: z.string().max(200).default('sweep'),
  models: z.array(model).min(1).max(100),
  /** What all trials begin with, as a report has it under "settings". */
  settings: settingsSchema.optional(),
  /** Every dimension that is left out stays as the settings have it. */
  vary: z
    .strictObject({
      weights: several(oneOf(FORMATS)),
      activations: several(oneOf(FORMATS)),
      granularity: several(z.enum(['tensor', 'channel', 'block'])),
      estimator: several(oneOf(ESTIMATORS)),
      weightEstimator: several(oneOf(ESTIMATORS)),
      /** "improve" finds out which of them help. */
      algorithms: several(z.union([z.literal('improve'), algorithms])),
      /** null: not trained. */
      training: several(trainingSchema.nullable()),
    })
    .default({}),
  /** Each configuration is tried with each of these, and judged by the mean. */
  seeds: z.array(seedSchema).min(1).max(MOST_VALUES).default([DEFAULT_SPLIT.seed]),
  targets: z.array(targetSchema).max(100).default([]),
  search: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('grid') }),
      z.strictObject({
        kind: z.literal('pareto'),
        /** Configurations of each model that are tried at most. */
        configurations: z.number().int().min(1).max(100_000),
        /** Configurations of a generation: they are tried at the same time, and the next ones follow from them. */
        generation: z.number().int().min(1).max(10_000).default(16),
        seed: seedSchema.default(0),
      }),
    ])
    .default({ kind: 'grid' }),
  compareSamples: z.number().int().min(0).max(10_000).default(1),
});

export type SweepPlan = z.infer<typeof planSchema>;
export type PlannedModel = SweepPlan['models'][number];

/** @throws RangefinderError 'invalid-settings' listing what is wrong in it */
export function readPlan(value: unknown, where: string): SweepPlan {
  const read = planSchema.safeParse(value);
  if (read.success) return read.data;
  const details = read.error.issues
    .slice(0, 20)
    .map(({ path, message }) => `${path.join('.') || 'the plan'}: ${message}`);
  throw new RangefinderError({
    code: 'invalid-settings',
    message: 'This is no plan of a sweep.',
    where,
    hint: 'Mend what is listed; docs/sweeps.md shows a plan, and schemas/sweep-plan.json says what one may hold.',
    details,
  });
}
