/** What an output says, as classes: one for the sample, one for each label or one for each position. */
import type { Collector, Seen } from './collector';
import { ShareCollector, SumCollector } from './collector';
import { inTop } from './score';

/** A class that stands for "not marked". */
export const IGNORED = 255;

/** How values become answers. */
export interface Reading {
  /** Values of one answer: the classes it is chosen among; 1 for a yes or no, 0 where the values are the answers. */
  readonly classes: number;
  /** Of a yes or no: yes above it. */
  readonly threshold: number;
  /** Whether there is a map for each class (channels first), and not all classes side by side at each position. */
  readonly inMaps?: boolean;
}

/** As many as `values.length / classes`; NaN for an answer whose values hold NaN. */
export function answersOf(values: Float32Array, { classes, threshold, inMaps = false }: Reading): Float64Array {
  if (classes === 0) return Float64Array.from(values);
  const answers = new Float64Array(values.length / classes);
  if (classes === 1) {
    for (let i = 0; i < answers.length; i++) answers[i] = Number.isNaN(values[i]) ? NaN : Number(values[i] > threshold);
    return answers;
  }
  const [position, step] = inMaps ? [1, answers.length] : [classes, 1];
  for (let i = 0; i < answers.length; i++) {
    const at = i * position;
    let best = 0;
    let broken = false;
    for (let c = 0; c < classes; c++) {
      if (Number.isNaN(values[at + c * step])) broken = true;
      if (values[at + c * step] > values[at + best * step]) best = c;
    }
    answers[i] = broken ? NaN : best;
  }
  return answers;
}

/** How sure a single answer is, 0 … 1: its probability, made of logits where the values are no distribution. */
export function confidenceOf(values: Float32Array, { classes, threshold }: Reading): number {
  if (classes === 0) return 1;
  if (classes === 1) {
    const p = threshold === 0 ? 1 / (1 + Math.exp(-values[0])) : Math.min(1, Math.max(0, values[0]));
    return Math.max(p, 1 - p);
  }
  let [sum, max, min] = [0, -Infinity, Infinity];
  for (const value of values) {
    sum += value;
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  if (min >= 0 && Math.abs(sum - 1) < 0.05) return max;
  if (min >= 0 && max <= 1) return max;
  return 1 / values.reduce((total, value) => total + Math.exp(value - max), 0);
}

const truthOf = ({ truth }: Seen) => truth as ArrayLike<number> | undefined;

/** Whether the only answer of a sample is its label. */
export function rightAnswers(reading: Reading): Collector {
  return new ShareCollector((seen) => answersOf(seen.values, reading)[0] === truthOf(seen)?.[0]);
}

export function sameAnswers(reading: Reading): Collector {
  return new ShareCollector(({ values, float }) => answersOf(values, reading)[0] === answersOf(float, reading)[0]);
}

export function rightAmongFive(): Collector {
  return new ShareCollector((seen) => inTop(seen.values, truthOf(seen)![0], 5));
}

const shareOf = ([right, all]: Float64Array) => (all === 0 ? NaN : right / all);

/** Share of all answers of all samples that are as marked; 255 and negative marks are left out. */
export function rightPositions(reading: Reading): Collector {
  return new SumCollector(
    2,
    (seen, add) => {
      const truth = truthOf(seen)!;
      answersOf(seen.values, reading).forEach((answer, i) => {
        if (truth[i] === IGNORED || truth[i] < 0) return;
        add(0, Number(answer === truth[i]));
        add(1, 1);
      });
    },
    shareOf,
  );
}

export function samePositions(reading: Reading): Collector {
  return new SumCollector(
    2,
    ({ values, float }, add) => {
      const [mine, other] = [answersOf(values, reading), answersOf(float, reading)];
      mine.forEach((answer, i) => add(0, Number(answer === other[i])));
      add(1, mine.length);
    },
    shareOf,
  );
}

/** Intersection over union of each class over all samples together; the mean of the classes that are marked or said. */
export function meanIntersectionOverUnion(reading: Reading): Collector {
  // An output that names classes does not say how many there are.
  const classes = reading.classes === 0 ? IGNORED : Math.max(2, reading.classes);
  return new SumCollector(
    2 * classes,
    (seen, add) => {
      const truth = truthOf(seen)!;
      answersOf(seen.values, reading).forEach((answer, i) => {
        if (truth[i] === IGNORED || truth[i] < 0) return;
        if (answer === truth[i]) add(2 * answer, 1);
        add(2 * truth[i] + 1, 1);
        if (answer !== truth[i] && !Number.isNaN(answer)) add(2 * answer + 1, 1);
      });
    },
    (sums) => {
      let [total, present] = [0, 0];
      for (let c = 0; c < classes; c++) {
        if (sums[2 * c + 1] === 0) continue;
        total += sums[2 * c] / sums[2 * c + 1];
        present++;
      }
      return present === 0 ? NaN : total / present;
    },
  );
}

/** Over all labels of all samples: 2·TP / (2·TP + FP + FN). */
export function microF1(reading: Reading): Collector {
  return new SumCollector(
    2,
    (seen, add) => {
      const truth = truthOf(seen)!;
      answersOf(seen.values, reading).forEach((answer, i) => {
        if (answer === 1 && truth[i] === 1) add(0, 2);
        add(1, Number(answer === 1) + Number(truth[i] === 1));
      });
    },
    shareOf,
  );
}

/** Keywords said (labels other than `background`) and what of them is heard where a score reaches the threshold. */
export function keywordCounts(which: 'keyword' | 'misses' | 'false-accepts', background: number, threshold: number) {
  const heard = (values: Float32Array) => {
    let best = -1;
    values.forEach((value, c) => {
      if (c !== background && value >= threshold && (best < 0 || value > values[best])) best = c;
    });
    return best;
  };
  return new SumCollector(
    2,
    (seen, add) => {
      const label = truthOf(seen)![0];
      const answer = heard(seen.values);
      const isKeyword = label !== background;
      const isWrong = isKeyword ? answer !== label : answer >= 0;
      if (which === 'keyword') {
        add(0, Number(!isWrong));
        add(1, 1);
      } else if (isKeyword === (which === 'misses')) {
        add(0, Number(isWrong));
        add(1, 1);
      }
    },
    shareOf,
  );
}

/** Whether every entry is a class of `classes`, or one that is left out. */
export function areClasses(values: ArrayLike<number>, classes: number): boolean {
  for (let i = 0; i < values.length; i++)
    if (!Number.isInteger(values[i]) || (values[i] >= classes && values[i] !== IGNORED)) return false;
  return true;
}
