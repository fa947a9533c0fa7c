/** Outputs that give each position a class: pixels of a picture, steps of a sequence. */
import type { OutputPart } from './output-parts';
import { answersOf, areClasses, IGNORED, type Reading } from './answers';
import { every, PROBABILITY, quiet, readingOf, size, targetsOf, type Context, type Guess } from './guess-context';

/** The positions of an output, and how their classes lie in it. */
interface Places {
  /** Of the grid of positions: [height, width] of a picture, [steps] of a sequence. */
  readonly grid: readonly number[];
  readonly classes: number;
  readonly inMaps: boolean;
}

/**
 * Classes lie side by side, as TensorFlow has them, or in maps, as PyTorch has: what the truth is given for decides, else
 * what goes in, since a grid of positions mirrors a picture.
 * @param truth the shape of what each sample should give, without dimensions of one
 */
export function gridOf(
  { shape, ending }: OutputPart,
  inputShape: readonly number[],
  truth?: readonly number[],
): Places {
  if (ending === 'positions') return { grid: shape, classes: 0, inMaps: false };
  const last: Places = { grid: shape.slice(0, -1), classes: shape.at(-1) ?? 1, inMaps: false };
  const first: Places = { grid: shape.slice(1), classes: shape[0] ?? 1, inMaps: true };
  if (shape.length !== 3) return last;
  const fits = ({ grid }: Places) => truth !== undefined && grid.filter((d) => d > 1).join() === truth.join();
  if (fits(last) !== fits(first)) return fits(last) ? last : first;
  const mirrors = ({ grid: [height, width] }: Places) => height * inputShape[1] === width * inputShape[0];
  return inputShape.length === 3 && mirrors(first) && !mirrors(last) ? first : last;
}

export function positions(context: Context): Guess | null {
  const { part, answers } = context;
  const isArgmax = part.ending === 'positions';
  const truth = answers.targets?.shape.filter((d) => d > 1);
  const { grid, classes, inMaps } = gridOf(part, context.inputShape, truth);
  const places = size(grid);
  if (places < 2 || (part.shape.length < 2 && !isArgmax)) return null;
  const reading = { ...readingOf(context), classes, ...(inMaps && { inMaps }) };
  const classCount = isArgmax ? Infinity : Math.max(2, classes);
  const { masks, targets } = answers;
  if (masks && masks.classes <= classCount)
    return { task: 'positions', why: 'masks give each position a class', reading, truthOf: masks.of };
  if (targets && size(targets.shape) === places) {
    const own = (sample: number) =>
      Float32Array.from({ length: places }, (_, i) => targets.values[sample * places + i]);
    const isDrawn =
      every(context, own, isBlackAndWhite) && !every(context, own, (values) => values.every((v) => v === 0));
    const row = isDrawn ? (sample: number) => own(sample).map((value) => Number(value > 0)) : own;
    if (every(context, row, (values) => areClasses(values, classCount)))
      return { task: 'positions', why: 'targets are a class for each position', reading, truthOf: row };
  }
  const own = targetsOf(context);
  if (own && classes > 1 && every(context, own, (row) => marksOne(row, reading)))
    return {
      task: 'positions',
      why: 'targets mark one class at each position',
      reading,
      truthOf: (sample) => answersOf(own(sample), { ...reading, threshold: PROBABILITY }),
    };
  if (own) return null;
  return part.ending === 'softmax' || part.ending === 'log-softmax' || isArgmax
    ? quiet('positions', 'each position ends in a choice among classes', reading)
    : null;
}

/** Whether all values are 0 but for a 1 at each position. */
function marksOne(row: Float32Array, { classes, inMaps }: Reading): boolean {
  const places = row.length / classes;
  const sums = new Uint32Array(places);
  for (let i = 0; i < row.length; i++) {
    if (row[i] !== 0 && row[i] !== 1) return false;
    sums[inMaps ? i % places : Math.floor(i / classes)] += row[i];
  }
  return sums.every((sum) => sum === 1);
}

/** How a mask of one class is drawn: 255 is then that class, and none that is left out. */
function isBlackAndWhite(row: Float32Array): boolean {
  return row.every((value) => value === 0 || value === IGNORED);
}
