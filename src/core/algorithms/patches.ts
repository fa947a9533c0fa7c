/** Layers as matrices: rows of weights, and the patches of the input that they are multiplied by (im2col). */
import type { Graph } from '../graph/graph';
import { tensorOf } from '../graph/graph';
import { padLengths } from '../graph/spatial';
import type { WeightedLayer } from './layer';

export interface PatchShape {
  /** Rows of one group of the weights share one patch. */
  readonly groups: number;
  /** Values in a patch of one group: columns of the weight matrix. */
  readonly columns: number;
  /** Output positions of one sample. */
  readonly positions: number;
  /** Copies the patch of each of `at` for all groups: `to` is [groups, at.length, columns]. */
  readonly gather: (sample: Float32Array, at: Uint32Array, to: Float32Array) => void;
}

/** Null for layers that are no matrix of their input: transposed convolutions, whose outputs see varying taps. */
export function patchesOf(graph: Graph, { op, shape, input, output }: WeightedLayer): PatchShape | null {
  const x = tensorOf(graph, input).shape;
  if (op.kind === 'fullyConnected') {
    const columns = shape[1];
    const positions = Math.max(1, x.slice(1).reduce((n, d) => n * d, 1) / columns);
    const gather: PatchShape['gather'] = (sample, at, to) =>
      at.forEach((p, i) => to.set(sample.subarray(p * columns, (p + 1) * columns), i * columns));
    return { groups: 1, columns, positions, gather };
  }
  if (op.kind !== 'conv2d' && op.kind !== 'depthwiseConv2d') return null;
  const [, height, width, channels] = x;
  const [, outHeight, outWidth] = tensorOf(graph, output).shape;
  const [, kh, kw] = shape;
  const { strides, dilations, padding } = op.attrs;
  const groups = op.kind === 'conv2d' ? op.attrs.groups : channels;
  const depth = channels / groups;
  const [top] = padLengths(height, kh, strides[0], dilations[0], padding);
  const [left] = padLengths(width, kw, strides[1], dilations[1], padding);
  const columns = kh * kw * depth;

  const gather: PatchShape['gather'] = (sample, at, to) => {
    to.fill(0);
    for (let i = 0; i < at.length; i++) {
      const y0 = Math.floor(at[i] / outWidth) * strides[0] - top;
      const x0 = (at[i] % outWidth) * strides[1] - left;
      for (let ky = 0; ky < kh; ky++) {
        const yy = y0 + ky * dilations[0];
        if (yy < 0 || yy >= height) continue;
        for (let kx = 0; kx < kw; kx++) {
          const xx = x0 + kx * dilations[1];
          if (xx < 0 || xx >= width) continue;
          const from = (yy * width + xx) * channels;
          const tap = (ky * kw + kx) * depth;
          for (let c = 0; c < channels; c++) {
            const group = Math.floor(c / depth);
            to[(group * at.length + i) * columns + tap + (c % depth)] = sample[from + c];
          }
        }
      }
    }
  };
  return { groups, columns, positions: outHeight * outWidth, gather };
}

/** Weights as [output channels, columns]; the same array where they lie so already. */
export function weightRows({ op, weights, outputs }: WeightedLayer, values = weights): Float32Array {
  return op.kind === 'depthwiseConv2d' ? transpose(values, values.length / outputs, outputs) : values;
}

/** The inverse of {@link weightRows}. */
export function fromRows({ op, outputs }: WeightedLayer, rows: Float32Array): Float32Array {
  return op.kind === 'depthwiseConv2d' ? transpose(rows, outputs, rows.length / outputs) : rows;
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  return out;
}
