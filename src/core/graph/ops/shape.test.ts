import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../../base/errors';
import { GraphBuilder } from '../build';
import { BATCH, type Shape } from '../graph';
import type { OpAttrs, OpKind, Padding, Pair } from './attrs';

/** Output shapes of an op on inputs of these shapes; batched and static ones are graph inputs alike. */
function shapes<K extends OpKind>(kind: K, attrs: OpAttrs[K], ...inputs: readonly (Shape | null)[]): Shape[] {
  const b = new GraphBuilder('one op');
  const ids = inputs.map((shape) => shape && b.input('x', shape));
  return b.op(kind, 'y', ids, attrs).map((id) => b.shape(id));
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof RangefinderError && thrown.code === 'invalid-graph' && thrown.where === 'y')
      return thrown.message;
    throw thrown;
  }
  throw new Error('it was accepted');
}

const unit: Pair = [1, 1];
const conv = (padding: Padding, strides = unit, dilations = unit, groups = 1) => ({
  padding,
  strides,
  dilations,
  groups,
});

describe('convolutions', () => {
  it('have the sizes of known layers', () => {
    // ResNet, MobileNetV1 and the DS-CNN keyword spotter
    expect(shapes('conv2d', conv('same', [2, 2]), [BATCH, 224, 224, 3], [64, 7, 7, 3])).toEqual([
      [BATCH, 112, 112, 64],
    ]);
    expect(shapes('conv2d', conv('same', [2, 2]), [1, 49, 10, 1], [64, 10, 4, 1], [64])).toEqual([[1, 25, 5, 64]]);
    expect(shapes('conv2d', conv('valid', unit, [2, 2]), [BATCH, 9, 9, 4], [8, 3, 3, 4])).toEqual([[BATCH, 5, 5, 8]]);
    expect(shapes('conv2d', conv('same', unit, unit, 2), [BATCH, 5, 5, 4], [6, 3, 3, 2])).toEqual([[BATCH, 5, 5, 6]]);
    const depthwise = { padding: 'same', strides: [2, 2], dilations: unit, multiplier: 2 } as const;
    expect(shapes('depthwiseConv2d', depthwise, [BATCH, 7, 8, 3], [1, 3, 3, 6])).toEqual([[BATCH, 4, 4, 6]]);
  });

  it('a transposed one undoes the size of its forward one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<Padding>('same', 'valid'),
        (size, kernel, stride, padding) => {
          fc.pre(padding === 'same' || kernel <= size);
          const outputSize: Pair = [size, size];
          const [forward] = shapes(
            'conv2d',
            conv(padding, [stride, stride]),
            [BATCH, ...outputSize, 2],
            [3, kernel, kernel, 2],
          );
          const attrs = { padding, strides: [stride, stride] as const, outputSize };
          expect(shapes('transposeConv2d', attrs, forward, [2, kernel, kernel, 3])).toEqual([[BATCH, size, size, 2]]);
        },
      ),
    );
  });

  it('refuse filters, biases and windows that do not fit', () => {
    const x = [BATCH, 4, 4, 3];
    expect(refusal(() => shapes('conv2d', conv('same'), x, [8, 3, 3, 4]))).toContain('filters of depth 4');
    expect(refusal(() => shapes('conv2d', conv('same', unit, unit, 3), x, [8, 3, 3, 1]))).toContain('in 3 group(s)');
    expect(refusal(() => shapes('conv2d', conv('same'), x, [8, 3, 3, 3], [7]))).toContain('its bias is [7], not [8]');
    expect(refusal(() => shapes('conv2d', conv('valid'), x, [8, 5, 5, 3]))).toContain('larger than its input [4, 4]');
    expect(refusal(() => shapes('conv2d', conv('same', [0, 1]), x, [8, 3, 3, 3]))).toContain('strides [0, 1]');
    expect(refusal(() => shapes('conv2d', conv('same', [1.5, 1]), x, [8, 3, 3, 3]))).toContain('strides [1.5, 1]');
    expect(refusal(() => shapes('conv2d', conv('same'), [BATCH, 4, 3], [8, 3, 3, 3]))).toContain(
      'not four-dimensional',
    );
    const depthwise = { padding: 'same', strides: unit, dilations: unit, multiplier: 2 } as const;
    expect(refusal(() => shapes('depthwiseConv2d', depthwise, x, [1, 3, 3, 3]))).toContain('3 channels times 2');
    const up = { padding: 'same', strides: [2, 2], outputSize: [9, 8] } as const;
    expect(refusal(() => shapes('transposeConv2d', up, x, [8, 3, 3, 3]))).toContain('output size [9, 8]');
  });
});

describe('fullyConnected', () => {
  it('flattens, or keeps the dimensions in front', () => {
    expect(shapes('fullyConnected', { keepDims: false }, [BATCH, 4, 4, 8], [10, 128], [10])).toEqual([[BATCH, 10]]);
    expect(shapes('fullyConnected', { keepDims: false }, [6, 4], [10, 8], null)).toEqual([[3, 10]]);
    expect(shapes('fullyConnected', { keepDims: true }, [BATCH, 7, 8], [10, 8])).toEqual([[BATCH, 7, 10]]);
  });
  it('refuses weights that do not fit, and samples that would be mixed', () => {
    expect(refusal(() => shapes('fullyConnected', { keepDims: false }, [BATCH, 9], [10, 8]))).toContain('do not fit');
    expect(refusal(() => shapes('fullyConnected', { keepDims: false }, [BATCH, 2, 8], [10, 8]))).toContain(
      'do not fit',
    );
    expect(refusal(() => shapes('fullyConnected', { keepDims: true }, [BATCH, 9], [10, 8]))).toContain('do not fit');
  });
});

describe('reshape', () => {
  const reshape = (x: Shape, shape: number[]) => shapes('reshape', { shape }, x)[0];
  it('fills in one dimension, besides the batch', () => {
    expect(reshape([BATCH, 4, 6], [-1, 24])).toEqual([BATCH, 24]);
    expect(reshape([BATCH, 4, 6], [-1, -1, 8])).toEqual([BATCH, 3, 8]);
    expect(reshape([BATCH], [-1, 1, 1])).toEqual([BATCH, 1, 1]);
    expect(reshape([2, 6], [-1, 4])).toEqual([3, 4]);
    expect(reshape([1, 1], [])).toEqual([]);
  });
  it('refuses other numbers of values and a batch mixed with them', () => {
    expect(refusal(() => reshape([BATCH, 4, 6], [-1, 25]))).toContain('does not fit');
    expect(refusal(() => reshape([BATCH, 4, 6], [1, 24]))).toContain('mixes the batch');
    expect(refusal(() => reshape([BATCH, 4, 6], [24, -1]))).toContain('mixes the batch');
    expect(refusal(() => reshape([BATCH, 4, 6], [-1, 6]))).toContain('does not fit');
    expect(refusal(() => reshape([BATCH, 8], [-1, -1, -1]))).toContain('not determined');
    expect(refusal(() => reshape([6], [-1, 4]))).toContain('does not fit');
    expect(refusal(() => reshape([6], [-1, 0]))).toContain('does not fit');
    expect(refusal(() => reshape([6], [-2, -3]))).toContain('whole numbers from -1 up');
  });
});

describe('slices', () => {
  it('count what indexing one by one finds', () => {
    const bounds = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: -1, max: 12 }),
      fc.constantFrom(-3, -2, -1, 1, 2, 3),
    );
    fc.assert(
      fc.property(bounds, ([length, begin, end, stride]) => {
        let count = 0;
        if (stride > 0) for (let i = begin; i < end; i += stride) count++;
        else for (let i = begin; i > end; i += stride) count++;
        const within = begin < length && (stride > 0 ? end >= 0 && end <= length : end < length);
        const attrs = { begin: [0, begin], end: [-1, end], strides: [1, stride], shrinkAxes: [] };
        const run = () => shapes('stridedSlice', attrs, [BATCH, length]);
        if (within && count > 0) expect(run()).toEqual([[BATCH, count]]);
        else expect(refusal(run)).toContain('is empty or not within');
      }),
    );
  });

  it('drop shrunken dimensions and take a size of -1 to the end', () => {
    const attrs = { begin: [0, 2, 1], end: [-1, 3, 4], strides: [1, 1, 1], shrinkAxes: [-2] };
    expect(shapes('stridedSlice', attrs, [BATCH, 5, 6])).toEqual([[BATCH, 3]]);
    expect(shapes('slice', { begin: [0, 2, 1], size: [-1, -1, 4] }, [BATCH, 5, 6])).toEqual([[BATCH, 3, 4]]);
  });

  it('refuse to leave the tensor or to part the batch', () => {
    expect(refusal(() => shapes('slice', { begin: [0, 3], size: [-1, 4] }, [BATCH, 6]))).toContain('4 values from 3');
    expect(refusal(() => shapes('slice', { begin: [0, 6], size: [-1, -1] }, [BATCH, 6]))).toContain('-1 values from 6');
    expect(refusal(() => shapes('slice', { begin: [0], size: [-1] }, [BATCH, 6]))).toContain('1 begins for the 2');
    expect(refusal(() => shapes('slice', { begin: [1, 0], size: [-1, 1] }, [BATCH, 6]))).toContain('part of the batch');
    const wide = { begin: [0, 0], end: [-1, 2], strides: [1, 1], shrinkAxes: [1] };
    expect(refusal(() => shapes('stridedSlice', wide, [BATCH, 6]))).toContain('it takes 2 values');
  });
});

describe('other ops', () => {
  it('have the shapes of their definition', () => {
    expect(shapes('concat', { axis: -1 }, [BATCH, 2, 3], [BATCH, 2, 4])).toEqual([[BATCH, 2, 7]]);
    expect(shapes('split', { axis: 1, sizes: [1, 3] }, [BATCH, 4])).toEqual([
      [BATCH, 1],
      [BATCH, 3],
    ]);
    expect(
      shapes(
        'pad',
        {
          paddings: [
            [0, 0],
            [1, 2],
          ],
          value: 0,
        },
        [BATCH, 4],
      ),
    ).toEqual([[BATCH, 7]]);
    expect(shapes('mean', { axes: [1, -2], keepDims: false }, [BATCH, 4, 4, 8])).toEqual([[BATCH, 8]]);
    expect(shapes('reduceMax', { axes: [-1], keepDims: true }, [BATCH, 4, 8])).toEqual([[BATCH, 4, 1]]);
    expect(shapes('transpose', { permutation: [0, 3, 1, 2] }, [BATCH, 4, 5, 6])).toEqual([[BATCH, 6, 4, 5]]);
    expect(
      shapes('resizeBilinear', { size: [8, 9], alignCorners: false, halfPixelCenters: true }, [BATCH, 4, 5, 6]),
    ).toEqual([[BATCH, 8, 9, 6]]);
    expect(shapes('spaceToDepth', { blockSize: 2 }, [BATCH, 4, 6, 3])).toEqual([[BATCH, 2, 3, 12]]);
    expect(shapes('depthToSpace', { blockSize: 2 }, [BATCH, 2, 3, 12])).toEqual([[BATCH, 4, 6, 3]]);
    expect(shapes('averagePool2d', { filter: [2, 2], strides: [2, 2], padding: 'valid' }, [BATCH, 5, 4, 3])).toEqual([
      [BATCH, 2, 2, 3],
    ]);
    expect(shapes('prelu', {}, [BATCH, 4, 4, 3], [1, 1, 3])).toEqual([[BATCH, 4, 4, 3]]);
    expect(shapes('mul', {}, [BATCH, 4, 1], [BATCH, 1, 5])).toEqual([[BATCH, 4, 5]]);
    expect(shapes('softmax', { beta: 1 }, [BATCH, 10])).toEqual([[BATCH, 10]]);
  });

  it('refuse what does not fit them', () => {
    expect(refusal(() => shapes('concat', { axis: 3 }, [BATCH, 2, 3]))).toContain('axis 3 is outside its 3 dimensions');
    expect(refusal(() => shapes('concat', { axis: 1 }, [BATCH, 2, 3], [BATCH, 2, 4]))).toContain('differ off axis 1');
    expect(refusal(() => shapes('split', { axis: 1, sizes: [1, 2] }, [BATCH, 4]))).toContain('do not add up to the 4');
    expect(refusal(() => shapes('split', { axis: 0, sizes: [1] }, [BATCH, 4]))).toContain('along the batch');
    expect(refusal(() => shapes('mean', { axes: [0], keepDims: true }, [BATCH, 4]))).toContain('along the batch');
    expect(refusal(() => shapes('mean', { axes: [NaN], keepDims: true }, [BATCH, 4]))).toContain('axis NaN');
    expect(
      refusal(() =>
        shapes(
          'pad',
          {
            paddings: [
              [0, 0],
              [0, -1],
            ],
            value: 0,
          },
          [BATCH, 4],
        ),
      ),
    ).toContain('padding [0, -1]');
    expect(refusal(() => shapes('transpose', { permutation: [0, 1, 1] }, [BATCH, 4, 5]))).toContain('no permutation');
    expect(refusal(() => shapes('transpose', { permutation: [1, 0] }, [BATCH, 4]))).toContain('the batch away');
    expect(refusal(() => shapes('spaceToDepth', { blockSize: 3 }, [BATCH, 4, 6, 3]))).toContain('do not tile [4, 6]');
    expect(refusal(() => shapes('depthToSpace', { blockSize: 2 }, [BATCH, 4, 6, 6]))).toContain('do not fill blocks');
    expect(refusal(() => shapes('prelu', {}, [BATCH, 4], [2, 1, 4]))).toContain('does not broadcast over');
    expect(refusal(() => shapes('add', {}, [BATCH, 4], [3]))).toContain('[N, 4] and [3] do not broadcast');
    expect(refusal(() => shapes('softmax', { beta: 1 }, [BATCH]))).toContain('no classes');
    expect(refusal(() => shapes('batchNorm', { epsilon: 0.1 }, [BATCH, 4], [3], null, [4], [4]))).toContain('gamma');
    expect(refusal(() => shapes('batchNorm', { epsilon: NaN }, [BATCH, 4], null, null, [4], [4]))).toContain('epsilon');
  });
});
