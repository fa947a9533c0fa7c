/**
 * One trial of a sweep: everything that its report depends on, as plain data. Trials with the same {@link trialIdentity} have
 * the same report, wherever they are done.
 */
import { z } from '../../base/zod';
import { canonicalJson } from '../../base/canonical-json';
import { METRIC_NAMES } from '../metrics/table';
import { TASK_IDS } from '../metrics/tasks';
import { settingsSchema } from '../quantize/settings-schema';
import { TARGETS } from '../targets/table';
import { trainingSchema } from './training-schema';

/** A path or an address. */
export const sourceSchema = z.string().min(1).max(4000);
export const sizesSchema = z.record(z.string().max(400), z.number().int().min(1));
export const seedSchema = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);
export const countSchema = z.number().int().min(1).max(1_000_000);
export const targetSchema = z.string().refine((id) => TARGETS.some((row) => row.id === id), 'is no target here');
export const taskSchema = z.enum(TASK_IDS);
export const metricSchema = z.enum(METRIC_NAMES);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const trialSchema = z.strictObject({
  /** The version that does it: another may compute other figures. */
  rangefinder: z.string().max(40),
  model: z.strictObject({ source: sourceSchema, sha256, sizes: sizesSchema.optional() }),
  data: z.strictObject({
    /** "random" is noise made of the seed. */
    source: sourceSchema,
    labels: sourceSchema.optional(),
    evaluate: sourceSchema.optional(),
    evaluateLabels: sourceSchema.optional(),
    /** Of all files that these name. */
    sha256,
    calibrationSamples: countSchema,
    evaluationSamples: countSchema,
    task: taskSchema.optional(),
    metric: metricSchema.optional(),
  }),
  settings: settingsSchema,
  /** Finds out which algorithms help, beginning with these settings. */
  improve: z.boolean(),
  training: trainingSchema.nullable(),
  targets: z.array(targetSchema).max(100),
  seed: seedSchema,
  /** Samples of which every tensor of the file is compared with the integer reference. */
  compareSamples: z.number().int().min(0).max(10_000),
});

export type Trial = z.infer<typeof trialSchema>;

/** What a trial's key is the hash of: all of it but where its files lie, for which their hashes stand. */
export function trialIdentity({ model, data, ...rest }: Trial): string {
  const { source: _model, ...theModel } = model;
  const { source: _data, labels: _labels, evaluate: _evaluate, evaluateLabels: _own, ...theData } = data;
  return canonicalJson({ ...rest, model: theModel, data: theData });
}
