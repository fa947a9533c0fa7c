/**
 * What a student hands in: a file with everything predicted and answered, and a code of twenty letters that can be read
 * aloud. Both end in a digest of the lesson and of what they say, so that one edited by hand is noticed.
 */
import { z } from '../../base/zod';
import { canonicalJson } from '../../base/canonical-json';
import { RangefinderError } from '../../base/errors';
import { digest, digestText } from './digest';
import type { Progress } from './progress';
import type { Lesson } from './schema';

export const RESULT_KIND = 'rangefinder-result';

const value = z.union([z.number(), z.string().max(200), z.boolean()]);
const step = z.string().max(40);

const resultSchema = z.strictObject({
  kind: z.literal(RESULT_KIND),
  version: z.literal(1),
  lesson: z.string().max(40),
  title: z.string().max(200),
  hash: z.string().max(20),
  name: z.string().max(80),
  finished: z.boolean(),
  /** Steps done, of how many. */
  done: z.number().int().nonnegative(),
  steps: z.number().int().positive().max(30),
  predictions: z.array(z.strictObject({ step, label: z.string().max(200), value, truth: value.nullable(), right: z.boolean().nullable() })).max(30), // prettier-ignore
  answers: z.array(z.strictObject({ step, field: step.optional(), value })).max(300),
  hints: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  best: z.strictObject({ score: z.number(), bytes: z.number() }).nullable(),
  signature: z.string().max(20),
});
export type LessonResult = z.infer<typeof resultSchema>;

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

export function resultOf(lesson: Lesson, progress: Progress, name: string): LessonResult {
  const predictions = lesson.steps.flatMap((one) => {
    if (one.kind !== 'predict' || !progress.done.includes(one.id)) return [];
    const answer = progress.answers.find((entry) => entry.step === one.id);
    if (!answer) return [];
    const seen = progress.truths.find((entry) => entry.step === one.id);
    return [{ step: one.id, label: one.input.label, value: answer.value, truth: seen?.value ?? null, right: seen?.right ?? null }]; // prettier-ignore
  });
  const isPrediction = new Set(predictions.map((one) => one.step));
  const unsigned = {
    kind: RESULT_KIND,
    version: 1,
    lesson: lesson.id,
    title: lesson.title,
    hash: progress.hash,
    name: name.trim().slice(0, 80),
    finished: progress.finished,
    done: lesson.steps.filter(({ id }) => progress.done.includes(id)).length,
    steps: lesson.steps.length,
    predictions,
    answers: progress.answers.filter((entry) => !isPrediction.has(entry.step)).map((entry) => ({ ...entry })),
    hints: sum(progress.hints.map(({ shown }) => shown)),
    failed: sum(progress.attempts.map(({ failed }) => failed)),
    best: progress.best,
  } as const;
  return { ...unsigned, signature: signatureOf(unsigned) };
}

function signatureOf(unsigned: Omit<LessonResult, 'signature'>): string {
  return digestText(canonicalJson(unsigned));
}

/** Whether a result says what it said when it was handed in. */
export function isGenuine({ signature, ...unsigned }: LessonResult): boolean {
  return signature === signatureOf(unsigned);
}

/** @throws RangefinderError 'corrupt-file' where the text is no result */
export function readResult(text: string): LessonResult {
  let parsed;
  try {
    parsed = resultSchema.safeParse(JSON.parse(text));
  } catch {
    parsed = null;
  }
  if (parsed?.success) return parsed.data;
  const issue = parsed?.error.issues[0];
  throw new RangefinderError({
    code: 'corrupt-file',
    message: `This is not a result of a lesson${issue ? ` (${issue.path.join('.') || 'the whole'}: ${issue.message})` : ': it is not JSON'}.`,
    hint: 'Hand in the file that the lesson saved, or the code of twenty letters.',
  });
}

/** What a code tells by itself. */
export interface CodedResult {
  /** Of the lesson's id. */
  readonly lesson: number;
  readonly finished: boolean;
  readonly done: number;
  readonly right: number;
  readonly predicted: number;
  /** At most 31 of each. */
  readonly hints: number;
  readonly failed: number;
  /** Of the best file, in thousandths; null without one. */
  readonly score: number | null;
  /** Tells two students with equal results apart. */
  readonly student: number;
}

/** Crockford's alphabet without I, L, O, U: nothing in it is mistaken for something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FIELDS = [
  ['lesson', 15],
  ['finished', 1],
  ['done', 5],
  ['right', 4],
  ['predicted', 4],
  ['hints', 5],
  ['failed', 5],
  ['score', 11],
  ['student', 20],
] as const;
/** 70 bits say something, 30 are the digest. */
const DIGEST_LETTERS = 6;
const NO_SCORE = 2047;

export const lessonNumber = (id: string) => digest(id) % 2 ** 15;

export function codeOf(result: LessonResult): string {
  const numbers: Readonly<Record<(typeof FIELDS)[number][0], number>> = {
    lesson: lessonNumber(result.lesson),
    finished: Number(result.finished),
    done: result.done,
    right: Math.min(15, result.predictions.filter(({ right }) => right).length),
    predicted: Math.min(15, result.predictions.length),
    hints: Math.min(31, result.hints),
    failed: Math.min(31, result.failed),
    score: result.best ? Math.round(1000 * Math.min(1, Math.max(0, result.best.score))) : NO_SCORE,
    student: digest(`${result.name} ${result.signature}`) % 2 ** 20,
  };
  const bits = FIELDS.map(([name, width]) => numbers[name].toString(2).padStart(width, '0')).join('');
  const letters = bits.match(/.{5}/g)!.map((five) => ALPHABET[parseInt(five, 2)]);
  const text = letters.join('') + digestLetters(letters.join(''));
  return text.match(/.{5}/g)!.join('-');
}

/** null for what is no code, or one with a slip of the pen. */
export function readCode(code: string): CodedResult | null {
  const text = code.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const body = text.slice(0, -DIGEST_LETTERS);
  if (text.length !== 14 + DIGEST_LETTERS || [...text].some((letter) => !ALPHABET.includes(letter))) return null;
  if (digestLetters(body) !== text.slice(-DIGEST_LETTERS)) return null;
  const bits = [...body].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  let at = 0;
  const numbers = new Map(FIELDS.map(([name, width]) => [name, parseInt(bits.slice(at, (at += width)), 2)] as const));
  const number = (name: (typeof FIELDS)[number][0]) => numbers.get(name)!;
  return {
    lesson: number('lesson'),
    finished: number('finished') === 1,
    done: number('done'),
    right: number('right'),
    predicted: number('predicted'),
    hints: number('hints'),
    failed: number('failed'),
    score: number('score') === NO_SCORE ? null : number('score') / 1000,
    student: number('student'),
  };
}

function digestLetters(body: string): string {
  let rest = digest(body, 14);
  return Array.from({ length: DIGEST_LETTERS }, () => {
    const letter = ALPHABET[rest % 32];
    rest = Math.floor(rest / 32);
    return letter;
  }).join('');
}
