import { describe, it } from 'vitest';
import type { Pair } from '../../../core/graph/ops/attrs';
import { expectAgreement, oneOp, type Dice } from '../../../testing/oracles/litert-oracle';

/** Few different codes, so that some are equal. */
const coarse = (dice: Dice, count: number) => Int8Array.from({ length: count }, () => 16 * dice.whole(-4, 4));

describe('positions', () => {
  it.each(['argMax', 'argMin'] as const)('%s, the first of equal codes', (kind) =>
    expectAgreement(30, (dice) => {
      const shape = [1, dice.whole(1, 5), dice.whole(1, 6), dice.whole(1, 9)];
      const operand = { shape, quant: dice.quant() };
      const graph = oneOp(kind, { axis: dice.whole(1, 3), to: dice.pick('int32', 'int64') }, [operand], {});
      return { graph, given: [coarse(dice, shape[1] * shape[2] * shape[3])] };
    }),
  );

  it('topK, values and positions', () =>
    expectAgreement(30, (dice) => {
      const [rows, length, quant] = [dice.whole(1, 4), dice.whole(1, 12), dice.quant()];
      const graph = oneOp('topK', { k: dice.whole(1, length) }, [{ shape: [rows, length], quant }], { quant });
      return { graph, given: [coarse(dice, rows * length)] };
    }));
});

describe('moves', () => {
  const shape = [2, 5, 4, 3];

  it('gatherNd', () =>
    expectAgreement(20, (dice) => {
      const quant = dice.quant();
      const [depth, tuples] = [dice.whole(1, 4), dice.whole(1, 6)];
      const data = Int32Array.from({ length: depth * tuples }, (_, i) => dice.whole(0, shape[i % depth] - 1));
      const indices = { shape: [tuples, depth], dtype: 'int32' as const, data };
      return oneOp('gatherNd', {}, [{ shape, quant }, indices], { quant });
    }));

  it('broadcastTo', () =>
    expectAgreement(12, (dice) => {
      const quant = dice.quant();
      const from = dice.pick([1, 4, 3], [5, 1, 3], [3], [1], [1, 1, 4, 1]);
      return oneOp('broadcastTo', { shape }, [{ shape: from, quant }], { quant });
    }));

  it('reverse', () =>
    expectAgreement(12, (dice) => {
      const quant = dice.quant();
      // The kernel turns axes that are neighbours.
      return oneOp('reverse', { axes: dice.pick([1], [2], [3], [1, 2], [2, 3], [1, 2, 3]) }, [{ shape, quant }], {
        quant,
      });
    }));

  it('select, by a condition that is broadcast', () =>
    expectAgreement(12, (dice) => {
      const quant = dice.quant();
      const condition = dice.pick(shape, [2, 5, 1, 1], [3], [1]);
      const data = Uint8Array.from({ length: condition.reduce((n, d) => n * d, 1) }, () => dice.whole(0, 1));
      const operands = [
        { shape: condition, dtype: 'bool' as const, data },
        { shape, quant },
        { shape: dice.pick(shape, [3]), quant },
      ];
      return oneOp('select', {}, operands, { quant });
    }));

  it('spaceToBatch and batchToSpace', () =>
    expectAgreement(30, (dice) => {
      const quant = dice.quant();
      const block = [dice.whole(1, 3), dice.whole(1, 3)];
      const edges = (limit: (size: number) => number) => block.map((size): Pair => [dice.whole(0, 1), limit(size)]);
      const [height, width] = [dice.whole(2, 4), dice.whole(2, 4)];
      if (dice.pick(true, false)) {
        const images = block[0] * block[1] * dice.whole(1, 2);
        const crops = edges((size) => dice.whole(0, size - 1));
        return oneOp('batchToSpace', { block, crops }, [{ shape: [images, height, width, 3], quant }], { quant });
      }
      const sizes = block.map((size, i) => size * [height, width][i]);
      const paddings = block.map((size): Pair => [dice.whole(0, 1) * size, dice.whole(0, 2) * size]);
      return oneOp('spaceToBatch', { block, paddings }, [{ shape: [2, ...sizes, 3], quant }], { quant });
    }));
});
