/** Where a student is in a lesson, and what every move makes of that. Plain data: it is kept, and handed in. */
import type { Lesson, LessonInput, Part, Step } from './schema';
import type { Value } from './vocabulary';
import { roundedEqual } from './rounded-equal';

export interface Answer {
  readonly step: string;
  /** Of a step with several things to fill in. */
  readonly field?: string;
  readonly value: Value;
}

export interface Progress {
  readonly version: 1;
  readonly lesson: string;
  /** Of the lesson's text: a lesson that was changed begins again. */
  readonly hash: string;
  /** Index of the step that is shown. */
  readonly step: number;
  /** Steps done: predictions made, checks passed, figures seen, questions answered. */
  readonly done: readonly string[];
  readonly answers: readonly Answer[];
  readonly records: readonly { readonly name: string; readonly value: Value }[];
  /** What turned out of each prediction, once it was seen. */
  readonly truths: readonly { readonly step: string; readonly value: Value; readonly right: boolean }[];
  readonly hints: readonly { readonly step: string; readonly shown: number }[];
  /** Checks that were asked for and not passed. */
  readonly attempts: readonly { readonly step: string; readonly failed: number }[];
  /** What was moved in the lesson's figures. */
  readonly positions: readonly { readonly step: string; readonly values: readonly number[] }[];
  readonly best: { readonly score: number; readonly bytes: number } | null;
  readonly finished: boolean;
}

export type Move =
  | { readonly kind: 'answer'; readonly field?: string; readonly value: Value }
  | { readonly kind: 'commit' }
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'hint' }
  | { readonly kind: 'place'; readonly values: readonly number[] }
  | { readonly kind: 'record'; readonly name: string; readonly value: Value }
  | { readonly kind: 'truth'; readonly step: string; readonly value: Value }
  | { readonly kind: 'file'; readonly score: number; readonly bytes: number }
  | { readonly kind: 'next' }
  | { readonly kind: 'back' };

export function begin(lesson: Lesson, hash: string): Progress {
  return {
    version: 1,
    lesson: lesson.id,
    hash,
    step: 0,
    done: [],
    answers: [],
    records: [],
    truths: [],
    hints: [],
    attempts: [],
    positions: [],
    best: null,
    finished: false,
  };
}

export function stepOf(lesson: Lesson, progress: Progress): Step {
  return lesson.steps[Math.min(progress.step, lesson.steps.length - 1)];
}

export const isDone = (progress: Progress, step: string) => progress.done.includes(step);

export function answerTo({ answers }: Progress, step: string, field?: string): Value | undefined {
  return answers.find((answer) => answer.step === step && answer.field === field)?.value;
}

export function hintsShown({ hints }: Progress, step: string): number {
  return hints.find((entry) => entry.step === step)?.shown ?? 0;
}

export function failedAttempts({ attempts }: Progress, step: string): number {
  return attempts.find((entry) => entry.step === step)?.failed ?? 0;
}

const NOTHING_MOVED: readonly number[] = [];

/** The same array as long as nothing was moved: a view that follows it is drawn anew for every other one. */
export function positionsOf({ positions }: Progress, step: string): readonly number[] {
  return positions.find((entry) => entry.step === step)?.values ?? NOTHING_MOVED;
}

/** What the shown step keeps locked: the controls that would give its prediction away, until it is made. */
export function lockedParts(lesson: Lesson, progress: Progress): readonly Part[] {
  const step = stepOf(lesson, progress);
  return step.kind === 'predict' && !isDone(progress, step.id) ? step.locks : [];
}

/** Whether the step may be left forwards. Figures are to be looked at: they are done when they are left. */
export function mayGoOn(lesson: Lesson, progress: Progress): boolean {
  const step = stepOf(lesson, progress);
  if (step.kind === 'observe') return true;
  if (step.kind === 'reflect' && !step.input) return true;
  return isDone(progress, step.id);
}

/** Whether what was answered is something the input can hold. */
export function fits(input: LessonInput, value: Value | undefined): boolean {
  if (input.type === 'choice') return input.options.some(({ id }) => id === value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return input.type === 'mark' || (value >= (input.min ?? -Infinity) && value <= (input.max ?? Infinity));
}

/** Whether a prediction was right, once it is known what it is about. */
export function isRight(step: Extract<Step, { kind: 'predict' }>, answer: Value | undefined, truth: Value): boolean {
  if (typeof answer === 'number' && typeof truth === 'number')
    return roundedEqual(answer, truth) || Math.abs(answer - truth) <= (step.near ?? 0) * (1 + 1e-9);
  return answer === truth;
}

/** The progress after a move. A move that the step does not allow changes nothing. */
export function after(lesson: Lesson, progress: Progress, move: Move): Progress {
  const step = stepOf(lesson, progress);
  switch (move.kind) {
    case 'answer': {
      // A prediction that was made stays: it is what the figures are held against.
      if (step.kind === 'predict' && isDone(progress, step.id)) return progress;
      const { field, value } = move;
      const others = progress.answers.filter((answer) => answer.step !== step.id || answer.field !== field);
      return { ...progress, answers: [...others, { step: step.id, ...(field !== undefined && { field }), value }] };
    }
    case 'commit': {
      const input = step.kind === 'predict' || step.kind === 'reflect' ? step.input : undefined;
      return input && fits(input, answerTo(progress, step.id)) ? withDone(progress, step.id) : progress;
    }
    case 'passed':
      return step.kind === 'act' ? withDone(progress, step.id) : progress;
    case 'failed': {
      if (step.kind !== 'act' || isDone(progress, step.id)) return progress;
      const failed = failedAttempts(progress, step.id) + 1;
      return { ...progress, attempts: replaced(progress.attempts, { step: step.id, failed }) };
    }
    case 'hint': {
      const most = step.kind === 'act' ? step.hints.length : 0;
      const shown = Math.min(most, hintsShown(progress, step.id) + 1);
      return shown > 0 ? { ...progress, hints: replaced(progress.hints, { step: step.id, shown }) } : progress;
    }
    case 'place':
      return { ...progress, positions: replaced(progress.positions, { step: step.id, values: move.values }) };
    case 'record': {
      const { name, value } = move;
      return { ...progress, records: [...progress.records.filter((one) => one.name !== name), { name, value }] };
    }
    case 'truth': {
      const about = lesson.steps.find(({ id }) => id === move.step);
      if (about?.kind !== 'predict') return progress;
      const right = isRight(about, answerTo(progress, about.id), move.value);
      return { ...progress, truths: replaced(progress.truths, { step: about.id, value: move.value, right }) };
    }
    case 'file': {
      const { best } = progress;
      const better = !best || move.score > best.score || (move.score === best.score && move.bytes < best.bytes);
      return better ? { ...progress, best: { score: move.score, bytes: move.bytes } } : progress;
    }
    case 'next': {
      if (!mayGoOn(lesson, progress)) return progress;
      const left = withDone(progress, step.id);
      const last = progress.step >= lesson.steps.length - 1;
      return last ? { ...left, finished: true } : { ...left, step: progress.step + 1 };
    }
    case 'back':
      return progress.step > 0 ? { ...progress, step: progress.step - 1 } : progress;
  }
}

function withDone(progress: Progress, step: string): Progress {
  return isDone(progress, step) ? progress : { ...progress, done: [...progress.done, step] };
}

function replaced<T extends { readonly step: string }>(entries: readonly T[], entry: T): readonly T[] {
  return [...entries.filter(({ step }) => step !== entry.step), entry];
}
