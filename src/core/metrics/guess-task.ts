/** What a model is for, guessed from the shapes, endings and values of its outputs and from what the samples come with. */
import { answersOf, areClasses, type Reading } from './answers';
import type { MarkedBox, Truth } from './collector';
import { detector } from './guess-detector';
import { splitRow, valuesOf, type JudgedOutputs, type OutputPart } from './output-parts';
import { taskOf, type Judged, type TaskId } from './tasks';
import type { MetricName } from './table';

/** What is known of the samples' answers. */
export interface Answers {
  /** A class index each. */
  readonly labels?: Int32Array;
  /** A row of `shape` values each. */
  readonly targets?: { readonly shape: readonly number[]; readonly values: ArrayLike<number> };
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

/** A part of the outputs with the task it is judged by. */
export interface PartTask {
  readonly part: OutputPart;
  readonly task: TaskId;
  readonly judged: Judged;
  readonly truthOf?: (sample: number) => Truth;
  /** Why, to continue "Judged as …: ". */
  readonly why: string;
  /** Whether it is judged by the whole row rather than by its part of it. */
  readonly byRow?: boolean;
}

export interface Judgement {
  readonly outputs: JudgedOutputs;
  /** One for each part, in order. */
  readonly parts: readonly PartTask[];
  /** Whose figure is the headline; judged by the whole row for detectors. */
  readonly main: PartTask;
  readonly metric: MetricName;
  /** In words for the page. */
  readonly inWords: string;
}

/** What a person says in place of a guess. */
export interface TaskChoice {
  readonly task?: TaskId;
  readonly metric?: MetricName;
}

const size = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);
const PROBABILITY = 0.5;
const BACKGROUND = /^(_?background(_noise)?_?|silence|unknown|_?unknown_?|negative|none|no|other|noise)$/i;

/** Largest class that is still a class of an output without a softmax. */
const MOST_CLASSES = 10_000;

interface Context extends TaskFacts {
  readonly part: OutputPart;
  /** The part's values of each probe. */
  readonly values: readonly Float32Array[];
}

function isBetween(values: readonly Float32Array[], low: number, high: number): boolean {
  return values.every((row) => row.every((value) => value >= low && value <= high));
}

function readingOf({ part, values }: Context): Reading {
  if (part.ending === 'positions') return { classes: 0, threshold: 0 };
  const classes = part.shape.at(-1) ?? 1;
  const isProbability = part.ending === 'sigmoid' || (values.length > 0 && isBetween(values, -0.5, 1.5));
  return { classes, threshold: part.ending !== 'sigmoid' && !isProbability ? 0 : PROBABILITY };
}

function largestLabel(labels: Int32Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}

/** Targets of this part, where targets are of the output's size or of the part's. */
function targetsOf({ part, answers, outputs }: Context): ((sample: number) => Float32Array) | undefined {
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

function every(context: Context, of: (sample: number) => Float32Array, holds: (row: Float32Array) => boolean): boolean {
  const n = Math.min(LOOKED_AT, sampleCount(context.answers));
  for (let i = 0; i < n; i++) if (!holds(of(i))) return false;
  return n > 0;
}

const isOneHot = (row: Float32Array) => row.every((v) => v === 0 || v === 1) && row.reduce((a, b) => a + b, 0) === 1;
const isDistribution = (row: Float32Array) =>
  row.every((v) => v >= 0) && Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-3;

type Guess = Pick<PartTask, 'task' | 'why' | 'truthOf'> & { readonly reading?: Reading };

const quiet = (task: TaskId, why: string, reading?: Reading): Guess => ({ task, why, ...(reading && { reading }) });

/** Each says what a part is, or nothing; the first that does is taken. */
const RULES: readonly ((context: Context) => Guess | null)[] = [
  ({ isNoise }) => (isNoise ? quiet('fidelity', 'noise has no right answers') : null),
  reconstruction,
  positions,
  yesOrNo,
  classes,
  targeted,
  unlabelled,
];

function reconstruction({ part, inputShape, answers, values }: Context): Guess | null {
  const width = size(part.shape);
  if (width < 2 || width !== size(inputShape) || part.ending === 'softmax' || values.length === 0 || answers.targets)
    return null;
  const { labels } = answers;
  const isBinary = labels?.every((label) => label === 0 || label === 1) && labels.includes(1) && labels.includes(0);
  if (!isBinary) return quiet('fidelity', 'as many values come out as go in');
  return {
    task: 'anomaly',
    why: 'as many values come out as go in, and labels are 0 (normal) and 1 (anomalous)',
    truthOf: (sample) => [labels![sample]],
  };
}

function positions(context: Context): Guess | null {
  const { part, answers } = context;
  const isArgmax = part.ending === 'positions';
  const last = part.shape.at(-1) ?? 1;
  const places = isArgmax ? size(part.shape) : size(part.shape) / last;
  if (places < 2 || (part.shape.length < 2 && !isArgmax)) return null;
  const reading = readingOf(context);
  const classCount = isArgmax ? Infinity : Math.max(2, last);
  const { masks, targets } = answers;
  if (masks && masks.classes <= classCount)
    return { task: 'positions', why: 'masks give each position a class', reading, truthOf: masks.of };
  if (targets && size(targets.shape) === places) {
    const row = (sample: number) =>
      Float32Array.from({ length: places }, (_, i) => targets.values[sample * places + i]);
    if (every(context, row, (values) => areClasses(values, classCount)))
      return { task: 'positions', why: 'targets are a class for each position', reading, truthOf: row };
  }
  const own = targetsOf(context);
  if (own && last > 1 && every(context, own, (row) => chunksOf(row, last).every(isOneHot)))
    return {
      task: 'positions',
      why: 'targets mark one class at each position',
      reading,
      truthOf: (sample) => answersOf(own(sample), { classes: last, threshold: PROBABILITY }),
    };
  if (own) return null;
  return part.ending === 'softmax' || part.ending === 'log-softmax' || isArgmax
    ? quiet('positions', 'each position ends in a choice among classes', reading)
    : null;
}

function chunksOf(row: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: row.length / length }, (_, i) => row.subarray(i * length, (i + 1) * length));
}

function yesOrNo(context: Context): Guess | null {
  const { part, answers } = context;
  if (size(part.shape) !== 1 || part.ending === 'positions') return null;
  const reading = readingOf(context);
  const limit = reading.threshold === 0 ? 'a logit, yes above 0' : 'a probability, yes above 0.5';
  const { labels } = answers;
  if (labels && largestLabel(labels) <= 1)
    return {
      task: 'classification',
      why: `labels are 0 and 1, and the output is ${limit}`,
      reading,
      truthOf: (i) => [labels[i]],
    };
  if (labels)
    return {
      task: 'regression',
      why: `labels are whole numbers up to ${largestLabel(labels)} and the output is a single value: they are its targets`,
      truthOf: (i) => [labels[i]],
    };
  const own = targetsOf(context);
  if (own && every(context, own, ([value]) => value === 0 || value === 1))
    return { task: 'classification', why: `targets are 0 and 1, and the output is ${limit}`, reading, truthOf: own };
  return null;
}

function classes(context: Context): Guess | null {
  const { part, answers, values } = context;
  const width = size(part.shape);
  const { labels } = answers;
  if (!labels || width < 2 || width > MOST_CLASSES || part.ending === 'positions') return null;
  if (part.slice && part.ending === 'linear') return null;
  if (largestLabel(labels) >= width) return null;
  const truthOf = (sample: number) => [labels[sample]];
  if (isUnitNorm(part, values)) return { task: 'embedding', why: 'outputs are of length 1, and labels say who is alike', truthOf }; // prettier-ignore
  return { task: 'classification', why: `labels are classes, of which the output has ${width}`, reading: { classes: width, threshold: PROBABILITY }, truthOf }; // prettier-ignore
}

function targeted(context: Context): Guess | null {
  const { part } = context;
  const own = targetsOf(context);
  const width = size(part.shape);
  if (!own) return null;
  const reading = { classes: width, threshold: PROBABILITY };
  const isProbable = part.ending === 'softmax' || part.ending === 'sigmoid';
  const argmax = (sample: number) => answersOf(own(sample), reading);
  if (width > 1 && isProbable && every(context, own, isOneHot))
    return { task: 'classification', why: 'targets mark one class each', reading, truthOf: argmax };
  if (width > 1 && part.ending === 'softmax' && every(context, own, isDistribution))
    return { task: 'classification', why: 'targets are probabilities of classes', reading, truthOf: argmax };
  if (width > 1 && every(context, own, (row) => row.every((value) => value === 0 || value === 1)))
    return { task: 'multi-label', why: 'targets are a yes or no for each value', reading: { ...readingOf(context), classes: 1 }, truthOf: own }; // prettier-ignore
  return { task: 'regression', why: 'targets are values of the output’s shape', truthOf: own };
}

/** Unit length, sample by sample, that no softmax and no single value has by itself. */
function isUnitNorm(part: OutputPart, values: readonly Float32Array[]): boolean {
  if (part.ending === 'normalised') return true;
  // A softmax that is sure is of length 1, too.
  if (part.ending !== 'linear' || values.length < 2 || size(part.shape) < 4) return false;
  return values.every((row) => Math.abs(row.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-3);
}

function unlabelled(context: Context): Guess {
  const { part, values } = context;
  const width = size(part.shape);
  const reading = { classes: width, threshold: PROBABILITY };
  if (isUnitNorm(part, values)) return quiet('embedding', 'outputs are of length 1');
  if (part.ending === 'positions') return quiet('classification', 'the output is the class itself', readingOf(context));
  if (width === 1)
    return part.ending === 'sigmoid'
      ? quiet('classification', 'the output is a probability, yes above 0.5', { classes: 1, threshold: PROBABILITY })
      : quiet('fidelity', 'nothing says what the output should be');
  if (part.ending === 'softmax' || part.ending === 'log-softmax')
    return quiet('classification', 'the output is a choice among classes', reading);
  if (part.ending === 'sigmoid' && part.shape.length === 1)
    return quiet('multi-label', 'each value is a probability of its own', { classes: 1, threshold: PROBABILITY });
  // A vector that nothing is known of has most often been trained to be one of a few classes.
  if (part.shape.filter((d) => d > 1).length === 1 && !part.slice && width <= MOST_CLASSES)
    return quiet('classification', 'the output looks like scores of classes', reading);
  return quiet('fidelity', 'nothing says what the output should be');
}

function partTask(facts: TaskFacts, part: OutputPart, chosen?: TaskId): PartTask {
  const values = facts.probes.map((row) => valuesOf(part, splitRow(facts.outputs, row)[part.output]));
  const context: Context = { ...facts, part, values };
  const guess = chosen
    ? asChosen(context, chosen)
    : RULES.map((rule) => rule(context)).find((found) => found !== null)!;
  return finished(context, guess);
}

function finished(context: Context, { reading, truthOf, ...guess }: Guess): PartTask {
  const width = size(context.part.shape);
  const judged: Judged = {
    reading: reading ?? { classes: width, threshold: PROBABILITY },
    size: width,
    labelled: truthOf !== undefined,
    ...(guess.task === 'keyword' && { keyword: { background: backgroundOf(context.answers), threshold: PROBABILITY } }),
  };
  return { part: context.part, judged, ...guess, ...(truthOf && { truthOf }) };
}

function backgroundOf({ classNames }: Answers): number {
  return Math.max(0, classNames?.findIndex((name) => BACKGROUND.test(name)) ?? 0);
}

/** A task that a person chose, with what the samples have for it. */
function asChosen(context: Context, task: TaskId): Guess {
  const why = 'chosen by you';
  const { labels } = context.answers;
  const width = size(context.part.shape);
  const own = targetsOf(context);
  const ofLabels = labels && ((sample: number) => [labels[sample]]);
  if (task === 'regression') {
    const truthOf = own ?? (width === 1 ? ofLabels : undefined);
    return { task, why, ...(truthOf && { truthOf }) };
  }
  if (task === 'fidelity') return { task, why };
  if (task === 'multi-label')
    return { task, why, reading: { ...readingOf(context), classes: 1 }, ...(own && { truthOf: own }) };
  if (task === 'positions') return positions(context) ?? { task, why, reading: readingOf(context) };
  if (task === 'anomaly') return { task, why, ...(ofLabels && width === size(context.inputShape) && { truthOf: ofLabels }) }; // prettier-ignore
  const fits = labels && largestLabel(labels) < Math.max(2, width);
  return {
    task: task === 'detection' ? 'fidelity' : task,
    why,
    reading: width === 1 ? readingOf(context) : { classes: width, threshold: PROBABILITY },
    ...(fits && { truthOf: ofLabels }),
  };
}

/** Headlines: those that can be held against something, choices before values. */
function weight({ task, truthOf, part }: PartTask): number {
  const kinds: readonly TaskId[] = ['detection', 'positions', 'classification', 'multi-label', 'anomaly', 'embedding', 'regression']; // prettier-ignore
  const kind = kinds.indexOf(task);
  return (truthOf ? 100 : 0) + (part.ending === 'softmax' ? 20 : 0) + (kind < 0 ? 0 : 10 - kind);
}

/** The task of every part, and of the one whose figure is the headline. */
export function judgementOf(facts: TaskFacts, choice: TaskChoice = {}): Judgement {
  const found = choice.task === undefined || choice.task === 'detection' ? detector(facts) : null;
  const heavier = (best: PartTask, part: PartTask) => (weight(part) > weight(best) ? part : best);
  const guessed = facts.outputs.parts.map((part) => partTask(facts, part));
  // Labels belong to one output: where they are the classes of one, they are no targets of another.
  const { labels: _, ...others } = facts.answers;
  const isTaken = guessed.some(({ task, truthOf }) => task === 'classification' && truthOf);
  const parts = guessed.map((part) =>
    isTaken && facts.answers.labels && part.task !== 'classification'
      ? partTask({ ...facts, answers: others }, part.part)
      : part,
  );
  const heaviest = parts.reduce(heavier);
  const main = found ?? (choice.task ? partTask(facts, heaviest.part, choice.task) : heaviest);
  const metrics = taskOf(main.task).metrics(main.judged);
  const metric = choice.metric && metrics.includes(choice.metric) ? choice.metric : metrics[0];
  const judged = parts.map((part) => (part.part === main.part && !main.byRow ? main : part));
  return { outputs: facts.outputs, parts: judged, main, metric, inWords: inWords(facts, main) };
}

function inWords({ answers, outputs }: TaskFacts, main: PartTask): string {
  const { labels } = answers;
  const where = outputs.parts.length > 1 && !main.byRow ? ` of ${main.part.name}` : '';
  const unused =
    labels && !main.truthOf && main.task !== 'fidelity'
      ? ` The labels, up to ${largestLabel(labels)}, fit no output and are not used.`
      : '';
  return `${taskOf(main.task).label}${where}: ${main.why}.${unused}`;
}
