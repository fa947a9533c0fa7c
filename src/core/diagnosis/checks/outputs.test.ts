/** Diseases of what comes out. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph/build';
import { examinedOf } from '../../../testing/builders/examined';
import { draw } from '../../../testing/builders/two-layers';
import { unevenOutput } from './uneven-output';

/** A record of three quantities: `scales` times what a dense layer computes. */
function record(scales: readonly number[]) {
  const b = new GraphBuilder('record');
  const x = b.input('x', [-1, 8]);
  const hidden = b.op('fullyConnected', 'h', [x, b.constant('v', draw(64, 2), [8, 8]), null], { keepDims: false });
  const weights = draw(24, 3).map((w, i) => w * scales[Math.floor(i / 8)]);
  const graph = b.build(b.op('fullyConnected', 'y', [hidden[0], b.constant('w', weights, [3, 8]), null], { keepDims: false })); // prettier-ignore
  return examinedOf(graph, { values: draw(256 * 8, 1), samples: 256 });
}

describe('uneven-output', () => {
  it('finds a column beside one that is far larger, and lets both be floats', () => {
    const [finding] = unevenOutput.find(record([1, 1000, 2]));
    expect(finding.sentence).toContain('Column 1 of y reaches');
    expect(finding).toMatchObject({
      layers: ['y'],
      fixes: [{ patch: { io: 'float32', layers: { y: { keepFloat: true } } } }],
    });
  });

  it('has nothing to say of columns of one size', () => {
    expect(unevenOutput.find(record([1, 1.5, 2]))).toEqual([]);
  });
});
