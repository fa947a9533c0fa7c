/**
 * Rounding to formats that are no integer grid, composed of tfjs' ops: for backends whose memory is not at hand. Powers of two
 * are those of the backend's exp and log, so that what comes out is within float32's last digits of the grid.
 */
import {
  abs,
  clipByValue,
  div,
  exp,
  floor,
  log,
  max,
  maximum,
  minimum,
  mul,
  pad,
  reshape,
  round,
  slice,
  sub,
  add,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { codeRange, largestOf, type BlockFormat, type NumberFormat } from '../../../core/number-formats/format';
import { E8M0 } from '../../../core/number-formats/microscaling';
import type { FormatGrid } from './format';

/** So that a power of two keeps its own exponent, whatever the last digit of its logarithm. */
const GUARD = 1e-6;
const TINY = 1e-38;

const exponentOf = (magnitude: Tensor) => floor(add(div(log(maximum(magnitude, TINY)), Math.LN2), GUARD));
const powerOfTwo = (exponent: Tensor) => exp(mul(exponent, Math.LN2));

export function roundComposed(x: Tensor, { format, scale }: FormatGrid): Tensor {
  return tidy(() => (format.kind === 'block' ? inBlocks(x, format) : mul(roundUnscaled(div(x, scale), format), scale)));
}

/** To the grid at scale 1. */
function roundUnscaled(u: Tensor, format: NumberFormat): Tensor {
  if (format.kind === 'int') {
    const { qmin, qmax } = codeRange(format);
    return clipByValue(round(u), qmin, qmax);
  }
  const largest = largestOf(format);
  const within = clipByValue(u, -largest, largest);
  const exponent = maximum(exponentOf(abs(within)), 1 - format.bias);
  const step = powerOfTwo(sub(exponent, format.mantissaBits));
  return clipByValue(mul(round(div(within, step)), step), -largest, largest);
}

/** Blocks lie along the last dimension; its end may leave a shorter one. */
function inBlocks(x: Tensor, { size, element, unit, largestExponent }: BlockFormat): Tensor {
  const row = x.shape.at(-1)!;
  const rows = x.size / row;
  const missing = (size - (row % size)) % size;
  const flat = reshape(x, [rows, row]);
  const padded =
    missing === 0
      ? flat
      : pad(flat, [
          [0, 0],
          [0, missing],
        ]);
  const blocks = reshape(padded, [-1, size]);
  const shared = sub(exponentOf(max(abs(blocks), 1, true)), largestExponent);
  const scale = mul(powerOfTwo(minimum(maximum(shared, -E8M0.largest), E8M0.largest)), unit);
  const rounded = reshape(mul(roundUnscaled(div(blocks, scale), element), scale), [rows, row + missing]);
  return reshape(missing === 0 ? rounded : slice(rounded, [0, 0], [rows, row]), x.shape);
}
