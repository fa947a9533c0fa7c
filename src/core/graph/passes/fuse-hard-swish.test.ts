import { describe, expect, it } from 'vitest';
import { outputDifference } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type TensorId } from '../graph';
import { validateGraph } from '../validate';
import { fuseHardSwish } from './fuse-hard-swish';

class Net extends GraphBuilder {
  readonly x = this.input('x', [BATCH, 3, 3, 4]);

  number(value: number): TensorId {
    return this.constant('c', [value], []);
  }

  of(kind: 'add' | 'mul' | 'div', a: TensorId, b: TensorId, activation: 'none' | 'relu6' = 'none'): TensorId {
    return this.op(kind, kind, [a, b], {}, { activation })[0];
  }

  /** relu6(x + shift) */
  gate(shift = 3): TensorId {
    return this.of('add', this.x, this.number(shift), 'relu6');
  }
}

const SPELLINGS: readonly (readonly [string, (net: Net) => TensorId])[] = [
  ['x · (relu6(x + 3) · 1/6)', (n) => n.of('mul', n.x, n.of('mul', n.gate(), n.number(1 / 6)))],
  ['(relu6(3 + x) / 6) · x', (n) => n.of('mul', n.of('div', n.of('add', n.number(3), n.x, 'relu6'), n.number(6)), n.x)],
  ['(x · relu6(x + 3)) / 6', (n) => n.of('div', n.of('mul', n.x, n.gate()), n.number(6))],
  ['0.16667 · (relu6(x + 3) · x)', (n) => n.of('mul', n.number(0.16667), n.of('mul', n.gate(), n.x))],
  [
    'a ReLU6 of its own',
    (n) => {
      const [gate] = n.op('relu6', 'gate', [n.of('add', n.x, n.number(3))], {});
      return n.of('mul', n.x, n.of('mul', gate, n.number(1 / 6)));
    },
  ],
];

describe('fuseHardSwish', () => {
  it.each(SPELLINGS)('%s is one op', (_, spell) => {
    const net = new Net('net');
    const graph = net.build([spell(net)]);
    const fused = validateGraph(fuseHardSwish(graph));
    expect(fused.ops.map(({ kind }) => kind)).toEqual(['hardSwish']);
    expect(outputDifference(graph, fused)).toBeLessThan(1e-4);
  });

  it.each([
    ['another shift', (n: Net) => n.of('mul', n.x, n.of('mul', n.gate(2), n.number(1 / 6)))],
    ['another factor', (n: Net) => n.of('mul', n.x, n.of('mul', n.gate(), n.number(1 / 3)))],
    [
      'another tensor',
      (n: Net) => n.of('mul', n.op('tanh', 't', [n.x], {})[0], n.of('mul', n.gate(), n.number(1 / 6))),
    ],
  ] as const)('%s stays as it is', (_, spell) => {
    const net = new Net('net');
    const graph = net.build([spell(net)]);
    expect(fuseHardSwish(graph)).toBe(graph);
  });

  it('a gate that something else reads stays', () => {
    const net = new Net('net');
    const gate = net.gate();
    const y = net.of('mul', net.x, net.of('mul', gate, net.number(1 / 6)));
    const graph = net.build([y, net.of('mul', gate, net.x)]);
    expect(fuseHardSwish(graph)).toBe(graph);
  });
});
