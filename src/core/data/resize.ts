/**
 * Image resizing with half-pixel centres and no antialiasing: output pixel i lies at (i + ½)·in/out − ½ of the input.
 * 'bilinear' is what tf.image.resize(method='bilinear', antialias=False), OpenCV's INTER_LINEAR on floats and torch's
 * interpolate(align_corners=False) compute; 'nearest' is tf.image.resize(method='nearest'), floor((i + ½)·in/out).
 * Results are float, not rounded back to bytes.
 */
import type { PreprocessStep } from './types';

export type ResizeStep = Extract<PreprocessStep, { kind: 'resize' }>;
type Pixels = Uint8Array | Float32Array;

/** Where each output index of one axis reads: two neighbours, and the second one's weight. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

/**
 * A function that resizes [height, width, channels] pixels. 'crop' scales the image so that it just covers the target
 * (sizes rounded) and cuts the middle, the odd pixel off the bottom and right.
 */
export function compileResize(
  height: number,
  width: number,
  channels: number,
  { height: rows, width: columns, method, fit }: ResizeStep,
): (pixels: Pixels) => Float32Array {
  const cover = Math.max(rows / height, columns / width);
  const scaled = (size: number, target: number) =>
    fit === 'crop' ? Math.max(target, Math.round(size * cover)) : target;
  const vertical = taps(height, scaled(height, rows), rows, method);
  const horizontal = taps(width, scaled(width, columns), columns, method);
  return (pixels) => interpolate(pixels, width, channels, vertical, horizontal);
}

/** The middle `length` of `scaled` output positions over an axis of `size`. */
function taps(size: number, scaled: number, length: number, method: ResizeStep['method']): Taps {
  const first = Math.floor((scaled - length) / 2);
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const weight = new Float64Array(length);
  const clamp = (index: number) => Math.min(size - 1, Math.max(0, index));
  for (let i = 0; i < length; i++) {
    const center = ((first + i + 0.5) * size) / scaled;
    if (method === 'nearest') {
      low[i] = high[i] = clamp(Math.floor(center));
    } else {
      const position = center - 0.5;
      low[i] = clamp(Math.floor(position));
      high[i] = clamp(Math.floor(position) + 1);
      weight[i] = position - Math.floor(position);
    }
  }
  return { low, high, weight };
}

/** Rows are interpolated across first and kept: enlarging uses each of them for several output rows. */
function interpolate(pixels: Pixels, width: number, channels: number, vertical: Taps, horizontal: Taps): Float32Array {
  const rows = vertical.low.length;
  const rowLength = horizontal.low.length * channels;
  const out = new Float32Array(rows * rowLength);
  let [above, below] = [new Float64Array(rowLength), new Float64Array(rowLength)];
  let [aboveIndex, belowIndex] = [-1, -1];
  const acrossRow = (index: number, row: Float64Array) =>
    across(pixels.subarray(index * width * channels, (index + 1) * width * channels), channels, horizontal, row);
  for (let y = 0; y < rows; y++) {
    const [low, high] = [vertical.low[y], vertical.high[y]];
    if (low === belowIndex) [above, below, aboveIndex, belowIndex] = [below, above, belowIndex, aboveIndex];
    if (low !== aboveIndex) acrossRow((aboveIndex = low), above);
    if (high !== belowIndex) acrossRow((belowIndex = high), below);
    const weight = vertical.weight[y];
    const target = out.subarray(y * rowLength, (y + 1) * rowLength);
    for (let i = 0; i < rowLength; i++) target[i] = above[i] + (below[i] - above[i]) * weight;
  }
  return out;
}

function across(row: Pixels, channels: number, { low, high, weight }: Taps, out: Float64Array): void {
  for (let x = 0, to = 0; x < low.length; x++) {
    const [left, right, w] = [low[x] * channels, high[x] * channels, weight[x]];
    for (let c = 0; c < channels; c++) out[to++] = row[left + c] + (row[right + c] - row[left + c]) * w;
  }
}
