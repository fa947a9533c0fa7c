import { describe, it } from 'vitest';
import type { QuantParams } from '../../../core/graph/graph';
import type { OpAttrs, OpKind } from '../../../core/graph/ops/attrs';
import { affine, expectAgreement, oneOp, type Dice } from '../../../testing/oracles/litert-oracle';

/** An op whose inputs and output share parameters. */
function shared<K extends OpKind>(dice: Dice, kind: K, attrs: OpAttrs[K], ...shapes: number[][]) {
  const quant = dice.quant();
  return oneOp(
    kind,
    attrs,
    shapes.map((shape) => ({ shape, quant })),
    { quant },
  );
}

describe('reductions', () => {
  const SHAPE = [2, 5, 7, 6];
  for (const keepDims of [true, false])
    it.each([[[1, 2]], [[3]], [[1]], [[2]], [[1, 3]], [[1, 2, 3]]])(`mean over %j, keepDims ${keepDims}`, (axes) =>
      expectAgreement(12, (dice) =>
        oneOp('mean', { axes, keepDims }, [{ shape: SHAPE, quant: dice.quant() }], { quant: dice.quant() }),
      ),
    );

  it('mean of a large image', () =>
    expectAgreement(4, (dice) =>
      oneOp('mean', { axes: [1, 2], keepDims: false }, [{ shape: [1, 96, 112, 3], quant: dice.quant() }], {
        quant: dice.quant(),
      }),
    ));

  it.each([[[1, 2]], [[3]]])('reduceMax over %j', (axes) =>
    expectAgreement(5, (dice) => shared(dice, 'reduceMax', { axes, keepDims: false }, SHAPE)),
  );
});

describe('pooling', () => {
  for (const kind of ['averagePool2d', 'maxPool2d'] as const)
    it(kind, () =>
      expectAgreement(40, (dice) => {
        const [f, s] = [dice.whole(1, 4), dice.whole(1, 3)];
        const quant: QuantParams = dice.pick(dice.quant(), affine(4 / dice.pick(1, 3, 5, 7, 9, 11), -128));
        return oneOp(
          kind,
          { filter: [f, f], strides: [s, s], padding: dice.pick('same', 'valid') },
          [{ shape: [1, dice.whole(f, 9), dice.whole(f, 9), 5], quant }],
          { quant, activation: dice.pick('none', 'relu', 'relu6') },
        );
      }),
    );
});

describe('softmax', () => {
  it.each([2, 11, 1001])('of %i classes', (classes) =>
    expectAgreement(12, (dice) =>
      oneOp('softmax', { beta: 1 }, [{ shape: [8, classes], quant: dice.quant() }], { quant: affine(1 / 256, -128) }),
    ),
  );

  it('with a temperature', () =>
    expectAgreement(12, (dice) =>
      oneOp('softmax', { beta: Math.fround(dice.real(0.3, 3)) }, [{ shape: [2, 3, 40], quant: dice.quant() }], {
        quant: affine(1 / 256, -128),
      }),
    ));
});

describe('resizing', () => {
  for (const kind of ['resizeBilinear', 'resizeNearest'] as const)
    it.each([
      [false, false],
      [true, false],
      [false, true],
    ])(`${kind}, corners aligned: %s, half pixels: %s`, (alignCorners, halfPixelCenters) =>
      expectAgreement(40, (dice) =>
        shared(dice, kind, { size: [dice.whole(1, 17), dice.whole(1, 17)], alignCorners, halfPixelCenters }, [
          dice.whole(1, 2),
          dice.whole(1, 9),
          dice.whole(1, 9),
          3,
        ]),
      ),
    );
});

describe('layout', () => {
  const cases: readonly [string, (dice: Dice) => ReturnType<typeof shared>][] = [
    ['reshape', (d) => shared(d, 'reshape', { shape: [2, -1] }, [2, 3, 4])],
    ['transpose', (d) => shared(d, 'transpose', { permutation: [0, 3, 1, 2] }, [2, 3, 4, 5])],
    ['slice', (d) => shared(d, 'slice', { begin: [0, 1, 2, 0], size: [-1, 2, 1, 3] }, [2, 3, 4, 5])],
    [
      'stridedSlice backwards',
      (d) =>
        shared(d, 'stridedSlice', { begin: [0, 1, 3], end: [2, 3, 0], strides: [1, 1, -1], shrinkAxes: [] }, [2, 3, 4]),
    ],
    [
      'stridedSlice dropping an axis',
      (d) =>
        shared(d, 'stridedSlice', { begin: [0, 1, 0], end: [2, 2, 4], strides: [1, 1, 2], shrinkAxes: [1] }, [2, 3, 4]),
    ],
    ['split evenly', (d) => shared(d, 'split', { axis: 2, sizes: [2, 2] }, [2, 3, 4])],
    ['split unevenly', (d) => shared(d, 'split', { axis: 1, sizes: [1, 2] }, [2, 3, 4])],
    ['pad', (d) => shared(d, 'pad', { paddings: [[0, 0], [1, 2], [0, 3], [0, 0]], value: 0 }, [2, 3, 4, 5])], // prettier-ignore
    ['pad with a value', (d) => shared(d, 'pad', { paddings: [[0, 0], [2, 1], [0, 1], [1, 0]], value: 1.23 }, [1, 3, 4, 2])], // prettier-ignore
    ['spaceToDepth', (d) => shared(d, 'spaceToDepth', { blockSize: 2 }, [2, 4, 6, 3])],
    ['depthToSpace', (d) => shared(d, 'depthToSpace', { blockSize: 2 }, [2, 2, 3, 12])],
    ['concat of two', (d) => shared(d, 'concat', { axis: 2 }, [2, 3, 4], [2, 3, 2])],
    ['concat of six', (d) => shared(d, 'concat', { axis: 1 }, ...Array.from({ length: 6 }, (_, i) => [2, i + 1, 3]))],
  ];
  it.each(cases)('%s', (_, make) => expectAgreement(4, make));
});
