/** Diseases of what goes in. */
import { describe, expect, it } from 'vitest';
import { ChannelObserver } from '../../algorithms/channel-stats';
import { GraphBuilder } from '../../graph/build';
import type { Graph } from '../../graph/graph';
import { examinedOf, type Made } from '../../../testing/builders/examined';
import { draw } from '../../../testing/builders/two-layers';
import { findAll } from '../table';

/** x − mean, times a factor, into a dense layer: what Keras' Normalization becomes. */
function normalized(width: number): Graph {
  const b = new GraphBuilder('normalized');
  const x = b.input('x', [-1, width]);
  const [centred] = b.op('sub', 'centred', [x, b.constant('mean', new Float32Array(width), [width])], {});
  const [scaled] = b.op('mul', 'scaled', [centred, b.constant('factor', draw(width, 2), [width])], {});
  const w = b.constant('w', draw(4 * width, 3), [4, width]);
  return b.build(b.op('fullyConnected', 'y', [scaled, w, null], { keepDims: false }));
}

function examine(graph: Graph, made: Made) {
  const width = made.values.length / made.samples;
  const columns = new ChannelObserver(width);
  columns.observe(made.values);
  const examined = examinedOf(graph, made);
  return findAll({ ...examined, channels: new Map([...examined.channels, ['x', columns.stats()]]) });
}

describe('uneven-input', () => {
  it('finds columns beside one that is far larger, and keeps float what comes before they are of one size', () => {
    const values = draw(512 * 6, 1).map((value, i) => (i % 6 === 4 ? 5000 * (2 + value) : value));
    const finding = examine(normalized(6), { values, samples: 512 }).find(({ check }) => check === 'uneven-input')!;
    const patch = { io: 'float32', layers: { centred: { keepFloat: true }, scaled: { keepFloat: true } } };
    expect(finding.sentence).toContain('Column 4 of x reaches');
    expect(finding).toMatchObject({ layers: ['centred'], fixes: [{ kind: 'settings', patch }], ablation: patch });
  });

  it('has nothing to say of columns of one size', () => {
    const found = examine(normalized(6), { values: draw(512 * 6, 1), samples: 512 });
    expect(found.map(({ check }) => check)).not.toContain('uneven-input');
  });
});

describe('input-spikes', () => {
  it('finds spikes in a quiet signal, and clips beyond where nearly all of it ends', () => {
    const values = draw(512 * 6, 1).map((value, i) => (i % 2999 === 7 ? 80 : value / 10));
    const finding = examine(normalized(6), { values, samples: 512 }).find(({ check }) => check === 'input-spikes')!;
    const [clip] = finding.fixes;
    if (clip?.kind !== 'settings') throw new Error('the fix is no clip');
    const { min, max } = clip.patch.tensors!.x.range!;
    // Nothing lies below −0.1; above, 99.9 % end between two bins of the histogram, and the clip is twice as wide.
    expect(min).toBeCloseTo(-0.1, 2);
    expect(max).toBeGreaterThan(0.15);
    expect(max).toBeLessThan(0.3);
  });

  it('has nothing to say of a signal that uses its codes', () => {
    const found = examine(normalized(6), { values: draw(512 * 6, 1), samples: 512 });
    expect(found.map(({ check }) => check)).not.toContain('input-spikes');
  });
});
