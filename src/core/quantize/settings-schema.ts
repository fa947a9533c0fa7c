/** Quantization settings from a file, a link or a report: what is no settings is refused, names of unknown rows as well. */
import { z } from '../../base/zod';
import { ALGORITHMS } from '../algorithms/table';
import { ESTIMATORS } from '../calibration/estimators/table';
import { FORMATS } from '../number-formats/table';
import type { QuantSettings } from './settings';

/** Far more than any model has layers; a larger table is no person's choice. */
const MOST_ENTRIES = 20_000;

const oneOfRows = (rows: readonly { readonly id: string }[]) =>
  z.string().refine((id) => rows.some((row) => row.id === id), 'is not known here');
const table = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string().max(1000), value)
    .refine((all) => Object.keys(all).length <= MOST_ENTRIES, 'has too many entries');

const params = z.record(z.string().max(100), z.number());
const estimator = z.object({ id: oneOfRows(ESTIMATORS), params });
const range = z.object({ min: z.number(), max: z.number() }).refine(({ min, max }) => min <= max, 'is upside down');
const format = oneOfRows(FORMATS);
const granularity = z.enum(['tensor', 'channel', 'block']);

/** Choices of a later version are carried along: whoever knows them looks at them. */
const layer = z.looseObject({
  keepFloat: z.boolean().optional(),
  weightFormat: format.optional(),
  activationFormat: format.optional(),
  granularity: granularity.optional(),
  weightEstimator: estimator.optional(),
  activationEstimator: estimator.optional(),
  weightRange: range.optional(),
  activationRange: range.optional(),
});

const fileType = z.enum(['int8', 'uint8', 'float32']);

const schema = z.looseObject({
  version: z.literal(1),
  weights: z.looseObject({
    granularity,
    estimator,
    format: format.optional(),
    codes: z.enum(['full', 'asymmetric']).optional(),
  }),
  activations: z.looseObject({ estimator, format: format.optional(), codes: z.literal('symmetric').optional() }),
  io: fileType,
  ioTensors: table(fileType).optional(),
  tensors: table(
    z.looseObject({
      estimator: estimator.optional(),
      range: range.optional(),
      format: format.optional(),
      channels: z.record(z.string().regex(/^\d{1,7}$/), range).optional(),
    }),
  ),
  layers: table(layer),
  rules: z
    .array(
      z.object({
        name: z.string().max(1000).optional(),
        kind: z.string().max(100).optional(),
        place: z.enum(['first', 'last', 'ends']).optional(),
        override: layer,
      }),
    )
    .max(1000)
    .optional(),
  algorithms: z
    .array(z.object({ id: oneOfRows(ALGORITHMS), params }))
    .max(100)
    .optional(),
  trained: z.string().max(200).optional(),
});

/** As a part of other schemas. */
export const settingsSchema = schema.transform((value) => value as unknown as QuantSettings);
