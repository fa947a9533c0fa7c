/** Corners of the format that few real files show, on files made for them. */
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../../base/errors';
import { BATCH, tensorOf, type Graph } from '../../graph/graph';
import { readTflite } from './read';
import { encode } from './schema/encode';
import { builtinCode, IDENTIFIER, tensorType } from './schema/enums';
import type { Draft } from './schema/tables';

interface FileTensor extends Omit<Draft<'Tensor'>, 'shape' | 'type' | 'buffer' | 'shapeSignature'> {
  readonly shape: readonly number[];
  readonly type?: string;
  readonly open?: boolean;
  readonly data?: ArrayBufferView;
}

interface FileOp {
  readonly builtin: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Draft<'Operator'>['builtinOptions'];
}

/** A file of one subgraph; the first tensor is the input, the last the output. */
function file(tensors: readonly FileTensor[], ops: readonly FileOp[], extra: Draft<'Model'> = {}): Uint8Array {
  const buffers: Draft<'Buffer'>[] = [{}];
  const written = tensors.map(({ shape, type = 'float32', open, data, ...rest }): Draft<'Tensor'> => {
    const bytes = data && new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const code = type === 'int2' ? 19 : type === 'float16' ? 1 : tensorType(type as 'float32');
    return {
      shape: Int32Array.from(shape),
      ...(open && { shapeSignature: Int32Array.from(shape, (d, i) => (i === 0 ? -1 : d)) }),
      type: code,
      buffer: bytes ? buffers.push({ data: bytes }) - 1 : 0,
      ...rest,
    };
  });
  const main: Draft<'SubGraph'> = {
    tensors: written,
    inputs: Int32Array.of(0),
    outputs: Int32Array.of(tensors.length - 1),
    operators: ops.map(({ inputs, outputs, options }, opcodeIndex) => ({
      opcodeIndex,
      inputs: Int32Array.from(inputs),
      outputs: Int32Array.from(outputs),
      ...(options && { builtinOptions: options }),
    })),
  };
  const operatorCodes = ops.map(({ builtin }) => ({ builtinCode: builtinCode(builtin) }));
  return encode('Model', { version: 3, operatorCodes, subgraphs: [main], buffers, ...extra }, IDENTIFIER, 4096);
}

const read = (bytes: Uint8Array): Graph => readTflite(bytes, 'made.tflite');

function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof RangefinderError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'ok';
}

const RELU = (x: number, y: number): FileOp => ({ builtin: 'RELU', inputs: [x], outputs: [y] });
const ints = (...values: number[]): Pick<FileTensor, 'type' | 'data'> => ({
  type: 'int32',
  data: Int32Array.from(values),
});

describe('readTflite', () => {
  it('follows the batch through SHAPE, STRIDED_SLICE and PACK into a plain reshape', () => {
    const slice = { table: 'StridedSliceOptions', fields: { shrinkAxisMask: 1 } } as const;
    const graph = read(
      file(
        [
          { name: 'x', shape: [1, 4, 4, 2], open: true },
          { name: 'shape', shape: [4], type: 'int32' },
          { name: 'zero', shape: [1], ...ints(0) },
          { name: 'one', shape: [1], ...ints(1) },
          { name: 'batch', shape: [], type: 'int32' },
          { name: 'rest', shape: [], ...ints(32) },
          { name: 'target', shape: [2], type: 'int32' },
          { name: 'flat', shape: [1, 32], open: true },
        ],
        [
          { builtin: 'SHAPE', inputs: [0], outputs: [1] },
          { builtin: 'STRIDED_SLICE', inputs: [1, 2, 3, 3], outputs: [4], options: slice },
          { builtin: 'PACK', inputs: [4, 5], outputs: [6] },
          { builtin: 'RESHAPE', inputs: [0, 6], outputs: [7] },
        ],
      ),
    );
    expect(graph.ops).toHaveLength(1);
    expect(graph.ops[0]).toMatchObject({ kind: 'reshape', attrs: { shape: [-1, 32] } });
    expect([...graph.tensors.keys()].sort()).toEqual(['flat', 'x']);
  });

  it('gives back the batch that a reshape to [1, n] had baked in', () => {
    const graph = read(
      file(
        [
          { name: 'x', shape: [1, 2, 3], open: true },
          { name: 'target', shape: [2], ...ints(1, 6) },
          { name: 'y', shape: [1, 6] },
        ],
        [{ builtin: 'RESHAPE', inputs: [0, 1], outputs: [2] }],
      ),
    );
    expect(tensorOf(graph, 'y').shape).toEqual([-1, 6]);
  });

  it('pins the batch where the graph only fits together so, and says so', () => {
    const graph = read(
      file(
        [
          { name: 'x', shape: [1, 6], open: true },
          { name: 'target', shape: [2], ...ints(2, 3) },
          { name: 'y', shape: [2, 3] },
        ],
        [{ builtin: 'RESHAPE', inputs: [0, 1], outputs: [2] }],
      ),
    );
    expect(tensorOf(graph, 'x').shape).toEqual([1, 6]);
    expect(graph.provenance.notes).toEqual(['the graph only fits together for a fixed batch size']);
  });

  it('reads FLATTEN-like SQUEEZE and EXPAND_DIMS as reshapes', () => {
    const squeeze = { table: 'SqueezeOptions', fields: { squeezeDims: Int32Array.of(-2) } } as const;
    const graph = read(
      file(
        [
          { name: 'x', shape: [1, 5, 1, 3], open: true },
          { name: 'squeezed', shape: [1, 5, 3], open: true },
          { name: 'axis', shape: [], ...ints(-1) },
          { name: 'y', shape: [1, 5, 3, 1], open: true },
        ],
        [
          { builtin: 'SQUEEZE', inputs: [0], outputs: [1], options: squeeze },
          { builtin: 'EXPAND_DIMS', inputs: [1, 2], outputs: [3] },
        ],
      ),
    );
    expect(graph.ops.map(({ kind, attrs }) => [kind, attrs])).toEqual([
      ['reshape', { shape: [-1, 5, 3] }],
      ['reshape', { shape: [-1, 5, 3, 1] }],
    ]);
  });

  it('makes missing and repeated names unique', () => {
    const graph = read(
      file(
        [{ shape: [1, 2] }, { name: 'same', shape: [1, 2] }, { name: 'same', shape: [1, 2] }],
        [RELU(0, 1), RELU(1, 2)],
      ),
    );
    expect([...graph.tensors.keys()].sort()).toEqual(['same', 'same_1', 'tensor_0']);
    expect(graph.ops.map(({ id, sourceName }) => [id, sourceName])).toEqual([
      ['same', 'same'],
      ['same_1', 'same_1'],
    ]);
  });

  it('dequantizes an int8 constant for float readers only', () => {
    const quantization = { scale: Float32Array.of(0.5), zeroPoint: BigInt64Array.of(1n) };
    const bytes = file(
      [
        { name: 'x', shape: [1, 2] },
        { name: 'w', shape: [2], type: 'int8', data: Int8Array.of(-1, 3), quantization },
        { name: 'wide', shape: [2] },
        { name: 'y', shape: [1, 2] },
      ],
      [
        { builtin: 'DEQUANTIZE', inputs: [1], outputs: [2] },
        { builtin: 'ADD', inputs: [0, 2], outputs: [3] },
      ],
    );
    const graph = read(bytes);
    expect(graph.ops).toHaveLength(1);
    expect(tensorOf(graph, graph.ops[0].inputs[1]!)).toMatchObject({ dtype: 'float32', data: Float32Array.of(-1, 1) });
    expect(graph.provenance.notes[0]).toMatch(/int8 weights .* \(1 tensor\)/);
  });

  it('drops graphs nobody enters, and keeps those with a signature of their own', () => {
    const tensors = [
      { name: 'x', shape: [1, 2] },
      { name: 'y', shape: [1, 2] },
    ];
    const [main] = [file(tensors, [RELU(0, 1)])];
    expect(read(main).provenance.notes).toEqual([]);
    const subgraph: Draft<'SubGraph'> = {
      tensors: [{ name: 'x', shape: Int32Array.of(1) }],
      inputs: Int32Array.of(0),
      outputs: Int32Array.of(0),
    };
    const two = { subgraphs: [subgraph, subgraph], operatorCodes: [], buffers: [{}] };
    expect(read(file(tensors, [], two)).provenance.notes).toEqual(['1 further graph in the file left out: not used']);
    const signatureDefs = [{ signatureKey: 'second', subgraphIndex: 1 }];
    expect(read(file(tensors, [], { ...two, signatureDefs })).provenance.notes).toEqual([
      'signature "second" enters another graph of the file: kept as it is, not quantized',
    ]);
  });

  it('takes open sizes besides the batch as they are declared, and says so', () => {
    const open = { name: 'x', shape: [1, 2], shapeSignature: Int32Array.of(-1, -1) } as FileTensor;
    const graph = read(file([open, { name: 'y', shape: [1, 2] }], [RELU(0, 1)]));
    expect(graph.tensors.get('x')!.shape).toEqual([BATCH, 2]);
    expect(graph.tensors.get('y')!.shape).toEqual([BATCH, 2]);
    expect(graph.provenance.notes).toEqual(['the size of x is open in the file; taken as N×2']);
  });

  const x: FileTensor = { name: 'x', shape: [1, 2] };
  const y: FileTensor = { name: 'y', shape: [1, 2] };
  const add = (w: Partial<FileTensor>): Uint8Array =>
    file([x, { name: 'w', shape: [2], ...w }, y], [{ builtin: 'ADD', inputs: [0, 1], outputs: [2] }]);

  it.each([
    ['int2 weights', add({ type: 'int2', data: Uint8Array.of(0) }), 'it uses "w", of type int2'],
    ['state', add({ isVariable: true }), 'it uses "w", a variable that keeps state between runs'],
    [
      'blockwise scales',
      add({ type: 'int8', data: new Int8Array(2), quantization: { detailsType: 2 } }),
      'it uses "w", quantized by blocks or in a custom way',
    ],
    ['a float16 activation', file([{ ...x, type: 'float16' }, y], [RELU(0, 1)]), 'it uses "x", computed in float16'],
    [
      'a fused activation that is not modelled',
      file(
        [x, y],
        [
          {
            builtin: 'ADD',
            inputs: [0, 0],
            outputs: [1],
            options: { table: 'AddOptions', fields: { fusedActivation: 4 } },
          },
        ],
      ),
      'it uses fused activation 4',
    ],
    [
      'an operator that is not modelled',
      file([x, y], [{ builtin: 'ATAN2', inputs: [0, 0], outputs: [1] }]),
      'it is not among the operators that are modelled',
    ],
    ['state by nature', file([x, y], [{ builtin: 'SVDF', inputs: [0], outputs: [1] }]), 'it keeps state between runs'],
  ])('keeps an operator opaque for %s', (_what, bytes, reason) => {
    expect(read(bytes).ops).toMatchObject([{ kind: 'opaque', attrs: { reason } }]);
  });

  it('hands on what an opaque operator computes in a known shape, and keeps what follows opaque otherwise', () => {
    const open = { name: 'u', shape: [1, 2], shapeSignature: Int32Array.of(1, -1) } as FileTensor;
    const sign = (input: number, output: number) => ({ builtin: 'ATAN2', inputs: [input, input], outputs: [output] });
    const kinds = (bytes: Uint8Array) => read(bytes).ops.map(({ kind }) => kind);
    expect(kinds(file([x, { name: 'u', shape: [1, 2] }, y], [sign(0, 1), RELU(1, 2)]))).toEqual(['opaque', 'relu']);
    expect(kinds(file([x, open, y], [sign(0, 1), RELU(1, 2)]))).toEqual(['opaque', 'opaque']);
  });

  it('gives an opaque operator the shape that was worked out for it', () => {
    const tensors: FileTensor[] = [x, { name: 's', shape: [2], type: 'int32' }, y];
    const graph = read(
      file(tensors, [
        { builtin: 'SHAPE', inputs: [0], outputs: [1] },
        { builtin: 'CUSTOM', inputs: [0, 1], outputs: [2] },
      ]),
    );
    expect(graph.ops).toMatchObject([{ kind: 'opaque', inputs: ['x', 's'] }]);
    expect(graph.tensors.get('s')!.data).toEqual(Int32Array.of(1, 2));
  });

  it.each([
    [
      'options of another op',
      file(
        [x, y],
        [{ builtin: 'ADD', inputs: [0, 0], outputs: [1], options: { table: 'SoftmaxOptions', fields: {} } }],
      ),
      /corrupt-file: .*ADD carries the options of another operator/,
    ],
    ['a constant of the wrong length', add({ data: new Float32Array(3) }), /corrupt-file: .* holds 12 bytes/],
    [
      'a NaN scale',
      add({ type: 'int8', data: new Int8Array(2), quantization: { scale: Float32Array.of(NaN) } }),
      /scale/,
    ],
    [
      'more scales than channels',
      add({ type: 'int8', data: new Int8Array(2), quantization: { scale: new Float32Array(3).fill(1) } }),
      /corrupt-file: .* has 3 scales for dimension 0/,
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(refusal(bytes)).toMatch(message);
  });
});
