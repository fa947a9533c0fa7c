import { describe, it } from 'vitest';
import { affine, ALL_CODES, expectAgreement, oneOp, PAIRS, type Dice } from '../../../testing/oracles/litert-oracle';

const SQUARE = [1, 256, 256, 1];

describe('functions of one code, every code', () => {
  const x = (dice: Dice) => ({ shape: [1, 256], quant: dice.quant() });
  const given = [ALL_CODES];

  for (const kind of ['reluN1To1', 'relu0To1', 'exp', 'abs'] as const)
    it(kind, () =>
      expectAgreement(60, (dice) => ({ graph: oneOp(kind, {}, [x(dice)], { quant: dice.quant() }), given })),
    );

  it.each([true, false])('gelu, approximate %s', (approximate) =>
    expectAgreement(60, (dice) => ({
      graph: oneOp('gelu', { approximate }, [x(dice)], { quant: dice.quant() }),
      given,
    })),
  );

  it('abs at the same scale', () =>
    expectAgreement(30, (dice) => {
      const operand = x(dice);
      return { graph: oneOp('abs', {}, [operand], { quant: operand.quant }), given };
    }));
});

describe('functions of two codes, every pair', () => {
  it.each(['maximum', 'minimum'] as const)('%s', (kind) =>
    expectAgreement(4, (dice) => {
      const quant = dice.quant();
      return {
        graph: oneOp(
          kind,
          {},
          [SQUARE, SQUARE].map((shape) => ({ shape, quant })),
          { quant },
        ),
        given: PAIRS,
      };
    }),
  );

  it('squaredDifference', () =>
    expectAgreement(12, (dice) => {
      const operands = [SQUARE, SQUARE].map((shape) => ({ shape, quant: dice.quant() }));
      return { graph: oneOp('squaredDifference', {}, operands, { quant: dice.quant() }), given: PAIRS };
    }));

  it.each([[[3]], [[1, 1, 3]], [[1]]])('broadcast a constant of shape %j', (shape) =>
    expectAgreement(6, (dice) => {
      const quant = dice.quant();
      const data = dice.codes(shape.reduce((n, d) => n * d, 1));
      const kind = dice.pick('maximum', 'minimum', 'squaredDifference');
      const operands = [
        { shape: [1, 8, 4, 3], quant },
        { shape, quant, data },
      ];
      return oneOp(kind, {}, operands, { quant });
    }),
  );
});

describe('rows', () => {
  const shape = (dice: Dice) => [dice.whole(1, 20), dice.whole(1, 40)];

  it('logSoftmax', () =>
    expectAgreement(60, (dice) =>
      oneOp('logSoftmax', {}, [{ shape: shape(dice), quant: dice.quant() }], { quant: affine(16 / 256, 127) }),
    ));

  it('l2Normalization', () =>
    expectAgreement(60, (dice) =>
      oneOp('l2Normalization', {}, [{ shape: shape(dice), quant: dice.quant() }], { quant: affine(1 / 128, 0) }),
    ));
});

describe('sums', () => {
  it.each([[[1, 2]], [[2, 1]], [[2]], [[3]], [[1]], [[1, 2, 3]]])('sum over %j', (axes) =>
    expectAgreement(12, (dice) => {
      const image = [1, dice.whole(1, 9), dice.whole(1, 9), dice.whole(1, 9)];
      return oneOp('sum', { axes, keepDims: dice.pick(true, false) }, [{ shape: image, quant: dice.quant() }], {
        quant: dice.quant(),
      });
    }),
  );

  it.each([[[1, 2]], [[3]]])('reduceMin over %j', (axes) =>
    expectAgreement(6, (dice) => {
      const quant = dice.quant();
      return oneOp('reduceMin', { axes, keepDims: false }, [{ shape: [1, 5, 4, 7], quant }], { quant });
    }),
  );

  it('batchMatMul', () =>
    expectAgreement(40, (dice) => {
      const [m, k, n, heads] = [dice.whole(1, 9), dice.whole(1, 40), dice.whole(1, 9), dice.whole(1, 4)];
      const [transposeX, transposeY] = [dice.pick(true, false), dice.pick(true, false)];
      const x = [1, heads, ...(transposeX ? [k, m] : [m, k])];
      const y = [1, dice.pick(1, heads), ...(transposeY ? [n, k] : [k, n])];
      const operands = [x, y].map((of) => ({ shape: of, quant: dice.quant() }));
      return oneOp('batchMatMul', { transposeX, transposeY }, operands, { quant: dice.quant() });
    }));
});

describe('moves', () => {
  const shape = [1, 5, 4, 3];

  it('gather', () =>
    expectAgreement(8, (dice) => {
      const quant = dice.quant();
      const axis = dice.whole(1, 3);
      const data = Int32Array.from({ length: 4 }, () => dice.whole(0, shape[axis] - 1));
      return oneOp(
        'gather',
        { axis },
        [
          { shape, quant },
          { shape: dice.pick([4], [2, 2]), dtype: 'int32', data },
        ],
        {
          quant,
        },
      );
    }));
  it('tile', () =>
    expectAgreement(4, (dice) => {
      const quant = dice.quant();
      return oneOp('tile', { repeats: [1, dice.whole(1, 3), dice.whole(1, 3), 2] }, [{ shape, quant }], { quant });
    }));
  it.each(['reflect', 'symmetric'] as const)('mirrorPad, %s', (mode) =>
    expectAgreement(6, (dice) => {
      const quant = dice.quant();
      const pair = () => [dice.whole(0, 3), dice.whole(0, 3)] as const;
      const paddings = [[0, 0], pair(), pair(), [0, dice.whole(0, 2)]] as const;
      return oneOp('mirrorPad', { paddings, mode }, [{ shape, quant }], { quant });
    }),
  );
  it('pack', () =>
    expectAgreement(6, (dice) => {
      const quant = dice.quant();
      const parts = Array.from({ length: dice.whole(1, 4) }, () => ({ shape: [1, 5, 3], quant }));
      return oneOp('pack', { axis: dice.whole(1, 3) }, parts, { quant });
    }));
  it('unpack', () =>
    expectAgreement(6, (dice) => {
      const quant = dice.quant();
      return oneOp('unpack', { axis: dice.whole(1, 3) }, [{ shape, quant }], { quant });
    }));
});
