import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, elementCount, type Graph, type Shape, type TensorId } from '../graph';
import type { OpKind } from '../ops/attrs';
import { cancelTransposes } from './cancel-transposes';
import { prune } from './prune';

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];
const kinds = (graph: Graph) => graph.ops.map(({ kind }) => kind);

/** A builder that thinks in [N,C,H,W] and puts transposes around what works on [N,H,W,C]. */
class ChannelsFirst {
  readonly b = new GraphBuilder('nchw');
  #seed = 1;
  input(...shape: number[]): TensorId {
    return this.move(this.b.input('x', shape), TO_NCHW);
  }
  weights(...shape: number[]): TensorId {
    return this.b.constant('w', testValues(elementCount(shape), this.#seed++), shape);
  }
  move(x: TensorId, permutation: readonly number[]): TensorId {
    return this.b.op('transpose', 'move', [x], { permutation })[0];
  }
  conv(x: TensorId, filters: number): TensorId {
    const channels = this.b.shape(x)[1];
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
    const inputs = [this.move(x, TO_NHWC), this.weights(filters, 3, 3, channels), null];
    return this.move(this.b.op('conv2d', 'conv', inputs, attrs)[0], TO_NCHW);
  }
  done(...outputs: TensorId[]): { before: Graph; after: Graph } {
    const before = this.b.build(outputs);
    return { before, after: prune(cancelTransposes(before)) };
  }
}

function expectSame({ before, after }: { before: Graph; after: Graph }) {
  expect(after.inputs).toEqual(before.inputs);
  expect(after.outputs).toEqual(before.outputs);
  expect(outputDifference(before, after)).toBeLessThan(1e-5);
}

describe('cancelTransposes', () => {
  it('leaves no transpose inside a residual network, and folds the last one into the weights behind it', () => {
    const g = new ChannelsFirst();
    const x = g.conv(g.input(BATCH, 5, 6, 3), 4);
    const scaled = g.b.op('mul', 'scale', [x, g.weights(4, 1, 1)], {})[0];
    const relu = g.b.op('relu', 'relu', [scaled], {})[0];
    const sum = g.b.op('add', 'sum', [g.conv(relu, 4), x], {})[0];
    const pooled = g.b.op('mean', 'pooled', [sum], { axes: [2, 3], keepDims: true })[0];
    const gated = g.b.op('mul', 'gate', [sum, g.b.op('sigmoid', 's', [pooled], {})[0]], {})[0];
    const flat = g.b.op('reshape', 'flat', [gated], { shape: [BATCH, 120] })[0];
    const y = g.b.op('fullyConnected', 'fc', [flat, g.weights(7, 120), null], { keepDims: true })[0];
    const graphs = g.done(y);
    expect(kinds(graphs.after)).not.toContain('transpose');
    expectSame(graphs);
  });

  it('moves pads, slices, splits and joins to the dimensions they mean', () => {
    const g = new ChannelsFirst();
    const x = g.conv(g.input(BATCH, 6, 6, 3), 4);
    const padded = g.b.op('pad', 'pad', [x], {
      paddings: [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 3],
      ],
      value: 0.5,
    })[0];
    const [a, b] = g.b.op('split', 'split', [padded], { axis: 1, sizes: [2, 3] });
    const joined = g.b.op('concat', 'joined', [b, a, b], { axis: 1 })[0];
    const cut = g.b.op('slice', 'cut', [joined], { begin: [0, 1, 2, 0], size: [-1, 6, 5, -1] })[0];
    const attrs = { begin: [0, 5, 0, 8], end: [-1, 0, 5, 1], strides: [1, -2, 1, -3], shrinkAxes: [] };
    const strided = g.b.op('stridedSlice', 'strided', [cut], attrs)[0];
    const graphs = g.done(g.move(g.conv(strided, 2), TO_NHWC));
    expect(kinds(graphs.after).filter((kind) => kind === 'transpose')).toEqual([]);
    expectSame(graphs);
  });

  it('keeps one transpose where the order is asked for, and shares it', () => {
    const g = new ChannelsFirst();
    const x = g.conv(g.input(BATCH, 4, 5, 3), 2);
    const rows = g.b.op('fullyConnected', 'rows', [x, g.weights(3, 5), null], { keepDims: true })[0];
    const more = g.b.op('fullyConnected', 'more', [x, g.weights(3, 5), null], { keepDims: true })[0];
    const graphs = g.done(rows, more);
    expect(kinds(graphs.after)).toEqual(['conv2d', 'transpose', 'fullyConnected', 'fullyConnected']);
    expectSame(graphs);
  });

  it('takes a swap of the last two dimensions into a matrix product', () => {
    const b = new GraphBuilder('attention');
    const [q, k] = ['q', 'k'].map((name) => b.input(name, [BATCH, 2, 3, 4]));
    const swapped = b.op('transpose', 't', [k], { permutation: [0, 1, 3, 2] })[0];
    const y = b.op('batchMatMul', 'm', [q, swapped], { transposeX: false, transposeY: false })[0];
    const before = b.build([y]);
    const after = prune(cancelTransposes(before));
    expect(after.ops).toMatchObject([{ kind: 'batchMatMul', attrs: { transposeX: false, transposeY: true } }]);
    expectSame({ before, after });
  });

  it('writes outputs that are views, one tensor seen twice among them', () => {
    const g = new ChannelsFirst();
    const x = g.conv(g.input(BATCH, 4, 5, 3), 2);
    const y = g.b.op('relu', 'y', [x], {})[0];
    const z = g.b.op('tanh', 'z', [y], {})[0];
    const flat = g.b.op('reshape', 'flat', [y], { shape: [BATCH, 40] })[0];
    expectSame(g.done(x, y, z, flat));
  });

  it('returns a graph without transposes as it is', () => {
    const b = new GraphBuilder('plain');
    const graph = b.build(b.op('relu', 'y', [b.input('x', [BATCH, 3])], {}));
    expect(cancelTransposes(graph)).toBe(graph);
  });

  const CHOICES = [
    ...Array<'move'>(6).fill('move'),
    'move', 'move', 'reshape', 'reshape', 'unary', 'binary', 'constant', 'reduce', 'concat', 'split', 'pad', 'slice',
    'softmax', 'dense', 'product', 'gather',
  ] as const; // prettier-ignore

  /** A graph of these steps; `pick(n)` draws a number below n. */
  function randomGraph(shape: Shape, steps: readonly (readonly [step: number, seed: number])[]): Graph {
    const b = new GraphBuilder('random');
    const live = [b.input('x', shape), b.input('y', shape)];
    for (const [step, seed] of steps) {
      let rest = seed;
      const pick = (n: number) => {
        const value = rest % n;
        rest = Math.floor(rest / n) + 7 * n;
        return value;
      };
      const x = pick(4) > 0 ? live.at(-1)! : live[pick(live.length)];
      const dims = b.shape(x);
      const rank = dims.length;
      const sample = elementCount(dims);
      const values = (of: Shape) => b.constant('c', testValues(elementCount(of), seed), of);
      const add = <K extends OpKind>(kind: K, inputs: TensorId[], attrs: Parameters<typeof b.op<K>>[3]) =>
        live.push(...b.op(kind, kind, inputs, attrs));
      const axis = rank > 1 ? 1 + pick(rank - 1) : 0;
      if (rank < 2) continue;
      switch (CHOICES[step % CHOICES.length]) {
        case 'move': {
          const order = Array.from({ length: rank - 1 }, (_, i) => i + 1);
          for (let i = order.length - 1; i > 0; i--) {
            const j = pick(i + 1);
            [order[i], order[j]] = [order[j], order[i]];
          }
          add('transpose', [x], { permutation: [0, ...order] });
          break;
        }
        case 'reshape': {
          const joined = [...dims];
          if (pick(2) === 0 && rank > 2)
            joined.splice(
              axis === rank - 1 ? axis - 1 : axis,
              2,
              axis === rank - 1 ? dims[axis - 1] * dims[axis] : dims[axis] * dims[axis + 1],
            );
          else if (dims[axis] % 2 === 0) joined.splice(axis, 1, 2, dims[axis] / 2);
          else joined.splice(axis, 0, 1);
          if (joined.length < 6 && joined.length > 1) add('reshape', [x], { shape: joined });
          break;
        }
        case 'unary':
          add((['relu', 'tanh', 'identity', 'abs'] as const)[pick(4)], [x], {});
          break;
        case 'binary': {
          const other = live.findLast((id) => id !== x && b.shape(id).join() === dims.join());
          if (other !== undefined) add((['add', 'mul', 'maximum'] as const)[pick(3)], [x, other], {});
          break;
        }
        case 'constant': {
          const of = dims
            .slice(1)
            .map((d) => (pick(2) === 0 ? 1 : d))
            .slice(pick(rank));
          add('sub', pick(2) === 0 ? [x, values(of)] : [values(of), x], {});
          break;
        }
        case 'reduce':
          add((['mean', 'reduceMax', 'sum'] as const)[pick(3)], [x], { axes: [axis], keepDims: pick(2) === 0 });
          break;
        case 'concat': {
          const other = live.find(
            (id) => b.shape(id).length === rank && b.shape(id).every((d, i) => i === axis || d === dims[i]),
          );
          if (sample < 200) add('concat', [x, other ?? x, x], { axis });
          break;
        }
        case 'split':
          if (dims[axis] > 1) add('split', [x], { axis, sizes: [1, dims[axis] - 1] });
          break;
        case 'pad':
          if (sample < 200)
            add('pad', [x], { paddings: dims.map((_, i) => (i === 0 ? [0, 0] : [pick(2), pick(2)])), value: 0.25 });
          break;
        case 'slice':
          add('slice', [x], { begin: dims.map((d, i) => (i > 0 && d > 1 ? pick(2) : 0)), size: dims.map(() => -1) });
          break;
        case 'softmax':
          add('softmax', [x], { beta: 1 });
          break;
        case 'dense':
          add('fullyConnected', [x, values([3, dims[rank - 1]])], { keepDims: true });
          break;
        case 'product':
          if (rank > 2) add('batchMatMul', [x, x], { transposeX: false, transposeY: true });
          break;
        case 'gather':
          add('gather', [x, b.constant('i', Int32Array.of(dims[axis] - 1, 0), [2])], { axis });
      }
    }
    const outputs = live.filter((_, i) => i > 1 && i % 3 === 0);
    return b.build([...outputs, ...b.op('identity', 'last', [live.at(-1)!], {})]);
  }

  it('computes the same, whatever the graph', () => {
    const steps = fc.array(fc.tuple(fc.nat(31), fc.nat(1e9)), { minLength: 6, maxLength: 24, size: 'max' });
    const shape = fc.tuple(
      fc.constantFrom(BATCH, 1, 2),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(2, 4),
      fc.constantFrom(1, 3),
    );
    fc.assert(
      fc.property(shape, steps, (dims, list) => {
        const before = randomGraph(dims, list);
        expectSame({ before, after: prune(cancelTransposes(before)) });
      }),
      { numRuns: 300 },
    );
  });
});
