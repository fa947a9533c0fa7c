import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type Graph, type TensorId } from '../graph';
import { sinkReshapes } from './cancel-transposes';
import { normalize } from './normalize';

/** Layers on sequences [N, length, channels], as Keras' 1-D layers become ops on images of height 1. */
class Sequences extends GraphBuilder {
  x: TensorId = this.input('x', [BATCH, 12, 4]);
  #seed = 1;

  constructor() {
    super('sequences');
  }

  values(count: number): Float32Array {
    return testValues(count, ++this.#seed);
  }

  image(id: TensorId): TensorId {
    const [n, length, channels] = this.shape(id) as [number, number, number];
    return this.op('reshape', `${id}/up`, [id], { shape: [n, 1, length, channels] })[0];
  }

  sequence(id: TensorId): void {
    const [n, , length, channels] = this.shape(id) as [number, number, number, number];
    [this.x] = this.op('reshape', `${id}/down`, [id], { shape: [n, length, channels] }) as [TensorId];
  }

  get channels(): number {
    return this.shape(this.x).at(-1)!;
  }
}

const LAYERS: Readonly<Record<string, (b: Sequences) => void>> = {
  conv: (b) => {
    const filter = b.constant('f', b.values(5 * 3 * b.channels), [5, 1, 3, b.channels]);
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
    b.sequence(b.op('conv2d', 'conv', [b.image(b.x), filter, null], attrs)[0]);
  },
  depthwise: (b) => {
    const filter = b.constant('f', b.values(3 * b.channels), [1, 1, 3, b.channels]);
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', multiplier: 1 } as const;
    b.sequence(b.op('depthwiseConv2d', 'dw', [b.image(b.x), filter, null], attrs)[0]);
  },
  pool: (b) => {
    const attrs = { filter: [1, 2], strides: [1, 1], padding: 'valid' } as const;
    b.sequence(b.op('maxPool2d', 'pool', [b.image(b.x)], attrs)[0]);
  },
  norm: (b) => {
    const vector = (name: string, shift: number) =>
      b.constant(name, b.values(b.channels).map((v) => v * 0.4 + shift), [b.channels]); // prettier-ignore
    const inputs = [b.x, vector('gamma', 1), vector('beta', 0), vector('mean', 0), vector('variance', 1)];
    [b.x] = b.op('batchNorm', 'bn', inputs, { epsilon: 1e-3 }) as [TensorId];
  },
  relu: (b) => void ([b.x] = b.op('relu', 'relu', [b.x], {}) as [TensorId]),
  relu6: (b) => void ([b.x] = b.op('relu6', 'relu6', [b.x], {}) as [TensorId]),
  swish: (b) => void ([b.x] = b.op('mul', 'swish', [b.x, b.op('sigmoid', 's', [b.x], {})[0]], {}) as [TensorId]),
  scale: (b) => {
    const factors = b.constant('c', b.values(b.channels), [1, 1, b.channels]);
    [b.x] = b.op('mul', 'scale', [factors, b.x], {}) as [TensorId];
  },
  shift: (b) => void ([b.x] = b.op('add', 'shift', [b.x, b.constant('c', b.values(b.channels), [b.channels])], {}) as [TensorId]), // prettier-ignore
  pad: (b) => void ([b.x] = b.op('pad', 'pad', [b.x], { paddings: [[0, 0], [2, 0], [0, 0]], value: 0 }) as [TensorId]), // prettier-ignore
  crop: (b) => {
    const length = b.shape(b.x)[1];
    const attrs = { begin: [0, 1, 0], end: [-1, length, b.channels], strides: [1, 1, 1], shrinkAxes: [] };
    [b.x] = b.op('stridedSlice', 'crop', [b.x], attrs) as [TensorId];
  },
  residual: (b) => {
    const before = b.x;
    LAYERS.depthwise(b);
    [b.x] = b.op('add', 'residual', [before, b.x], {}) as [TensorId];
  },
  fork: (b) => {
    const before = b.x;
    LAYERS.conv(b);
    const left = b.x;
    b.x = before;
    LAYERS.depthwise(b);
    [b.x] = b.op('concat', 'fork', [left, b.x], { axis: 2 }) as [TensorId];
  },
};

const TAILS: Readonly<Record<string, (b: Sequences) => void>> = {
  none: () => undefined,
  mean: (b) => void ([b.x] = b.op('mean', 'mean', [b.x], { axes: [1], keepDims: false }) as [TensorId]),
  largest: (b) => void ([b.x] = b.op('reduceMax', 'largest', [b.x], { axes: [1], keepDims: true }) as [TensorId]),
  flat: (b) => {
    const [, length, channels] = b.shape(b.x) as [number, number, number];
    [b.x] = b.op('reshape', 'flat', [b.x], { shape: [BATCH, length * channels] }) as [TensorId];
  },
};

function net(layers: readonly string[], tail = 'none'): Graph {
  const b = new Sequences();
  for (const layer of layers) LAYERS[layer](b);
  TAILS[tail](b);
  return b.build([b.x]);
}

const kinds = (graph: Graph) => graph.ops.map(({ kind }) => kind);

describe('sinkReshapes', () => {
  it('any sequence of 1-D layers computes what it did, normalized or not', () => {
    const layers = fc.array(fc.constantFrom(...Object.keys(LAYERS)), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(layers, fc.constantFrom(...Object.keys(TAILS)), (names, tail) => {
        const graph = net(names, tail);
        expect(outputDifference(graph, sinkReshapes(graph))).toBeLessThan(1e-5);
        expect(outputDifference(graph, normalize(graph))).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  it('batch normalization and activation behind 1-D convolutions are folded and fused', () => {
    const block = ['conv', 'norm', 'relu', 'depthwise', 'scale', 'shift', 'relu6'];
    const folded = normalize(net(['pad', ...block, ...block, 'pool'], 'mean'));
    expect(kinds(folded)).toEqual(['pad', 'reshape', ...['conv2d', 'depthwiseConv2d', 'conv2d', 'depthwiseConv2d'], 'maxPool2d', 'mean']); // prettier-ignore
    expect(folded.ops.map(({ activation }) => activation).filter((a) => a !== 'none')).toEqual(['relu', 'relu6', 'relu', 'relu6']); // prettier-ignore
  });

  it('branches are joined, and sums taken, before sequences become of three dimensions', () => {
    expect(kinds(normalize(net(['conv', 'fork', 'norm', 'residual', 'relu'], 'largest'))).filter((kind) => kind === 'reshape')).toHaveLength(2); // prettier-ignore
  });
});
