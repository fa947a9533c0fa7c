import { describe, expect, it } from 'vitest';
import type { LayerView, ModelView } from '../../../jobs/contract/protocol';
import { scopeDepth, topologyOf } from './topology';

const tensor = (id: string) => ({ id, shape: [-1, 4], dtype: 'float32' as const });
const layer = (name: string, inputs: string[], output: string, otherOutputs?: string[]) =>
  ({
    id: name,
    name,
    label: 'Op',
    inputs,
    output: tensor(output),
    ...(otherOutputs && { otherOutputs }),
  }) as unknown as LayerView;

/** x → a → b → sum, with a skip from a to sum, and a split whose second output is read. */
const model = {
  inputs: [tensor('x')],
  layers: [
    layer('net/block/a', ['x'], 'ta'),
    layer('net/block/b', ['ta'], 'tb'),
    layer('net/sum', ['ta', 'tb'], 'ts'),
    layer('split', ['ts'], 't0', ['t1']),
    layer('tail', ['t1', 'constant'], 'ty'),
  ],
} as unknown as ModelView;

const links = (depth: number, expanded: string[] = []) =>
  topologyOf(model, depth, new Set(expanded)).edges.map(({ from, to }) => `${from} → ${to}`);

describe('the topology', () => {
  it('has a node for every op and input, and an edge for every tensor that is read, skips and second outputs among them', () => {
    expect(topologyOf(model, 0, new Set()).nodes.map(({ id }) => id)).toEqual([
      'input x',
      'net/block/a',
      'net/block/b',
      'net/sum',
      'split',
      'tail',
    ]);
    expect(links(0)).toEqual([
      'input x → net/block/a',
      'net/block/a → net/block/b',
      'net/block/a → net/sum',
      'net/block/b → net/sum',
      'net/sum → split',
      'split → tail',
    ]);
  });

  it('collapses scopes to a node each, and shows one of them op by op', () => {
    expect(scopeDepth(model.layers)).toBe(2);
    expect(links(1)).toEqual(['input x → scope net', 'scope net → split', 'split → tail']);
    expect(links(2)).toEqual([
      'input x → scope net/block',
      'scope net/block → net/sum',
      'scope net/block → net/sum',
      'net/sum → split',
      'split → tail',
    ]);
    expect(topologyOf(model, 1, new Set()).nodes.find(({ kind }) => kind === 'scope')).toMatchObject({
      label: 'net',
      detail: '3 ops',
    });
    expect(links(1, ['net'])).toEqual(links(0));
  });
});
