/** What shape rules share: refusing an op in words, and reading its inputs and attributes without trusting them. */
import { RangefinderError } from '../../../base/errors';
import { BATCH, type Shape } from '../graph';
import { slideWindow } from '../spatial';
import type { Op, Padding, Pair } from './attrs';
import type { ShapeContext } from './definition';

export const DAMAGED = 'The file is damaged or contradicts itself: export the model again from where it was trained.';

/** Throws 'invalid-graph', naming the op. `problem` continues the sentence 'conv2d "x": …'. */
export function reject(op: Op, problem: string): never {
  const name = op.sourceName || op.id;
  throw new RangefinderError({
    code: 'invalid-graph',
    message: `${op.kind} "${name}": ${problem}.`,
    where: op.id,
    hint: DAMAGED,
  });
}

export function show(shape: readonly number[]): string {
  return `[${shape.map((d, i) => (d === BATCH && i === 0 ? 'N' : d)).join(', ')}]`;
}

/** Shape of an input that has to be there. */
export function inputShape(op: Op, { shapes }: ShapeContext, index = 0): Shape {
  return shapes[index] ?? reject(op, `input ${index} is missing`);
}

export type Shape4 = readonly [number, number, number, number];

/** Shape of an input that has to have four dimensions. */
export function inputShape4(op: Op, context: ShapeContext, index = 0): Shape4 {
  const shape = inputShape(op, context, index);
  if (shape.length !== 4) reject(op, `input ${index} is ${show(shape)}, not four-dimensional`);
  return shape as unknown as Shape4;
}

/** Checks an optional per-channel vector. */
export function checkVector(op: Op, { shapes }: ShapeContext, index: number, length: number, what: string): void {
  const shape = shapes[index];
  if (shape && (shape.length !== 1 || shape[0] !== length)) reject(op, `${what} is ${show(shape)}, not [${length}]`);
}

export function checkCounts(op: Op, what: string, values: readonly number[], least = 1): void {
  if (!values.every((v) => Number.isSafeInteger(v) && v >= least))
    reject(op, `${what} ${show(values)} must be whole numbers from ${least} up`);
}

/** An axis counted from the front, whichever way it was given. */
export function axisOf(op: Op, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= rank)
    reject(op, `axis ${axis} is outside its ${rank} dimensions`);
  return positive;
}

/** Refuses what would make samples of a batch depend on each other. */
export function keepBatch(op: Op, shape: Shape, axis: number): void {
  if (axis === 0 && shape[0] === BATCH) reject(op, 'it works along the batch, samples would depend on each other');
}

/** Output [H, W] of a window over [H, W]. */
export function slide(op: Op, input: Pair, kernel: Pair, strides: Pair, dilations: Pair, padding: Padding): Pair {
  checkCounts(op, 'filter size', kernel);
  checkCounts(op, 'strides', strides);
  checkCounts(op, 'dilations', dilations);
  const { output } = slideWindow(input, kernel, strides, dilations, padding);
  if (output[0] < 1 || output[1] < 1)
    reject(op, `its window of ${show(kernel)}, dilated by ${show(dilations)}, is larger than its input ${show(input)}`);
  return output;
}

/** Output shape of ops that work on each value or keep the layout. */
export function sameShape(op: Op, context: ShapeContext): Shape[] {
  return [inputShape(op, context)];
}

export const noMacs = (): number => 0;
