/**
 * How ONNX resizes: each output position reads a weighted few of the input positions along each axis. The rules TensorFlow
 * Lite has of its own are found by comparison; all others are products with a matrix of these weights.
 */
import { lookup } from '../../../base/lookup';
import type { OnnxNode } from './node';

export interface AxisResizing {
  readonly length: number;
  readonly size: number;
  readonly scale: number;
}

/** Where an output position lies in the input, by coordinate_transformation_mode. */
type Transform = (position: number, axis: AxisResizing) => number;

const halfPixel: Transform = (x, { scale }) => (x + 0.5) / scale - 0.5;

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: (x, axis) =>
    (axis.length / 2) * (1 - axis.size / (axis.scale * axis.length)) + halfPixel(x, axis),
  pytorch_half_pixel: (x, axis) => (axis.size > 1 ? halfPixel(x, axis) : 0),
  align_corners: (x, { length, size }) => (size > 1 ? (x * (length - 1)) / (size - 1) : 0),
  asymmetric: (x, { scale }) => x / scale,
};

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

export const clamp = (x: number, length: number) => Math.min(Math.max(x, 0), length - 1);

/** Keys' cubic convolution kernel (1981) with its free coefficient a. */
function cubic(t: number, a: number): number {
  const x = Math.abs(t);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

export interface Resampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  /** Position in the input, before any rounding. */
  readonly source: (position: number, axis: AxisResizing) => number;
  readonly nearest: (x: number) => number;
  /** Size [output, input], row-major: how much each input position counts for each output position along an axis. */
  readonly weights: (axis: AxisResizing) => Float32Array;
}

export function resamplingOf(node: OnnxNode, older: boolean): Resampling {
  const { attrs } = node;
  const mode = attrs.text('mode', 'nearest');
  const transform = attrs.text('coordinate_transformation_mode', older ? 'asymmetric' : 'half_pixel');
  const rounding = attrs.text('nearest_mode', older ? 'floor' : 'round_prefer_floor');
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic') return node.refuse(`its mode is "${mode}"`);
  const source = lookup(TRANSFORMS, transform) ?? node.refuse(`it transforms coordinates by "${transform}"`);
  const nearest = lookup(ROUNDINGS, rounding) ?? node.refuse(`it rounds by "${rounding}"`);
  const a = attrs.float('cubic_coeff_a', -0.75);
  const kernel = mode === 'cubic' ? (t: number) => cubic(t, a) : (t: number) => Math.max(1 - Math.abs(t), 0);
  const reach = mode === 'cubic' ? 2 : 1;
  const antialias = attrs.flag('antialias');
  const excludeOutside = attrs.flag('exclude_outside');

  const weights = (axis: AxisResizing): Float32Array => {
    const { length, size } = axis;
    // Antialiasing stretches the kernel over all the pixels that become one.
    const stretch = antialias ? Math.max(1, 1 / axis.scale) : 1;
    node.checkCount([size, length + 2 * Math.ceil(reach * stretch)]);
    const matrix = new Float32Array(node.checkCount([size, length]));
    for (let position = 0; position < size; position++) {
      const x = source(position, axis);
      const row = matrix.subarray(position * length, (position + 1) * length);
      if (mode === 'nearest') {
        row[clamp(nearest(x), length)] = 1;
        continue;
      }
      let sum = 0;
      for (let i = Math.floor(x - reach * stretch) + 1; i < x + reach * stretch; i++) {
        const weight = kernel((i - x) / stretch);
        if (excludeOutside && (i < 0 || i >= length)) continue;
        row[clamp(i, length)] += weight;
        sum += weight;
      }
      for (let i = 0; i < length; i++) row[i] /= sum;
    }
    return matrix;
  };
  return { mode, source, nearest, weights };
}
