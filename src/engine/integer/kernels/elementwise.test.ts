import { describe, it } from 'vitest';
import { affine, ALL_CODES, expectAgreement, oneOp, PAIRS, type Dice } from '../../../testing/oracles/litert-oracle';

const SQUARE = [1, 256, 256, 1];

describe('two operands, every pair of codes', () => {
  for (const kind of ['add', 'sub', 'mul'] as const)
    it(`${kind} agrees with the runtime`, () =>
      expectAgreement(12, (dice) => {
        const operands = [
          { shape: SQUARE, quant: dice.quant() },
          { shape: SQUARE, quant: dice.quant() },
        ];
        const activation = dice.pick('none', 'relu', 'relu6', 'reluN1To1');
        return { graph: oneOp(kind, {}, operands, { quant: dice.quant(), activation }), given: PAIRS };
      }));

  it.each([
    ['add', 1 / 2000, 1 / 2000],
    ['add', 1 / 1024, 200],
    ['add', 300, 400],
    ['sub', 1 / 1025, 1],
    ['sub', 256, 1],
  ] as const)('%s agrees at the edge of what XNNPACK takes: scales %f and %f of the output', (kind, a, b) =>
    expectAgreement(2, (dice) => {
      const scale = Math.fround(0.01);
      const operands = [a, b].map((ratio) => ({ shape: SQUARE, quant: dice.quant(Math.fround(ratio * scale)) }));
      return { graph: oneOp(kind, {}, operands, { quant: dice.quant(scale) }), given: PAIRS };
    }),
  );

  it('a fused relu6 whose bound lies between two codes rounds as the runtime does', () =>
    expectAgreement(8, (dice) => {
      const operands = [dice.quant(0.5), dice.quant(0.5)].map((quant) => ({ shape: SQUARE, quant }));
      const quant = affine(4 / dice.pick(1, 3, 5, 7), -128);
      return { graph: oneOp(dice.pick('add', 'mul'), {}, operands, { quant, activation: 'relu6' }), given: PAIRS };
    }));

  it.each([[[3]], [[1, 1, 3]], [[8, 1, 1]], [[1]], [[1, 8, 4, 3]]])('broadcasts a constant of shape %j', (shape) =>
    expectAgreement(6, (dice) => {
      const data = dice.codes(shape.reduce((n, d) => n * d, 1));
      const operands = [
        { shape: [1, 8, 4, 3], quant: dice.quant() },
        { shape, quant: dice.quant(), data },
      ];
      return oneOp(dice.pick('add', 'sub', 'mul'), {}, operands, { quant: dice.quant() });
    }),
  );

  it.each([[[1, 1, 3]], [[16, 16, 3]]])('prelu agrees with alpha of shape %j', (shape) =>
    expectAgreement(15, (dice) => {
      const data = dice.codes(shape.reduce((n, d) => n * d, 1));
      const operands = [
        { shape: [1, 16, 16, 3], quant: dice.quant() },
        { shape, quant: dice.quant(), data },
      ];
      return oneOp('prelu', {}, operands, { quant: dice.quant() });
    }),
  );
});

describe('one operand, every code', () => {
  const x = (dice: Dice) => ({ shape: [1, 256], quant: dice.quant() });
  const given = [ALL_CODES];

  it('sigmoid', () =>
    expectAgreement(60, (dice) => ({
      graph: oneOp('sigmoid', {}, [x(dice)], { quant: affine(1 / 256, -128) }),
      given,
    })));
  it('tanh', () =>
    expectAgreement(60, (dice) => ({ graph: oneOp('tanh', {}, [x(dice)], { quant: affine(1 / 128, 0) }), given })));
  for (const kind of ['relu', 'relu6', 'hardSwish', 'quantize'] as const)
    it(kind, () =>
      expectAgreement(60, (dice) => ({ graph: oneOp(kind, {}, [x(dice)], { quant: dice.quant() }), given })),
    );
  for (const kind of ['relu', 'relu6', 'hardSwish'] as const)
    it(`${kind} at the same scale`, () =>
      expectAgreement(30, (dice) => {
        const operand = x(dice);
        return { graph: oneOp(kind, {}, [operand], { quant: operand.quant }), given };
      }));

  it('leakyRelu', () =>
    expectAgreement(60, (dice) => {
      const alpha = Math.fround(dice.real(0.01, 0.5));
      return { graph: oneOp('leakyRelu', { alpha }, [x(dice)], { quant: dice.quant() }), given };
    }));

  it('rescaling by ratios on both sides of what XNNPACK takes', async () => {
    for (const ratio of [1 / 2000, 1 / 257, 1 / 256, 1 / 255, 1, 127, 128, 129, 300])
      await expectAgreement(2, (dice) => {
        const operand = { shape: [1, 256], quant: dice.quant(Math.fround(ratio * 0.01)) };
        return { graph: oneOp('quantize', {}, [operand], { quant: dice.quant(Math.fround(0.01)) }), given };
      });
  });

  it('leaky slopes on both sides of what XNNPACK takes, negative ones included', async () => {
    for (const ratio of [1 / 300, 1 / 256, 0.02, 1, 128, 200])
      for (const slope of [0, 1e-4, 0.0039, 0.004, 0.2, 1, 3, -0.5, -0.001])
        await expectAgreement(1, (dice) => {
          const operand = { shape: [1, 256], quant: dice.quant(Math.fround(ratio * 0.01)) };
          const alpha = Math.fround(slope);
          return { graph: oneOp('leakyRelu', { alpha }, [operand], { quant: dice.quant(Math.fround(0.01)) }), given };
        });
  });
});

describe('borders', () => {
  it('quantize rounds float values as the runtime does, ties included', () =>
    expectAgreement(8, (dice) => {
      const step = dice.pick(0.125, 0.01, 0.037);
      const values = Float32Array.from({ length: 1024 }, (_, i) => (i - 512) * step);
      const graph = oneOp('quantize', {}, [{ shape: [1, 1024], dtype: 'float32' }], {
        quant: dice.quant(step === 0.125 ? 0.25 : dice.scale()),
      });
      return { graph, given: [values] };
    }));

  it('dequantize is exact', () =>
    expectAgreement(20, (dice) => ({
      graph: oneOp('dequantize', {}, [{ shape: [1, 256], quant: dice.quant() }], {}),
      given: [ALL_CODES],
    })));
});
