import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { GraphBuilder } from './build';
import { BATCH, type Graph, type Shape, type Tensor } from './graph';
import type { Op } from './ops/attrs';
import { validateGraph } from './validate';

const tensor = (id: string, shape: Shape, more: Partial<Tensor> = {}): Tensor => ({
  id,
  dtype: 'float32',
  shape,
  ...more,
});

function unary(kind: 'relu' | 'tanh', input: string, output: string, id = output): Op {
  return { id, kind, attrs: {}, inputs: [input], outputs: [output], activation: 'none', sourceName: id };
}

function graph(tensors: Tensor[], ops: Op[], inputs = ['x'], outputs = ['y']): Graph {
  const { provenance } = base;
  return { name: 'net', tensors: new Map(tensors.map((each) => [each.id, each])), ops, inputs, outputs, provenance };
}
const base = (() => {
  const b = new GraphBuilder('base');
  return b.build(b.op('relu', 'y', [b.input('x', [BATCH, 2])], {}));
})();
const x = tensor('x', [BATCH, 2]);
const y = tensor('y', [BATCH, 2]);

function refusal(bad: Graph): RangefinderError {
  try {
    validateGraph(bad);
  } catch (thrown) {
    if (thrown instanceof RangefinderError) return thrown;
    throw thrown;
  }
  throw new Error('the graph was accepted');
}

describe('validateGraph', () => {
  it('returns a sound graph as it is', () => {
    expect(validateGraph(base)).toBe(base);
  });

  it('orders ops so that each comes after what it reads', () => {
    const tensors = [x, tensor('a', [BATCH, 2]), tensor('b', [BATCH, 2]), y];
    const result = validateGraph(
      graph(tensors, [unary('relu', 'b', 'y'), unary('tanh', 'a', 'b'), unary('relu', 'x', 'a')]),
    );
    expect(result.ops.map(({ id }) => id)).toEqual(['a', 'b', 'y']);
  });

  it('counts axes from the front and takes a declared batch of 1 for the symbolic one', () => {
    const mean: Op = {
      id: 'mean',
      kind: 'mean',
      attrs: { axes: [-1, 1, 1], keepDims: false },
      inputs: ['x'],
      outputs: ['y'],
      activation: 'none',
      sourceName: '',
    };
    const result = validateGraph(graph([tensor('x', [BATCH, 2, 3, 4]), tensor('y', [1, 3])], [mean]));
    expect(result.ops[0].attrs).toEqual({ axes: [1, 3], keepDims: false });
    expect(result.tensors.get('y')!.shape).toEqual([BATCH, 3]);
  });

  it.each<[string, Graph, string]>([
    [
      'a tensor nothing computes',
      graph([x, y, tensor('z', [BATCH, 2])], [unary('relu', 'z', 'y')]),
      'relu "y" needs tensor "z", which nothing computes.',
    ],
    [
      'a tensor that does not exist',
      graph([x, y], [unary('relu', 'z', 'y')]),
      'relu "y" refers to tensor "z", which does not exist.',
    ],
    [
      'an output that does not exist',
      graph([x, y], [unary('relu', 'x', 'y')], ['x'], ['z']),
      'The graph output refers to tensor "z", which does not exist.',
    ],
    ['no output', graph([x, y], [unary('relu', 'x', 'y')], ['x'], []), 'The graph has no output.'],
    [
      'two writers',
      graph([x, y], [unary('relu', 'x', 'y'), unary('tanh', 'x', 'y', 'other')]),
      'Tensor "y" is written by relu "y" and by tanh "other".',
    ],
    [
      'an input that is computed',
      graph([x], [unary('relu', 'x', 'x', 'op')], ['x'], ['x']),
      'Tensor "x" is written by the graph input and by relu "op".',
    ],
    [
      'a constant that is computed',
      graph([x, tensor('y', [2], { data: Float32Array.of(1, 2) })], [unary('relu', 'x', 'y')]),
      'Tensor "y" is a constant and written by relu "y".',
    ],
    [
      'two ops of one name',
      graph([x, y, tensor('z', [BATCH, 2])], [unary('relu', 'x', 'y'), unary('relu', 'x', 'z', 'y')]),
      'Two ops are called "y".',
    ],
    [
      'a tensor under another name',
      {
        ...graph([x, y], [unary('relu', 'x', 'y')]),
        tensors: new Map([
          ['x', x],
          ['y', x],
        ]),
      },
      'Tensor "y" is listed under another name.',
    ],
    [
      'a wrong shape',
      graph([x, tensor('y', [BATCH, 3])], [unary('relu', 'x', 'y')]),
      'relu "y" computes "y" of shape [N, 2], declared [N, 3].',
    ],
    [
      'a declared batch of 4',
      graph([x, tensor('y', [4, 2])], [unary('relu', 'x', 'y')]),
      'relu "y" computes "y" of shape [N, 2], declared [4, 2].',
    ],
    [
      'a negative dimension',
      graph([tensor('x', [BATCH, -3]), y], [unary('relu', 'x', 'y')]),
      'Tensor "x" of shape [N, -3]: dimension 1 is -3.',
    ],
    [
      'a batch inside',
      graph([tensor('x', [2, -1]), y], [unary('relu', 'x', 'y')]),
      'Tensor "x" of shape [2, -1]: dimension 1 is -1.',
    ],
    [
      'NaN',
      graph([tensor('x', [NaN]), y], [unary('relu', 'x', 'y')]),
      'Tensor "x" of shape [NaN]: dimension 0 is NaN.',
    ],
    [
      'too little data',
      graph([x, y, tensor('c', [3], { data: Float32Array.of(1) })], [unary('relu', 'c', 'y')]),
      'Constant "c" has 1 values, its shape [3] 3.',
    ],
    [
      'data of another type',
      graph([x, y, tensor('c', [1], { data: Int8Array.of(1) })], [unary('relu', 'c', 'y')]),
      'Constant "c" of type float32 is stored as Int8Array.',
    ],
    [
      'too many inputs',
      graph([x, y], [{ ...unary('relu', 'x', 'y'), inputs: ['x', 'x'] }]),
      'relu "y": it has 2 input(s), 1 are needed.',
    ],
    [
      'an absent input',
      graph([x, y], [{ ...unary('relu', 'x', 'y'), inputs: [null] }]),
      'relu "y": input 0 is missing.',
    ],
    [
      'too many outputs',
      graph([x, y, tensor('z', [BATCH, 2])], [{ ...unary('relu', 'x', 'y'), outputs: ['y', 'z'] }]),
      'relu "y": it has 2 output(s), 1 are needed.',
    ],
  ])('refuses %s', (_, bad, message) => {
    const error = refusal(bad);
    expect(error.message).toBe(message);
    expect(error.code).toBe('invalid-graph');
    expect(error.where).toBeTruthy();
    expect(error.hint).toBeTruthy();
  });

  it('refuses parameters that do not fit their tensor', () => {
    const quant = { scale: Float32Array.of(1, 0, 1), zeroPoint: Int32Array.of(0), quantizedDimension: 0 };
    const error = refusal(graph([x, { ...y, quant }], [unary('relu', 'x', 'y')]));
    expect(error.details).toEqual([
      'Tensor "y": 3 scales, 1 zero points.',
      'Tensor "y": 3 scales along dimension 0 of [N, 2].',
      'Tensor "y": a scale is not a positive number.',
    ]);
  });

  it('lists all problems at once, and no more than can be read', () => {
    const names = Array.from({ length: 60 }, (_, i) => `t${i}`);
    const outputs = names.map((id) => tensor(id, [BATCH, 3]));
    const error = refusal(
      graph(
        [x, ...outputs],
        names.map((id) => unary('relu', 'x', id)),
        ['x'],
        names,
      ),
    );
    expect(error.message).toMatch(/^The graph has 60 problems; the first: relu "t0" computes/);
    expect(error.details).toHaveLength(51);
    expect(error.details!.at(-1)).toBe('… and 10 more');
  });

  it('names the ops of a cycle', () => {
    const tensors = [x, tensor('a', [BATCH, 2]), tensor('b', [BATCH, 2]), y];
    const error = refusal(graph(tensors, [unary('relu', 'x', 'y'), unary('relu', 'b', 'a'), unary('tanh', 'a', 'b')]));
    expect(error.code).toBe('invalid-graph');
    expect(error.message).toBe('Ops depend on themselves in a circle: "a" → "b".');
  });

  it('refuses sizes before anything is allocated', () => {
    const huge = refusal(graph([tensor('x', [BATCH, 65536, 32768]), y], [unary('relu', 'x', 'y')]));
    expect(huge.code).toBe('too-large');
    const pad: Op = {
      id: 'pad',
      kind: 'pad',
      attrs: {
        paddings: [
          [0, 0],
          [0, 2 ** 40],
        ],
        value: 0,
      },
      inputs: ['x'],
      outputs: ['y'],
      activation: 'none',
      sourceName: '',
    };
    expect(refusal(graph([x, y], [pad])).code).toBe('too-large');
    const deep = refusal(graph([tensor('x', new Array<number>(1e6).fill(1)), y], [unary('relu', 'x', 'y')]));
    expect(deep.message).toBe('Tensor "x" of shape [1, 1, 1, 1, 1, 1, 1, 1]: 1000000 dimensions.');
  });

  it('takes time in proportion to the graph, however deep or tangled', () => {
    const n = 100_000;
    const ids = Array.from({ length: n }, (_, i) => (i === 0 ? 'x' : i === n - 1 ? 'y' : `t${i}`));
    const chain = ids.slice(1).map((id, i) => unary('relu', ids[i], id));
    const tensors = ids.map((id) => tensor(id, [BATCH, 2]));
    expect(validateGraph(graph(tensors, chain.toReversed())).ops).toHaveLength(n - 1);

    // Each op adds the one before to itself: 2^1000 paths.
    const b = new GraphBuilder('diamonds');
    let last = b.input('x', [BATCH, 2]);
    for (let i = 0; i < 1000; i++) last = b.op('add', 'add', [last, last], {})[0]!;
    expect(b.build([last]).ops).toHaveLength(1000);
  });
});
