import { BATCH, type Shape } from './graph';

/**
 * numpy's broadcast of two shapes; null where they do not fit. A symbolic batch meets 1 or another symbolic batch only,
 * and only as the outermost dimension of the result.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    const dim = x === 1 ? y : x;
    if (dim === BATCH && i > 0) return null;
    result.push(dim);
  }
  return result;
}

/** Distance between neighbours along each dimension, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** Strides to walk `shape` by indices of `result`: 0 along dimensions it is repeated over. Concrete shapes only. */
export function broadcastStrides(shape: Shape, result: Shape): number[] {
  const own = stridesOf(shape);
  const lead = result.length - shape.length;
  return result.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]));
}
