/**
 * Gradient of a convolution with respect to its input, which is also the transposed convolution. In coordinates of the
 * padded input, row i = q·s + p gets
 *
 *   dx[q·s + p] = Σ W[t·s + p] · dy[q − t]   over t = 0 … T−1,   T = ⌈(K − p) / s⌉
 *
 * so each phase p is a convolution of dy by every s-th tap (the sub-pixel convolution of Shi et al. 2016). The phases of
 * the columns are channels of one convolution and lie interleaved in its result; those of the rows have one each.
 */
import { concat, Conv2D, pad, reshape, reverse, slice, tidy, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, onWasm, viewSync } from '../heap';
import { both, convolve, crop, geometry, type ConvAttrs, type Pair } from './convolve';

/** @param filter HWIO, of the forward convolution */
export function conv2dInputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  attrs: ConvAttrs,
): Tensor {
  const { input, output, kernel, strides, before } = geometry(inputShape, filter.shape, attrs);
  const batch = dy.shape[0];
  const depth = inputShape[3];
  return tidy(() => {
    // The quotients q of the rows and columns that are not padding.
    const first = both((i) => Math.floor(before[i] / strides[i]));
    const last = both((i) => Math.ceil((before[i] + input[i]) / strides[i]));
    const [rows, columns] = both((i) => last[i] - first[i]);
    const phases = Array.from({ length: strides[0] }, (_, p) => {
      // A phase without taps is one of zeros; no window may begin behind the first row.
      const needed = both((i) => Math.ceil((kernel[i] - (i === 0 ? p : 0)) / strides[i]));
      const taps = both((i) => Math.max(needed[i], first[i] + 1));
      const pads = both((i): Pair => [taps[i] - 1 - first[i], last[i] - output[i]]);
      const phase = phaseFilter(filter, p, taps, strides);
      return reshape(convolve(Conv2D, dy, phase, { pads }), [batch * rows, 1, columns * strides[1] * depth]);
    });
    const whole = reshape(interleaved(phases), [batch, rows * strides[0], columns * strides[1], depth]);
    return crop(
      whole,
      both((i) => before[i] - first[i] * strides[i]),
      input,
    );
  });
}

/** [KH,KW,I,O] → of phase p of the rows [TH,TW,O,SW·I], taps last first as a correlation needs them. */
function phaseFilter(filter: Tensor, p: number, taps: Pair, strides: Pair): Tensor {
  return onWasm() ? phaseOnHeap(filter, p, taps, strides) : phaseComposed(filter, p, taps, strides);
}

/** A filter is small beside what it is applied to, but tfjs takes milliseconds to turn it around. */
function phaseOnHeap(filter: Tensor, p: number, [th, tw]: Pair, [sh, sw]: Pair): Tensor {
  const [kh, kw, depth, filters] = filter.shape as [number, number, number, number];
  const phase = emptyTensor([th, tw, filters, sw * depth]);
  const [from, to] = [viewSync(filter), viewSync(phase)];
  to.fill(0);
  const width = sw * depth;
  for (let t = 0; t < th; t++) {
    const row = (th - 1 - t) * sh + p;
    if (row >= kh) continue;
    for (let u = 0; u < tw; u++)
      for (let q = 0; q < sw; q++) {
        const column = (tw - 1 - u) * sw + q;
        if (column >= kw) continue;
        let source = (row * kw + column) * depth * filters;
        const target = (t * tw + u) * filters * width + q * depth;
        for (let i = 0; i < depth; i++)
          for (let o = 0, at = target + i; o < filters; o++, at += width) to[at] = from[source++]!;
      }
  }
  return phase;
}

function phaseComposed(filter: Tensor, p: number, [th, tw]: Pair, [sh, sw]: Pair): Tensor {
  const [kh, kw, depth, filters] = filter.shape as [number, number, number, number];
  const padded = pad(filter, [
    [0, Math.max(0, th * sh - kh)],
    [0, Math.max(0, tw * sw - kw)],
    [0, 0],
    [0, 0],
  ]);
  const whole = slice(padded, [0, 0, 0, 0], [th * sh, tw * sw, depth, filters]);
  // In few dimensions: WebGL turns four at most.
  const phase = slice(reshape(whole, [th, sh, -1]), [0, p, 0], [th, 1, tw * sw * depth * filters]);
  const turned = reverse(reshape(phase, [th, tw, sw * depth * filters]), [0, 1]);
  return reshape(transpose(reshape(turned, [th * tw, sw * depth, filters]), [0, 2, 1]), [th, tw, filters, sw * depth]);
}

/** [rows, 1, n] each → [rows, phases, n] */
function interleaved(phases: readonly Tensor[]): Tensor {
  const [first] = phases as [Tensor];
  if (phases.length === 1) return first;
  if (!onWasm()) return concat([...phases], 1);
  const [rows, , length] = first.shape as [number, number, number];
  const whole = emptyTensor([rows, phases.length, length]);
  const to = viewSync(whole);
  phases.forEach((phase, p) => {
    const from = viewSync(phase);
    for (let r = 0; r < rows; r++)
      to.set(from.subarray(r * length, (r + 1) * length), (r * phases.length + p) * length);
  });
  return whole;
}
