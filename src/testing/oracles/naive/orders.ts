/** Ops that depend on the order of values along an axis. */
import type { Op } from '../../../core/graph/ops/attrs';
import { at, fill, type NaiveTensor } from './array';

/** Values along an axis through an index, whatever the index says of that axis. */
function line(x: NaiveTensor, axis: number, index: readonly number[]): number[] {
  return Array.from({ length: x.shape[axis] }, (_, i) => at(x, index.with(axis, i)));
}

export function cumsum({ attrs }: Op<'cumsum'>, x: NaiveTensor): NaiveTensor {
  const { axis, exclusive, reverse } = attrs;
  return fill(x.shape, (index) => {
    const here = index[axis];
    const counts = (i: number) => (reverse ? i > here : i < here) || (i === here && !exclusive);
    return line(x, axis, index).reduce((sum, v, i) => (counts(i) ? sum + v : sum), 0);
  });
}

export function position(
  { attrs: { axis } }: Op<'argMax' | 'argMin'>,
  x: NaiveTensor,
  shape: number[],
  better: (a: number, b: number) => boolean,
): NaiveTensor {
  return fill(shape, (index) => {
    const values = line(x, axis, index.toSpliced(axis, 0, 0));
    return values.reduce((best, v, i) => (better(v, values[best]) ? i : best), 0);
  });
}

/** Sorted by value, equal ones by position. */
export function topK(x: NaiveTensor, shape: number[]): NaiveTensor[] {
  const last = shape.length - 1;
  const ranked = (index: readonly number[]) => {
    const values = line(x, last, index.with(last, 0));
    return values.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value || a.i - b.i)[index[last]];
  };
  return [fill(shape, (index) => ranked(index).value), fill(shape, (index) => ranked(index).i)];
}
