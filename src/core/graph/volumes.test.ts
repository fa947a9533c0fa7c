import { describe, expect, it } from 'vitest';
import { runNaive } from '../../testing/oracles/naive-float';
import { GraphBuilder } from './build';
import type { TensorId } from './graph';
import type { OpSink } from './unroll';
import { convolveVolume, poolVolume, volumeWindow, type Triple } from './volumes';

/** Adds `make` on x [1,...size,channels] and runs it on 0, 1, 2, …, scaled. */
function run(size: Triple, channels: number, make: (sink: OpSink, x: TensorId) => TensorId) {
  const builder = new GraphBuilder('volume');
  const x = builder.input('x', [1, ...size, channels]);
  let made = 0;
  const sink: OpSink = {
    op: (kind, inputs, attrs) => builder.op(kind, `${kind}_${made++}`, inputs, attrs)[0],
    ops: (kind, inputs, attrs) => builder.op(kind, `${kind}_${made++}`, inputs, attrs),
    constant: (name, values, shape) => builder.constant(`${name}_${made++}`, values, shape),
    shape: (id) => builder.shape(id),
  };
  const y = make(sink, x);
  const values = Float32Array.from({ length: size[0] * size[1] * size[2] * channels }, (_, i) => Math.sin(i));
  const graph = builder.build([y]);
  return { values, result: runNaive(graph, new Map([['x', values]]), 1).get(y)! };
}

/** The sum of products spelled out, dimension by dimension. */
function convolved(
  values: Float32Array,
  size: Triple,
  channels: number,
  filter: Float32Array,
  kernel: Triple,
  outputs: number,
  groups: number,
  window: ReturnType<typeof volumeWindow>,
) {
  const { output, strides, dilations, pads } = window;
  const perGroup = channels / groups;
  const result: number[] = [];
  const at = (d: number, h: number, w: number, c: number) =>
    [d, h, w].every((v, i) => v >= 0 && v < size[i]) ? values[((d * size[1] + h) * size[2] + w) * channels + c] : 0;
  for (let d = 0; d < output[0]; d++)
    for (let h = 0; h < output[1]; h++)
      for (let w = 0; w < output[2]; w++)
        for (let o = 0; o < outputs; o++) {
          const group = Math.floor(o / (outputs / groups));
          let sum = 0;
          for (let i = 0; i < kernel[0]; i++)
            for (let j = 0; j < kernel[1]; j++)
              for (let k = 0; k < kernel[2]; k++)
                for (let c = 0; c < perGroup; c++) {
                  const place = [d, h, w].map(
                    (v, axis) => v * strides[axis] - pads[axis][0] + [i, j, k][axis] * dilations[axis],
                  );
                  sum +=
                    at(place[0], place[1], place[2], group * perGroup + c) *
                    filter[(((o * kernel[0] + i) * kernel[1] + j) * kernel[2] + k) * perGroup + c];
                }
          result.push(sum);
        }
  return result;
}

describe('volumes', () => {
  it.each<[string, Triple, number, Triple, Triple, Triple, 'same' | 'valid', number, number]>([
    ['plain', [3, 4, 5], 2, [2, 3, 3], [1, 1, 1], [1, 1, 1], 'valid', 3, 1],
    ['padded and strided', [5, 6, 4], 3, [3, 3, 3], [2, 2, 1], [1, 1, 1], 'same', 2, 1],
    ['dilated', [5, 6, 6], 1, [2, 2, 3], [1, 1, 1], [2, 1, 2], 'valid', 2, 1],
    ['grouped', [4, 4, 4], 4, [3, 3, 3], [1, 1, 1], [1, 1, 1], 'same', 6, 2],
    ['depthwise', [4, 5, 4], 3, [3, 3, 3], [1, 1, 1], [1, 1, 1], 'same', 6, 3],
    ['one step deep', [1, 4, 4], 2, [1, 3, 3], [1, 1, 1], [1, 1, 1], 'valid', 2, 1],
  ])('convolution, %s', (_what, size, channels, kernel, strides, dilations, padding, outputs, groups) => {
    const window = volumeWindow(size, kernel, strides, dilations, padding);
    const taps = kernel[0] * kernel[1] * kernel[2] * (channels / groups);
    const values = Float32Array.from({ length: outputs * taps }, (_, i) => Math.cos(3 * i));
    const bias = Float32Array.from({ length: outputs }, (_, i) => i);
    const { values: x, result } = run(size, channels, (sink, input) =>
      convolveVolume(sink, input, { values, outputs, bias, groups }, window),
    );
    expect(result.shape).toEqual([1, ...window.output, outputs]);
    const expected = convolved(x, size, channels, values, kernel, outputs, groups, window);
    expected.forEach((v, i) => expect(result.data[i]).toBeCloseTo(v + bias[i % outputs], 4));
  });

  it.each<['max' | 'average', 'same' | 'valid']>([
    ['max', 'valid'],
    ['max', 'same'],
    ['average', 'valid'],
    ['average', 'same'],
  ])('pool, %s, %s', (kind, padding) => {
    const size: Triple = [5, 4, 3];
    const window = volumeWindow(size, [2, 3, 2], [2, 1, 2], [1, 1, 1], padding);
    const { values, result } = run(size, 2, (sink, x) => poolVolume(sink, x, kind, window)!);
    expect(result.shape).toEqual([1, ...window.output, 2]);
    let i = 0;
    for (let d = 0; d < window.output[0]; d++)
      for (let h = 0; h < window.output[1]; h++)
        for (let w = 0; w < window.output[2]; w++)
          for (let c = 0; c < 2; c++) {
            const seen: number[] = [];
            for (let a = 0; a < 2; a++)
              for (let b = 0; b < 3; b++)
                for (let e = 0; e < 2; e++) {
                  const at = [2 * d + a - window.pads[0][0], h + b - window.pads[1][0], 2 * w + e - window.pads[2][0]];
                  if (at.every((v, axis) => v >= 0 && v < size[axis]))
                    seen.push(values[((at[0] * size[1] + at[1]) * size[2] + at[2]) * 2 + c]);
                }
            const expected = kind === 'max' ? Math.max(...seen) : seen.reduce((n, v) => n + v, 0) / seen.length;
            expect(result.data[i++]).toBeCloseTo(expected, 5);
          }
  });
});
