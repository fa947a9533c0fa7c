/** What a model is for, guessed from the shapes, endings and values of its outputs and from what the samples come with. */
import { answersOf } from './answers';
import type { Truth } from './collector';
import {
  every,
  PROBABILITY,
  quiet,
  readingOf,
  size,
  targetsOf,
  type Answers,
  type Context,
  type Guess,
  type TaskFacts,
} from './guess-context';
import { positions } from './guess-positions';
import { detector } from './guess-detector';
import { splitRow, valuesOf, type JudgedOutputs, type OutputPart } from './output-parts';
import { taskOf, type Judged, type TaskId } from './tasks';
import type { MetricName } from './table';

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

const BACKGROUND = /^(_?background(_noise)?_?|silence|unknown|_?unknown_?|negative|none|no|other|noise)$/i;

/** Largest class that is still a class of an output without a softmax. */
const MOST_CLASSES = 10_000;

function largestLabel(labels: Int32Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}

const isOneHot = (row: Float32Array) => row.every((v) => v === 0 || v === 1) && row.reduce((a, b) => a + b, 0) === 1;
const isDistribution = (row: Float32Array) =>
  row.every((v) => v >= 0) && Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-3;

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
  const { part, values, outputs } = context;
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
  // A vector that nothing is known of has most often been trained to be one of a few classes; beside others it may be anything.
  const isAlone = outputs.parts.length === 1;
  if (part.shape.filter((d) => d > 1).length === 1 && isAlone && width <= MOST_CLASSES)
    return quiet('classification', 'the output looks like scores of classes', reading);
  return quiet('fidelity', 'nothing says what the output should be');
}

function partTask(facts: TaskFacts, part: OutputPart, chosen?: TaskId): PartTask {
  const values = facts.probes.map((row) => valuesOf(part, splitRow(facts.outputs, row)[part.output]));
  const { tensors } = facts.outputs;
  const context: Context = { ...facts, answers: answersFor(facts.answers, tensors[part.output]), part, values };
  const guess = chosen
    ? asChosen(context, chosen)
    : RULES.map((rule) => rule(context)).find((found) => found !== null)!;
  return finished(context, guess);
}

/** Where an output has labels or targets of its own, these alone. */
function answersFor(answers: Answers, output: string): Answers {
  const own = answers.byOutput?.get(output);
  if (!own) return answers;
  const { labels: _labels, targets: _targets, ...others } = answers;
  return { ...others, ...own };
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
  const alone = choice.task ? partTask(facts, heaviest.part, choice.task) : heaviest;
  const main = found ?? (alone.task === 'fidelity' && parts.length > 1 ? worstPart(facts, alone) : alone);
  const metrics = taskOf(main.task).metrics(main.judged);
  const metric = choice.metric && metrics.includes(choice.metric) ? choice.metric : metrics[0];
  const judged = parts.map((part) => (part.part === main.part && !main.byRow ? main : part));
  return { outputs: facts.outputs, parts: judged, main, metric, inWords: inWords(facts, main) };
}

/** Likeness of all parts, which is that of the worst: nothing says which of them matters more. */
function worstPart({ outputs }: TaskFacts, { part, why, judged }: PartTask): PartTask {
  const of = (row: Float32Array) => {
    const values = splitRow(outputs, row);
    return outputs.parts.map((own) => valuesOf(own, values[own.output]));
  };
  return {
    part,
    task: 'fidelity',
    why: `${why}; of ${outputs.parts.length} outputs, or parts of one, the worst counts`,
    judged: { ...judged, parts: { count: outputs.parts.length, of } },
    byRow: true,
  };
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
