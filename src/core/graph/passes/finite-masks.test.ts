import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, tensorOf, type TensorId } from '../graph';
import { finiteMasks } from './finite-masks';

/** Scores [N, heads, 4, 4] with what `hide` makes of them in front of a softmax. */
function attention(hide: (b: GraphBuilder, scores: TensorId) => TensorId, heads = 2) {
  const b = new GraphBuilder('attention');
  const x = b.input('x', [BATCH, heads, 4, 4]);
  const hidden = hide(b, x);
  return b.build([b.op('softmax', 'p', [hidden], { beta: 1 })[0]]);
}

/** 0 up to the diagonal, `low` above it. */
const causal = (low: number) => Float32Array.from({ length: 16 }, (_, i) => (i % 4 <= Math.floor(i / 4) ? 0 : low));

describe('finiteMasks', () => {
  it.each([-Infinity, -3.4028234663852886e38, -1e9])('a mask of %d added to scores hides what it hid', (low) => {
    const graph = attention((b, x) => b.op('add', 'm', [x, b.constant('mask', causal(low), [1, 1, 4, 4])], {})[0], 3);
    const finite = finiteMasks(graph);
    const mask = tensorOf(finite, 'mask').data as Float32Array;
    expect(mask.every(Number.isFinite)).toBe(true);
    expect(Math.min(...mask)).toBe(-65536);
    expect(outputDifference(graph, finite)).toBe(0);
  });

  it('a value chosen in place of scores hides as well, behind reshapes too', () => {
    const graph = attention((b, x) => {
      const holds = b.constant(
        'holds',
        Uint8Array.from(causal(1), (v) => 1 - v),
        [1, 1, 4, 4],
        { dtype: 'bool' },
      );
      const [chosen] = b.op('select', 'm', [holds, x, b.constant('low', [-Infinity], [])], {});
      return b.op('reshape', 'r', [chosen], { shape: [BATCH, 8, 4] })[0];
    });
    const finite = finiteMasks(graph);
    expect(tensorOf(finite, 'low').data).toEqual(Float32Array.of(-65536));
    expect(outputDifference(graph, finite)).toBe(0);
  });

  it('leaves alone what something else reads, and masks of moderate size', () => {
    const seen = attention((b, x) => {
      const [m] = b.op('add', 'm', [x, b.constant('mask', causal(-1e9), [1, 1, 4, 4])], {});
      const [gate] = b.op('sigmoid', 'gate', [m], {});
      return b.op('mul', 'gated', [m, gate], {})[0];
    });
    expect(finiteMasks(seen)).toBe(seen);
    const moderate = attention((b, x) => b.op('add', 'm', [x, b.constant('mask', causal(-1e4), [1, 1, 4, 4])], {})[0]);
    expect(finiteMasks(moderate)).toBe(moderate);
    const b = new GraphBuilder('large');
    const x = b.input('x', [BATCH, 4]);
    const large = b.build(
      b.op(
        'mul',
        'y',
        [
          x,
          b.constant(
            'c',
            testValues(4, 3).map((v) => v * 1e6),
            [4],
          ),
        ],
        {},
      ),
    );
    expect(finiteMasks(large)).toBe(large);
  });
});
