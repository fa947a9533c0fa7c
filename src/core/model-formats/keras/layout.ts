/** Weight layouts: Keras keeps input channels before output channels, the Graph wants the output channel outermost. */

export interface Laid {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Swaps the two outer axes of a [rows, cols, block] array. Works through square tiles, so that both sides stay in cache.
 */
export function swapOuter(data: Float32Array, rows: number, cols: number, block = 1): Float32Array {
  const out = new Float32Array(data.length);
  if (block > 1) {
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        const from = (r * cols + c) * block;
        out.set(data.subarray(from, from + block), (c * rows + r) * block);
      }
    return out;
  }
  const TILE = 32;
  for (let r0 = 0; r0 < rows; r0 += TILE)
    for (let c0 = 0; c0 < cols; c0 += TILE) {
      const r1 = Math.min(r0 + TILE, rows);
      const c1 = Math.min(c0 + TILE, cols);
      for (let c = c0; c < c1; c++) for (let r = r0; r < r1; r++) out[c * rows + r] = data[r * cols + c]!;
    }
  return out;
}

/** Keras conv kernel [H,W,I,O] → [O,H,W,I]. */
export function hwioToOhwi({ data, shape }: Laid): Laid {
  const [h, w, i, o] = shape as [number, number, number, number];
  return { data: swapOuter(data, h * w * i, o), shape: [o, h, w, i] };
}

/** Keras depthwise kernel [H,W,I,M] → [1,H,W,I·M]; channel i·M+m in both, so the bytes stay. */
export function hwimToDepthwise({ data, shape }: Laid): Laid {
  const [h, w, i, m] = shape as [number, number, number, number];
  return { data, shape: [1, h, w, i * m] };
}

/** Keras transposed-conv kernel [H,W,O,I] → [O,H,W,I]. */
export function hwoiToOhwi({ data, shape }: Laid): Laid {
  const [h, w, o, i] = shape as [number, number, number, number];
  return { data: swapOuter(data, h * w, o, i), shape: [o, h, w, i] };
}

/** Keras dense kernel [I,O] → [O,I]. */
export function ioToOi({ data, shape }: Laid): Laid {
  const [i, o] = shape as [number, number];
  return { data: swapOuter(data, i, o), shape: [o, i] };
}
