import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type Graph, type TensorId } from '../graph';
import type { Padding } from '../ops/attrs';
import { validateGraph } from '../validate';
import { foldBatchNorm } from './fold-batch-norm';

const kinds = (graph: Graph) => graph.ops.map((op) => op.kind);

/** Folds, checks that the result is sound and computes the same, and returns it. */
function folded(graph: Graph): Graph {
  const result = validateGraph(foldBatchNorm(graph));
  expect(outputDifference(graph, result)).toBeLessThan(1e-5);
  expect(result.outputs).toEqual(graph.outputs);
  return result;
}

class Net extends GraphBuilder {
  #seed = 7;

  weights(name: string, ...shape: number[]): TensorId {
    return this.constant(
      name,
      testValues(
        shape.reduce((n, d) => n * d, 1),
        this.#seed++,
      ),
      shape,
    );
  }

  batchNorm(name: string, x: TensorId, { gamma = true, beta = true } = {}): TensorId {
    const channels = this.shape(x).at(-1)!;
    const variance = testValues(channels, this.#seed++).map((v) => Math.abs(v) + 0.1);
    const inputs = [
      x,
      gamma ? this.weights(`${name}/gamma`, channels) : null,
      beta ? this.weights(`${name}/beta`, channels) : null,
      this.weights(`${name}/mean`, channels),
      this.constant(`${name}/variance`, variance, [channels]),
    ];
    return this.op('batchNorm', name, inputs, { epsilon: 1e-3 })[0];
  }

  conv(name: string, x: TensorId, filters: number, padding: Padding, { size = 3, groups = 1, bias = true } = {}) {
    const w = this.weights(`${name}/w`, filters, size, size, this.shape(x)[3] / groups);
    const b = bias ? this.weights(`${name}/b`, filters) : null;
    return this.op('conv2d', name, [x, w, b], { strides: [1, 1], dilations: [1, 1], padding, groups })[0];
  }

  depthwise(name: string, x: TensorId, padding: Padding, multiplier = 2) {
    const filters = this.shape(x)[3] * multiplier;
    const inputs = [x, this.weights(`${name}/w`, 1, 3, 3, filters), this.weights(`${name}/b`, filters)];
    return this.op('depthwiseConv2d', name, inputs, { strides: [1, 1], dilations: [1, 1], padding, multiplier })[0];
  }

  dense(name: string, x: TensorId, units: number, keepDims = false) {
    const [, ...dims] = this.shape(x);
    const inputs = keepDims ? dims.at(-1)! : dims.reduce((n, d) => n * d, 1);
    const params = [x, this.weights(`${name}/w`, units, inputs), this.weights(`${name}/b`, units)];
    return this.op('fullyConnected', name, params, { keepDims })[0];
  }
}

describe('batch normalization folds into the op before', () => {
  it('conv2d, with and without bias, gamma and beta', () => {
    for (const bias of [true, false])
      for (const gamma of [true, false])
        for (const beta of [true, false]) {
          const b = new Net('net');
          const y = b.batchNorm('bn', b.conv('conv', b.input('x', [BATCH, 5, 5, 2]), 3, 'same', { bias }), {
            gamma,
            beta,
          });
          const result = folded(b.build([y]));
          expect(kinds(result)).toEqual(['conv2d']);
          expect(result.ops[0].outputs).toEqual(['bn']);
          expect(result.ops[0].id).toBe('conv');
          expect([...result.tensors.keys()].sort()).toEqual(['bn', bias ? 'conv/b' : 'conv/bias', 'conv/w', 'x']);
        }
  });

  it('grouped, depthwise and transposed convolutions and dense layers', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 6, 6, 4]);
    const grouped = b.batchNorm('bn1', b.conv('grouped', x, 6, 'same', { groups: 2 }));
    const depthwise = b.batchNorm('bn2', b.depthwise('depthwise', grouped, 'valid'));
    const attrs = { strides: [2, 2], padding: 'same', outputSize: [8, 8] } as const;
    const w = b.weights('w', 3, 3, 3, 12);
    const transposed = b.batchNorm('bn3', b.op('transposeConv2d', 'up', [depthwise, w], attrs)[0]);
    const perPixel = b.batchNorm('bn4', b.dense('perPixel', transposed, 5, true));
    const y = b.batchNorm('bn5', b.dense('dense', perPixel, 4));
    const result = folded(b.build([y]));
    expect(kinds(result)).toEqual(['conv2d', 'depthwiseConv2d', 'transposeConv2d', 'fullyConnected', 'fullyConnected']);
  });

  it('but not through an activation, a second reader or a graph output', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 4, 4, 2]);
    const fused = b.op(
      'conv2d',
      'fused',
      [x, b.weights('w', 2, 1, 1, 2)],
      { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 },
      { activation: 'relu' },
    )[0];
    const twice = b.conv('twice', x, 2, 'same');
    const output = b.conv('output', x, 2, 'same');
    const outputs = [b.batchNorm('bn1', fused), b.batchNorm('bn2', twice), b.op('tanh', 't', [twice], {})[0]];
    const result = folded(b.build([...outputs, output, b.batchNorm('bn3', output)]));
    expect(kinds(result).filter((kind) => kind === 'mul' || kind === 'add')).toHaveLength(6);
    expect(kinds(result)).not.toContain('batchNorm');
  });

  it('leaving a weight that another op shares as it was', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 4, 4, 2]);
    const w = b.weights('w', 2, 1, 1, 2);
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
    const [one] = b.op('conv2d', 'one', [x, w], attrs);
    const [two] = b.op('conv2d', 'two', [x, w], attrs);
    const graph = b.build([b.batchNorm('bn', one), two]);
    const before = Float32Array.from(graph.tensors.get('w')!.data as Float32Array);
    const result = folded(graph);
    expect(result.ops.map((op) => op.inputs[1])).toEqual(['w_1', 'w']);
    expect(result.tensors.get('w')!.data).toEqual(before);
  });

  it('and so do constant factors, summands and differences per channel', () => {
    const b = new Net('net');
    let y = b.conv('conv', b.input('x', [BATCH, 4, 4, 3]), 3, 'same');
    y = b.op('mul', 'mul', [b.weights('factor', 1, 1, 3), y], {})[0]!;
    y = b.op('add', 'add', [y, b.weights('summand', 3)], {})[0]!;
    y = b.op('sub', 'sub', [y, b.weights('scalar')], {}, { activation: 'relu' })[0]!;
    const result = folded(b.build([y]));
    expect(kinds(result)).toEqual(['conv2d']);
    expect(result.ops[0].activation).toBe('relu');
  });

  it('but not a factor per position, one that widens the shape, or a constant minus the value', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 3, 3, 3]);
    const outputs = [
      b.op('mul', 'mul', [b.conv('a', x, 3, 'same'), b.weights('m', 3, 1)], {})[0],
      b.op('mul', 'wide', [b.conv('b', x, 1, 'same'), b.weights('v', 4)], {})[0],
      b.op('sub', 'sub', [b.weights('s', 3), b.conv('c', x, 3, 'same')], {})[0],
    ];
    expect(kinds(folded(b.build(outputs)))).toEqual(['conv2d', 'mul', 'conv2d', 'mul', 'conv2d', 'sub']);
  });
});

describe('batch normalization folds into the op after', () => {
  it('where no window sees padding', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2),
        fc.constantFrom(1, 3),
        fc.constantFrom('same', 'valid'),
        (groups, size, padding) => {
          const b = new Net('net');
          const normal = b.batchNorm('bn', b.op('relu', 'r', [b.input('x', [BATCH, 5, 5, 4])], {})[0]);
          const result = folded(b.build([b.conv('conv', normal, 6, padding, { groups, size })]));
          expect(kinds(result)).toEqual(
            size === 3 && padding === 'same' ? ['relu', 'mul', 'add', 'conv2d'] : ['relu', 'conv2d'],
          );
        },
      ),
      { numRuns: 16 },
    );
  });

  it('depthwise and dense, flattened or not', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 5, 5, 3]);
    const result = folded(
      b.build([
        b.depthwise('depthwise', b.batchNorm('bn1', x), 'valid'),
        b.dense('dense', b.batchNorm('bn2', x), 4),
        b.dense('perPixel', b.batchNorm('bn3', x), 4, true),
      ]),
    );
    expect(kinds(result)).toEqual(['depthwiseConv2d', 'fullyConnected', 'fullyConnected']);
  });

  it('but not into a transposed convolution, whose edges see fewer taps', () => {
    const b = new Net('net');
    const x = b.input('x', [BATCH, 3, 3, 2]);
    const attrs = { strides: [2, 2], padding: 'valid', outputSize: [7, 7] } as const;
    const [up] = b.op('transposeConv2d', 'up', [b.batchNorm('bn', x), b.weights('w', 2, 3, 3, 2)], attrs);
    expect(kinds(folded(b.build([up])))).toEqual(['mul', 'add', 'transposeConv2d']);
  });
});

it('spells batch normalization out where nothing can take it, keeping its name', () => {
  const b = new Net('net');
  const graph = b.build([b.batchNorm('bn', b.input('x', [BATCH, 4, 4, 3]))]);
  const result = folded(graph);
  expect(result.ops.map(({ id, kind, outputs }) => [id, kind, ...outputs])).toEqual([
    ['bn/scale', 'mul', 'bn/scaled'],
    ['bn', 'add', 'bn'],
  ]);
  expect(kinds(graph)).toEqual(['batchNorm']); // the graph it came from is not touched
});

it('returns a graph without anything to fold as it is', () => {
  const b = new Net('net');
  const graph = b.build([b.conv('conv', b.input('x', [BATCH, 4, 4, 3]), 3, 'same')]);
  expect(foldBatchNorm(graph)).toBe(graph);
});
