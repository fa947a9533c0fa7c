import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/graph/build';
import { BATCH, type TensorId } from '../../core/graph/graph';
import type { OpAttrs, OpKind } from '../../core/graph/ops/attrs';
import { runNaive } from './naive-float';

/** Output of one op on constants; `x` is batched, its first dimension given. */
function run<K extends OpKind>(
  kind: K,
  attrs: OpAttrs[K],
  shape: readonly number[],
  x: readonly number[],
  ...constants: [number[], number[]][]
) {
  const b = new GraphBuilder('one op');
  const ids: TensorId[] = [b.input('x', [BATCH, ...shape.slice(1)])];
  for (const [dims, values] of constants) ids.push(b.constant('c', values, dims));
  const outputs = b.op(kind, 'y', ids, attrs);
  const values = runNaive(b.build(outputs), new Map([['x', Float32Array.from(x)]]), shape[0]);
  return outputs.map((id) => ({ shape: values.get(id)!.shape, data: [...values.get(id)!.data] }));
}
const one = (...args: Parameters<typeof run>) => run(...args)[0];
const range = (n: number, from = 1) => Array.from({ length: n }, (_, i) => i + from);

// Values worked out by hand.
describe('runNaive', () => {
  it('convolves, padding the odd pixel at the end', () => {
    const sum2x2: [number[], number[]] = [
      [1, 2, 2, 1],
      [1, 1, 1, 1],
    ];
    const attrs = { strides: [1, 1], dilations: [1, 1], groups: 1 } as const;
    expect(one('conv2d', { ...attrs, padding: 'valid' }, [1, 3, 3, 1], range(9), sum2x2).data).toEqual([
      12, 16, 24, 28,
    ]);
    expect(one('conv2d', { ...attrs, padding: 'same' }, [1, 3, 3, 1], range(9), sum2x2).data).toEqual([
      12, 16, 9, 24, 28, 15, 15, 17, 9,
    ]);
    const bias: [number[], number[]] = [[1], [100]];
    expect(
      one('conv2d', { ...attrs, padding: 'same', strides: [2, 2] }, [1, 3, 3, 1], range(9), sum2x2, bias).data,
    ).toEqual([112, 109, 115, 109]);
    expect(
      one('conv2d', { ...attrs, padding: 'valid', dilations: [2, 2] }, [1, 3, 3, 1], range(9), sum2x2).data,
    ).toEqual([1 + 3 + 7 + 9]);
  });

  it('convolves groups apart, each sample for itself', () => {
    const w: [number[], number[]] = [
      [2, 1, 1, 1],
      [10, 100],
    ];
    const attrs = { strides: [1, 1], dilations: [1, 1], groups: 2, padding: 'valid' } as const;
    expect(one('conv2d', attrs, [2, 1, 1, 2], [1, 2, 3, 4], w)).toEqual({
      shape: [2, 1, 1, 2],
      data: [10, 200, 30, 400],
    });
  });

  it('multiplies depthwise filters channel by channel', () => {
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'valid', multiplier: 2 } as const;
    const w: [number[], number[]] = [
      [1, 1, 1, 4],
      [1, 10, 100, 1000],
    ];
    expect(one('depthwiseConv2d', attrs, [1, 1, 1, 2], [3, 5], w).data).toEqual([3, 30, 500, 5000]);
  });

  it('transposes a convolution', () => {
    const w: [number[], number[]] = [[1, 3, 3, 1], range(9)];
    const valid = { strides: [2, 2], padding: 'valid', outputSize: [5, 5] } as const;
    // Four inputs spread a 3×3 filter at stride 2; neighbours overlap by one.
    expect(one('transposeConv2d', valid, [1, 2, 2, 1], range(4), w).data).toEqual([
      1, 2, 5, 4, 6, 4, 5, 14, 10, 12, 10, 14, 36, 24, 30, 12, 15, 34, 20, 24, 21, 24, 55, 32, 36,
    ]);
    const same = { strides: [1, 1], padding: 'same', outputSize: [1, 1] } as const;
    expect(one('transposeConv2d', same, [1, 1, 1, 1], [2], w).data).toEqual([10]);
  });

  it('averages over real pixels only', () => {
    const attrs = { filter: [2, 2], strides: [2, 2], padding: 'same' } as const;
    expect(one('averagePool2d', attrs, [1, 3, 3, 1], range(9)).data).toEqual([3, 4.5, 7.5, 9]);
    expect(one('maxPool2d', attrs, [1, 3, 3, 1], range(9, -9)).data).toEqual([-5, -4, -2, -1]);
  });

  it('multiplies matrices, flattening where asked', () => {
    const w: [number[], number[]] = [
      [2, 2],
      [1, 2, 3, 4],
    ];
    expect(one('fullyConnected', { keepDims: false }, [1, 2, 1], [1, 10], w, [[2], [0.5, 0]])).toEqual({
      shape: [1, 2],
      data: [21.5, 43],
    });
    expect(one('fullyConnected', { keepDims: true }, [1, 2, 2], [1, 10, 0, 1], w).data).toEqual([21, 43, 2, 4]);
  });

  it('normalizes batches', () => {
    const [gamma, beta, mean, variance] = [
      [1, 10],
      [5, 0],
      [1, 0],
      [3, 0],
    ];
    const params = [gamma, beta, mean, variance].map((values): [number[], number[]] => [[2], values]);
    expect(one('batchNorm', { epsilon: 1 }, [2, 2], [1, 3, 5, -1], ...params).data).toEqual([5, 30, 7, -10]);
  });

  it('reduces, with dimensions kept or not', () => {
    expect(one('mean', { axes: [1, 2], keepDims: false }, [1, 2, 2, 2], range(8))).toEqual({
      shape: [1, 2],
      data: [4, 5],
    });
    expect(one('reduceMax', { axes: [2], keepDims: true }, [1, 2, 2, 1], range(4))).toEqual({
      shape: [1, 2, 1, 1],
      data: [2, 4],
    });
  });

  it('broadcasts', () => {
    expect(one('sub', {}, [1, 2, 2], range(4), [[2], [1, 2]]).data).toEqual([0, 0, 2, 2]);
    expect(
      one(
        'mul',
        {},
        [1, 1, 2],
        [1, 2],
        [
          [3, 1],
          [1, 10, 100],
        ],
      ),
    ).toEqual({ shape: [1, 3, 2], data: [1, 2, 10, 20, 100, 200] });
  });

  it('moves values', () => {
    expect(run('split', { axis: 1, sizes: [1, 2] }, [1, 3], range(3)).map(({ data }) => data)).toEqual([[1], [2, 3]]);
    expect(
      one(
        'pad',
        {
          paddings: [
            [0, 0],
            [1, 0],
            [0, 1],
          ],
          value: 9,
        },
        [1, 1, 2],
        [1, 2],
      ).data,
    ).toEqual([9, 9, 9, 1, 2, 9]);
    expect(one('transpose', { permutation: [0, 2, 1] }, [1, 2, 3], range(6)).data).toEqual([1, 4, 2, 5, 3, 6]);
    expect(one('slice', { begin: [0, 1], size: [-1, 2] }, [2, 4], range(8)).data).toEqual([2, 3, 6, 7]);
    const reversed = { begin: [0, 3, 1], end: [-1, -1, 2], strides: [1, -2, 1], shrinkAxes: [2] };
    expect(one('stridedSlice', reversed, [1, 4, 2], range(8))).toEqual({ shape: [1, 2], data: [8, 4] });
    expect(one('spaceToDepth', { blockSize: 2 }, [1, 2, 4, 1], range(8)).data).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
    expect(one('depthToSpace', { blockSize: 2 }, [1, 1, 2, 4], [1, 2, 5, 6, 3, 4, 7, 8]).data).toEqual(range(8));
  });

  it('joins what it is given in that order', () => {
    const b = new GraphBuilder('concat');
    const [x, y] = [b.input('x', [BATCH, 1, 2]), b.input('y', [BATCH, 2, 2])];
    const [z] = b.op('concat', 'z', [y, x], { axis: 1 });
    const inputs = new Map([x, y].map((id, i) => [id, Float32Array.from(range(i ? 4 : 2, i ? 3 : 1))]));
    expect([...runNaive(b.build([z]), inputs, 1).get(z)!.data]).toEqual([3, 4, 5, 6, 1, 2]);
  });

  it('resizes under each convention', () => {
    const to4 = (alignCorners: boolean, halfPixelCenters: boolean) => ({
      size: [1, 4] as const,
      alignCorners,
      halfPixelCenters,
    });
    expect(one('resizeBilinear', to4(false, false), [1, 1, 2, 1], [0, 4]).data).toEqual([0, 2, 4, 4]);
    expect(one('resizeBilinear', to4(false, true), [1, 1, 2, 1], [0, 4]).data).toEqual([0, 1, 3, 4]);
    expect(one('resizeBilinear', to4(true, false), [1, 1, 2, 1], [0, 3]).data.map((v) => +v.toFixed(6))).toEqual([
      0, 1, 2, 3,
    ]);
    expect(one('resizeNearest', to4(false, false), [1, 1, 2, 1], [1, 2]).data).toEqual([1, 1, 2, 2]);
    expect(one('resizeNearest', to4(true, false), [1, 1, 3, 1], [1, 2, 3]).data).toEqual([1, 2, 2, 3]);
  });

  it('squashes', () => {
    const apply = (kind: 'relu' | 'relu6' | 'hardSwish' | 'elu' | 'tanh' | 'sigmoid', v: number) =>
      one(kind, {}, [1, 1], [v]).data[0];
    expect([apply('relu', -2), apply('relu6', 8), apply('hardSwish', 1), apply('hardSwish', -4)]).toEqual([
      0,
      6,
      Math.fround(4 / 6),
      -0,
    ]);
    expect(apply('elu', -1)).toBeCloseTo(1 / Math.E - 1, 6);
    expect(apply('sigmoid', Math.log(3))).toBeCloseTo(0.75, 6);
    expect(apply('tanh', Math.log(2))).toBeCloseTo(0.6, 6);
    expect(one('leakyRelu', { alpha: 0.5 }, [1, 2], [-2, 2]).data).toEqual([-1, 2]);
    expect(one('prelu', {}, [1, 2], [-2, -2], [[2], [2, 3]]).data).toEqual([-4, -6]);
    const [a, b] = one('softmax', { beta: 2 }, [1, 2], [0, Math.log(3) / 2]).data;
    expect(a).toBeCloseTo(0.25, 6);
    expect(b).toBeCloseTo(0.75, 6);
  });

  it('rounds to the grid of a quantized tensor and reads quantized constants', () => {
    const b = new GraphBuilder('int');
    const quant = { scale: Float32Array.of(0.5), zeroPoint: Int32Array.of(-128), quantizedDimension: 0 };
    const perRow = { scale: Float32Array.of(1, 10), zeroPoint: Int32Array.of(0, 1), quantizedDimension: 0 };
    const w = b.constant('w', Int8Array.of(1, 2, 3, 4), [2, 2], { quant: perRow });
    const [q] = b.op('quantize', 'q', [b.input('x', [BATCH, 2])], {}, { quant });
    const [y] = b.op('fullyConnected', 'y', [q, w], { keepDims: false });
    const values = runNaive(b.build([y]), new Map([['x', Float32Array.of(1.25, -3)]]), 1);
    expect([...values.get('q')!.data]).toEqual([1, 0]); // 2.5 steps round to 2, below zero clips
    expect([...values.get('y')!.data]).toEqual([1, 20]);
  });
});
