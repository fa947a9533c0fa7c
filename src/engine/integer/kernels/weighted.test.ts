import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../../base/errors';
import type { Graph } from '../../../core/graph/graph';
import type { OpAttrs, Padding } from '../../../core/graph/ops/attrs';
import { oneOp, expectAgreement, type Dice, type Operand } from '../../../testing/oracles/litert-oracle';
import { IntegerModel } from '../model';
import { xnnpack } from '../profiles/xnnpack';

const ACTIVATIONS = ['none', 'relu', 'relu6', 'reluN1To1'] as const;
const PADDINGS: readonly Padding[] = ['same', 'valid'];

/** x, weights with one scale per channel (or one in all), and a bias at s_in · s_w. */
function operands(
  dice: Dice,
  x: number[],
  w: number[],
  channelDimension: number,
  perTensor = false,
  packed = false,
): Operand[] {
  const channels = w[channelDimension];
  const input = dice.quant();
  const scale = Float32Array.from({ length: perTensor ? 1 : channels }, () => dice.scale());
  const weights = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: channelDimension };
  const bias = { ...weights, scale: scale.map((s) => s * input.scale[0]), quantizedDimension: 0 };
  const count = w.reduce((n, d) => n * d, 1);
  return [
    { shape: x, quant: input },
    packed
      ? { shape: w, quant: weights, dtype: 'int4', data: dice.codes(count, -127).map((code) => code % 8) }
      : { shape: w, quant: weights, data: dice.codes(count, -127) },
    {
      shape: [channels],
      dtype: 'int32',
      quant: bias,
      data: Int32Array.from({ length: channels }, () => dice.whole(-5000, 5000)),
    },
  ];
}

describe('conv2d', () => {
  const conv = (dice: Dice, attrs: Partial<OpAttrs['conv2d']>, depth: number, channels: number, k: number) =>
    oneOp(
      'conv2d',
      { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1, ...attrs },
      operands(dice, [1, dice.whole(k, 9), dice.whole(k, 9), depth], [channels, k, k, depth / (attrs.groups ?? 1)], 0),
      { quant: dice.quant(dice.scale() * 20), activation: dice.pick(...ACTIVATIONS) },
    );

  it('agrees with the runtime where weights are packed, ties included', () =>
    expectAgreement(20, (dice) => {
      const [x, w, bias] = operands(dice, [1, 6, 6, 8], [dice.whole(1, 9), 3, 3, 8], 0, true, true) as [Operand, Operand, Operand]; // prettier-ignore
      const quant = (scale: number) => ({ ...x.quant!, scale: Float32Array.of(scale) });
      const noOffset = { zeroPoint: Int32Array.of(0) };
      // 2^-4 · 2^-3 / 2^-4: every eighth accumulator is a tie.
      return oneOp(
        'conv2d',
        { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 },
        [
          { ...x, quant: quant(2 ** -4) },
          { ...w, quant: { ...quant(2 ** -3), ...noOffset } },
          { ...bias, quant: { ...quant(2 ** -7), ...noOffset }, data: new Int32Array(bias.data!.length) },
        ],
        { quant: quant(2 ** -4), activation: dice.pick(...ACTIVATIONS) },
      );
    }));

  it.each(PADDINGS)('agrees with the runtime, padding %s', (padding) =>
    expectAgreement(40, (dice) =>
      conv(
        dice,
        { padding, strides: [dice.whole(1, 3), dice.whole(1, 3)] },
        dice.whole(1, 9),
        dice.whole(1, 9),
        dice.whole(1, 4),
      ),
    ),
  );

  it('agrees when dilated', () =>
    expectAgreement(10, (dice) =>
      oneOp(
        'conv2d',
        {
          strides: [1, 1],
          dilations: [dice.whole(1, 3), dice.whole(2, 3)],
          padding: dice.pick(...PADDINGS),
          groups: 1,
        },
        operands(dice, [1, 11, 10, 3], [5, 3, 3, 3], 0),
        { quant: dice.quant(dice.scale() * 20) },
      ),
    ));

  it('agrees when grouped', () => expectAgreement(10, (dice) => conv(dice, { groups: 2 }, 6, 8, 3)));
});

describe('depthwiseConv2d', () => {
  it.each([1, 2, 3])('agrees with the runtime, multiplier %i', (multiplier) =>
    expectAgreement(25, (dice) => {
      const depth = dice.whole(1, 9);
      const k = dice.whole(1, 5);
      const stride = dice.whole(1, 2);
      return oneOp(
        'depthwiseConv2d',
        { strides: [stride, stride], dilations: [1, 1], padding: dice.pick(...PADDINGS), multiplier },
        operands(dice, [1, dice.whole(k, 9), dice.whole(k, 9), depth], [1, k, k, depth * multiplier], 3),
        { quant: dice.quant(dice.scale() * 10), activation: dice.pick(...ACTIVATIONS) },
      );
    }),
  );

  it('agrees on 3×3 windows, dilated ones included', () =>
    expectAgreement(12, (dice) =>
      oneOp(
        'depthwiseConv2d',
        { strides: [1, 1], dilations: dice.pick([1, 1], [2, 2]), padding: 'same', multiplier: 1 },
        operands(dice, [1, 7, 8, 6], [1, 3, 3, 6], 3),
        { quant: dice.quant(dice.scale() * 10) },
      ),
    ));
});

describe('transposeConv2d', () => {
  it.each(PADDINGS)('agrees with the runtime, padding %s', (padding) =>
    expectAgreement(30, (dice) => {
      const [k, stride] = [dice.whole(1, 4), dice.whole(1, 2)];
      const [height, width, depth, channels] = [dice.whole(1, 5), dice.whole(1, 5), dice.whole(1, 5), dice.whole(1, 5)];
      const size = (n: number) => (padding === 'same' ? n * stride : (n - 1) * stride + k);
      return oneOp(
        'transposeConv2d',
        { strides: [stride, stride], padding, outputSize: [size(height), size(width)] },
        operands(dice, [1, height, width, depth], [channels, k, k, depth], 0),
        { quant: dice.quant(dice.scale() * 10), activation: dice.pick('none', 'relu', 'relu6') },
      );
    }),
  );
});

describe('fullyConnected', () => {
  it.each([true, false])('agrees with the runtime, one scale for all channels: %s', (perTensor) =>
    expectAgreement(40, (dice) => {
      const [depth, channels] = [dice.whole(1, 70), dice.whole(1, 9)];
      return oneOp('fullyConnected', { keepDims: false }, operands(dice, [3, depth], [channels, depth], 0, perTensor), {
        quant: dice.quant(dice.scale() * 10),
        activation: dice.pick(...ACTIVATIONS),
      });
    }),
  );

  it('agrees when it keeps leading dimensions', () =>
    expectAgreement(10, (dice) =>
      oneOp('fullyConnected', { keepDims: true }, operands(dice, [2, 5, 33], [7, 33], 0), { quant: dice.quant() }),
    ));
});

it('refuses weights it does not read', () => {
  const weights = { scale: Float32Array.of(0.1), zeroPoint: Int32Array.of(3), quantizedDimension: 0 };
  const quant = { ...weights, zeroPoint: Int32Array.of(0) };
  const graph: Graph = oneOp(
    'fullyConnected',
    { keepDims: false },
    [{ shape: [1, 2], quant }, { shape: [1, 2], quant: weights, data: new Int8Array(2) }, null],
    { quant },
  );
  expect(() => IntegerModel.load(graph, xnnpack)).toThrow(RangefinderError);
});
