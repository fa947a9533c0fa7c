/** What fake quantization means, in plain numbers: a value becomes the nearest one that its integer grid can represent. */

/** real = scale × (q − zeroPoint), q an integer in [qmin, qmax]. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly qmin: number;
  readonly qmax: number;
}

/** A grid for each index of one dimension of a constant; a single scale serves all of it. */
export interface ConstantGrid {
  readonly scale: Float32Array;
  readonly zeroPoint: number;
  readonly quantizedDimension: number;
  readonly qmin: number;
  readonly qmax: number;
}

/** Adding and subtracting 1.5 · 2^52 rounds a double of magnitude below 2^51 to an integer, ties to even. */
const ROUNDER = 6755399441055744;

/**
 * Nearest grid value, ties to even as XNNPACK rounds. The quotient is taken in float32, like the wasm kernel's, so both
 * agree bit for bit.
 */
export function fakeQuantizeValue(value: number, { scale, zeroPoint, qmin, qmax }: Grid): number {
  const q = Math.fround(value / scale) + ROUNDER - ROUNDER;
  return Math.fround(Math.min(Math.max(q, qmin - zeroPoint), qmax - zeroPoint) * scale);
}

/** @param shape of `data`; its `quantizedDimension` has as many indices as there are scales, unless there is one scale. */
export function fakeQuantizeConstant(data: Float32Array, shape: readonly number[], grid: ConstantGrid): Float32Array {
  const out = new Float32Array(data.length);
  const channels = grid.scale.length;
  const inner = channels === 1 ? data.length : shape.slice(grid.quantizedDimension + 1).reduce((n, d) => n * d, 1);
  for (let start = 0, channel = 0; start < data.length; start += inner, channel = (channel + 1) % channels) {
    const { zeroPoint, qmin, qmax } = grid;
    const one = { scale: grid.scale[channel], zeroPoint, qmin, qmax };
    for (let i = start; i < start + inner; i++) out[i] = fakeQuantizeValue(data[i], one);
  }
  return out;
}

export function sameGrid(a: ConstantGrid | null, b: ConstantGrid | null): boolean {
  if (a === b) return true;
  if (!a || !b || a.scale.length !== b.scale.length) return false;
  const { zeroPoint, quantizedDimension, qmin, qmax } = a;
  return (
    zeroPoint === b.zeroPoint &&
    quantizedDimension === b.quantizedDimension &&
    qmin === b.qmin &&
    qmax === b.qmax &&
    a.scale.every((s, i) => s === b.scale[i])
  );
}
