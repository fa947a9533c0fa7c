import type { Shape } from '../graph/graph';

/**
 * Calls back with the values of each index of one axis, in memory order. Where they lie apart (depthwise filters: axis 3)
 * they are gathered into one buffer that the next call overwrites: `values` is a view to be read at once.
 */
export function eachChannel(
  data: Float32Array,
  shape: Shape,
  axis: number,
  visit: (channel: number, values: Float32Array) => void,
): void {
  const channels = shape[axis];
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const outer = shape.slice(0, axis).reduce((n, d) => n * d, 1);
  if (outer * channels * inner !== data.length)
    throw new RangeError(`${data.length} values do not fill [${shape.join(', ')}]`);
  if (outer === 1) {
    for (let c = 0; c < channels; c++) visit(c, data.subarray(c * inner, (c + 1) * inner));
    return;
  }
  const gathered = new Float32Array(outer * inner);
  for (let c = 0; c < channels; c++) {
    for (let o = 0, to = 0, from = c * inner; o < outer; o++, from += (channels - 1) * inner)
      for (let k = 0; k < inner; k++) gathered[to++] = data[from++];
    visit(c, gathered);
  }
}
