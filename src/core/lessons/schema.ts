/**
 * A lesson as it is written down: a file of data, never of code. `npm run schemas` publishes this as schemas/lesson.json.
 * Form of the steps: predict → act → observe → reflect (White and Gunstone 1992, "Probing Understanding").
 */
import { z } from '../../base/zod';
import { KIND } from './kind';

/** Names that expressions and results use. */
const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'An id is lower-case letters, digits and hyphens, and begins with a letter.');
const line = z.string().min(1).max(200);
/** Markdown without HTML. */
const markdown = z.string().min(1).max(4000);
/** Of src/core/lessons/vocabulary.ts. */
const expression = z.string().min(1).max(500);

export const VIEWS = ['layer', 'samples', 'diagnose', 'improve', 'mix', 'train', 'cost', 'runs'] as const;
export const SIDES = ['data', 'settings', 'export'] as const;
/**
 * Parts of the page that can be locked or hidden, or be all that is shown. "summary": what came of quantizing, on top;
 * "findings": what the diagnosis has to say in words.
 */
export const PARTS = ['open', 'summary', 'list', ...VIEWS, 'findings', ...SIDES] as const;
export type Part = (typeof PARTS)[number];

const tensorPart = z.enum(['weights', 'activations']);

const choices = z
  .array(z.strictObject({ id, label: line }))
  .min(2)
  .max(12);

export const inputSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('number'),
    label: line,
    unit: z.string().max(12).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    step: z.number().positive().optional(),
  }),
  z.strictObject({ type: z.literal('choice'), label: line, options: choices }),
  /** A mark on the distribution of a layer: a number of its axis. */
  z.strictObject({ type: z.literal('mark'), label: line, layer: line, part: tensorPart }),
]);
export type LessonInput = z.infer<typeof inputSchema>;

/** Drawn inside the lesson; what it computes, checks read with `figure("…")`. */
export const figureSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('dot-product'),
    inputs: z.array(z.number().int().min(-128).max(127)).min(1).max(8),
    weights: z.array(z.number().int().min(-128).max(127)).min(1).max(8),
    inputZeroPoint: z.number().int().min(-128).max(127),
    bias: z.number(),
    inputScale: z.number().positive(),
    weightScale: z.number().positive(),
    outputScale: z.number().positive(),
    outputZeroPoint: z.number().int().min(-128).max(127),
  }),
  z.strictObject({ type: z.literal('codebook'), layer: line, centroids: z.number().int().min(2).max(16) }),
  z.strictObject({ type: z.literal('packing'), codes: z.array(z.number().int().min(-8).max(7)).min(2).max(16) }),
]);
export type LessonFigure = z.infer<typeof figureSchema>;

const shown = z.strictObject({
  view: z.enum(VIEWS).optional(),
  side: z.enum(SIDES).optional(),
  layer: line.optional(),
  /** Of that layer, what is scrolled to. */
  part: tensorPart.optional(),
  /** The range lab under the histograms. */
  lab: z.boolean().optional(),
});

const common = { id, title: line, text: markdown, figure: figureSchema.optional(), show: shown.optional() };

const predict = z.strictObject({
  ...common,
  kind: z.literal('predict'),
  /** Locked until the prediction is made. */
  locks: z.array(z.enum(PARTS)).default([]),
  input: inputSchema,
  /** What it turns out to be, once that is known: the teacher's key, and what the prediction is held against. */
  truth: expression,
  /** How far a number may be off to count as right. */
  near: z.number().nonnegative().optional(),
});

const field = z.strictObject({ id, input: inputSchema });

const act = z.strictObject({
  ...common,
  kind: z.literal('act'),
  /** Things to fill in, which the check reads with `field("…")`. */
  fields: z.array(field).max(8).default([]),
  check: expression,
  /** What the check asks for, in words. */
  goal: line,
  hints: z.array(markdown).max(5).default([]),
  /** What a teacher reads: the way to do it. */
  solution: markdown,
});

const observe = z.strictObject({
  ...common,
  kind: z.literal('observe'),
  /** The id of the prediction that is shown beside the figures. */
  compare: id.optional(),
  figures: z
    .array(
      z.strictObject({
        label: line,
        value: expression,
        as: z.enum(['number', 'percent', 'dB', 'bytes', 'text']).default('number'),
        /** Keeps the value under this name for `recorded("…")`. */
        record: id.optional(),
      }),
    )
    .min(1)
    .max(8),
});

const reflect = z.strictObject({
  ...common,
  kind: z.literal('reflect'),
  input: inputSchema.optional(),
  /** The id of the option that is right, or the number. */
  right: z.union([id, z.number()]).optional(),
  answer: markdown,
});

export const stepSchema = z.discriminatedUnion('kind', [predict, act, observe, reflect]);
export type Step = z.infer<typeof stepSchema>;

const estimator = z.strictObject({ id: line, params: z.record(z.string(), z.number()).default({}) });
/** The settings to start from; what is left out is as the studio has it. */
const settings = z.strictObject({
  weights: z
    .strictObject({
      granularity: z.enum(['tensor', 'channel', 'block']).optional(),
      estimator: estimator.optional(),
      format: line.optional(),
      codes: z.enum(['full', 'asymmetric']).optional(),
    })
    .optional(),
  activations: z
    .strictObject({
      estimator: estimator.optional(),
      format: line.optional(),
      codes: z.literal('symmetric').optional(),
    })
    .optional(),
  io: z.enum(['int8', 'float32']).optional(),
  /** Of activations, set by hand. */
  ranges: z
    .array(z.strictObject({ layer: line, min: z.number(), max: z.number() }))
    .max(8)
    .optional(),
  algorithms: z.array(estimator).max(10).optional(),
});

export const lessonSchema = z.strictObject({
  kind: z.literal(KIND),
  version: z.literal(1),
  id,
  title: line,
  summary: line,
  goals: z.array(line).min(1).max(5),
  minutes: z.number().int().min(1).max(15),
  teacher: z.strictObject({
    goal: line,
    mistakes: z.array(line).min(1).max(5),
    question: line,
    figure: line,
  }),
  /** Where facts and figures are from. */
  sources: z.array(z.strictObject({ title: line, link: z.url({ protocol: /^https?$/ }).optional() })).max(8).default([]), // prettier-ignore
  start: z.strictObject({
    /** Addresses relative to the lesson's own. */
    model: z.array(line).min(1).max(8),
    data: z.array(line).min(1).max(8),
    samples: z
      .strictObject({
        seed: z.number().int().nonnegative(),
        calibration: z.number().int().positive().max(5000),
        evaluation: z.number().int().positive().max(5000),
      })
      .default({ seed: 42, calibration: 500, evaluation: 1000 }),
    settings: settings.default({}),
    /** Data goes in as it is stored, not as the studio would guess that it has to be prepared. */
    raw: z.literal(true).optional(),
    training: z.strictObject({ epochs: z.number().int().min(1).max(20) }).optional(),
    show: shown.default({}),
  }),
  /** Parts of the page that are not there during this lesson: what would say the answer. */
  hides: z.array(z.enum(PARTS)).default([]),
  steps: z.array(stepSchema).min(1).max(30),
});
export type Lesson = z.infer<typeof lessonSchema>;

/** public/lessons/index.json: what the gallery lists. */
export const lessonIndexSchema = z.array(
  z.strictObject({ id, title: line, summary: line, minutes: z.number(), trains: z.boolean().optional() }),
);
export type LessonEntry = z.infer<typeof lessonIndexSchema>[number];
