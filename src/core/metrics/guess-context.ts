/** What a guess of the task looks at, and what several guesses ask of it. */
import type { MarkedBox, Truth } from './collector';
import type { Reading } from './answers';
import { valuesOf, type JudgedOutputs, type OutputPart } from './output-parts';
import type { TaskId } from './tasks';

/** What is known of the samples' answers. */
export interface Answers {
  /** A class index each. */
  readonly labels?: Int32Array;
  /** A row of `shape` values each. */
  readonly targets?: { readonly shape: readonly number[]; readonly values: ArrayLike<number> };
  /** Of one output alone, by its tensor: in place of the others. */
  readonly byOutput?: ReadonlyMap<string, Pick<Answers, 'labels' | 'targets'>>;
  /** A class for each position, [height, width] each; read sample by sample. */
  readonly masks?: { readonly classes: number; readonly of: (sample: number) => ArrayLike<number> };
  readonly boxes?: { readonly categories: number; readonly of: (sample: number) => readonly MarkedBox[] };
  readonly classNames?: readonly string[];
}

export interface TaskFacts {
  readonly outputs: JudgedOutputs;
  /** Rows of the float model for a few samples. */
  readonly probes: readonly Float32Array[];
  /** Of one sample, without the batch; of a model with several inputs all of them end to end. */
  readonly inputShape: readonly number[];
  readonly answers: Answers;
  /** Noise has no right answers, and none that mean anything. */
  readonly isNoise: boolean;
}

export const size = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);
/** From where on a probability says yes. */
export const PROBABILITY = 0.5;

/** One part of the outputs, to be guessed. */
export interface Context extends TaskFacts {
  readonly part: OutputPart;
  /** The part's values of each probe. */
  readonly values: readonly Float32Array[];
}

function isBetween(values: readonly Float32Array[], low: number, high: number): boolean {
  return values.every((row) => row.every((value) => value >= low && value <= high));
}

/** How values become answers, if the part is one of choices. */
export function readingOf({ part, values }: Context): Reading {
  if (part.ending === 'positions') return { classes: 0, threshold: 0 };
  const classes = part.shape.at(-1) ?? 1;
  const isProbability = part.ending === 'sigmoid' || (values.length > 0 && isBetween(values, -0.5, 1.5));
  return { classes, threshold: part.ending !== 'sigmoid' && !isProbability ? 0 : PROBABILITY };
}

/** Targets of this part, where targets are of the output's size or of the part's. */
export function targetsOf({ part, answers, outputs }: Context): ((sample: number) => Float32Array) | undefined {
  const { targets } = answers;
  if (!targets) return undefined;
  const width = size(targets.shape);
  const row = (sample: number, from: number, length: number) => {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = targets.values[sample * width + from + i];
    return values;
  };
  const whole = outputs.sizes[part.output];
  if (width === whole) return (sample) => valuesOf(part, row(sample, 0, whole)).slice();
  if (outputs.tensors.length > 1 && width === outputs.sizes.reduce((sum, n) => sum + n, 0)) {
    const from = outputs.sizes.slice(0, part.output).reduce((sum, n) => sum + n, 0);
    return (sample) => valuesOf(part, row(sample, from, whole)).slice();
  }
  return undefined;
}

function sampleCount({ targets }: Answers): number {
  return targets ? targets.values.length / size(targets.shape) : 0;
}

/** Samples whose targets are looked at to tell what they are. */
const LOOKED_AT = 200;

/** Whether the first samples are all so; not where there are none. */
export function every(
  context: Context,
  of: (sample: number) => Float32Array,
  holds: (row: Float32Array) => boolean,
): boolean {
  const n = Math.min(LOOKED_AT, sampleCount(context.answers));
  for (let i = 0; i < n; i++) if (!holds(of(i))) return false;
  return n > 0;
}

/** What a part is, and why: to continue "Judged as …: ". */
export interface Guess {
  readonly task: TaskId;
  readonly why: string;
  readonly truthOf?: (sample: number) => Truth;
  readonly reading?: Reading;
}

/** A guess that nothing is held against. */
export const quiet = (task: TaskId, why: string, reading?: Reading): Guess => ({
  task,
  why,
  ...(reading && { reading }),
});
