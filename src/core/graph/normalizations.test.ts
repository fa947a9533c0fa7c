import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './build';
import { BATCH, type TensorId } from './graph';
import type { OpKind } from './ops/attrs';
import { normalizations } from './normalizations';

class Net extends GraphBuilder {
  constructor() {
    super('net');
    this.input('in', [BATCH, 4, 6]);
  }

  get x(): TensorId {
    return this.op('fullyConnected', 'before', ['in', this.constant('w', new Float32Array(36), [6, 6]), null], { keepDims: true })[0]; // prettier-ignore
  }

  of(kind: OpKind, ...inputs: TensorId[]): TensorId {
    return this.op(kind as 'add', kind, inputs, {})[0];
  }

  mean(x: TensorId): TensorId {
    return this.op('mean', 'mean', [x], { axes: [2], keepDims: true })[0];
  }

  vector(...values: number[]): TensorId {
    return this.constant('c', values, values.length === 1 ? [] : [values.length]);
  }

  readonly gamma = () => this.vector(1, 2, 3, 4, 5, 6);
}

/** Kinds of what was found, and of what was left out behind it. */
function found(net: Net, y: TensorId) {
  const graph = net.build([y]);
  const all = normalizations(graph);
  expect(all).toHaveLength(1);
  const inside = new Set(all[0].ops);
  const kinds = (ops: readonly { kind: string }[]) => ops.map(({ kind }) => kind);
  return {
    inside: kinds(all[0].ops),
    outside: kinds(graph.ops.filter((op) => !inside.has(op))),
    input: all[0].input,
  };
}

describe('normalizations', () => {
  it('the way ONNX exporters spell them, without the residual connection around them', () => {
    const net = new Net();
    const { x } = net;
    const centered = net.of('sub', x, net.mean(x));
    const variance = net.of('add', net.mean(net.of('mul', centered, centered)), net.vector(1e-5));
    const normalized = net.of('div', centered, net.of('sqrt', variance));
    const y = net.of('add', net.of('mul', normalized, net.gamma()), net.gamma());
    expect(found(net, net.of('add', y, x))).toEqual({
      inside: ['mean', 'sub', 'mul', 'mean', 'add', 'sqrt', 'div', 'mul', 'add'],
      outside: ['fullyConnected', 'add'],
      input: x,
    });
  });

  it('the way Keras does: γ/σ first, then x and the mean by it', () => {
    const net = new Net();
    const { x } = net;
    const mean = net.mean(x);
    const variance = net.of('add', net.mean(net.of('squaredDifference', x, mean)), net.vector(1e-3));
    const factor = net.of('mul', net.of('rsqrt', variance), net.gamma());
    const shift = net.of('sub', net.gamma(), net.of('mul', mean, factor));
    const y = net.of('add', net.of('mul', x, factor), shift);
    const { inside, outside } = found(net, net.of('relu', y));
    expect(inside).toHaveLength(10);
    expect(outside).toEqual(['fullyConnected', 'relu']);
  });

  it('RMS normalization, which takes no mean; a scale behind γ and β belongs to the next layer', () => {
    const net = new Net();
    const { x } = net;
    const variance = net.of('add', net.mean(net.of('square', x)), net.vector(1e-6));
    const y = net.of('add', net.of('mul', net.of('mul', x, net.of('rsqrt', variance)), net.gamma()), net.gamma());
    expect(found(net, net.of('mul', y, net.vector(3)))).toEqual({
      inside: ['square', 'mean', 'add', 'rsqrt', 'mul', 'mul', 'add'],
      outside: ['fullyConnected', 'mul'],
      input: x,
    });
  });

  it('roots of anything else are none', () => {
    const net = new Net();
    const { x } = net;
    expect(normalizations(net.build([net.of('sqrt', net.of('abs', x))]))).toEqual([]);
  });
});
