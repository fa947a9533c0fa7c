/** A row-major array that is read by index and made by a function of the index. Slow and plain on purpose. */
export interface NaiveTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The array of `shape` whose value at each index is `valueAt(index)`, rounded to float32. */
export function fill(shape: readonly number[], valueAt: (index: readonly number[]) => number): NaiveTensor {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = valueAt(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** The value at an index; an index outside the array is a defect of the caller. */
export function at({ shape, data }: NaiveTensor, index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (!(index[axis] >= 0 && index[axis] < shape[axis])) throw new RangeError(`[${index}] is outside [${shape}]`);
    offset = offset * shape[axis] + index[axis];
  }
  return data[offset];
}

/** Likewise for four dimensions, without an array in between. */
export function at4({ shape, data }: NaiveTensor, a: number, b: number, c: number, d: number): number {
  return data[((a * shape[1] + b) * shape[2] + c) * shape[3] + d];
}

/** The value numpy's broadcasting finds for an index of the result. */
export function broadcastAt(x: NaiveTensor, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

export function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}
