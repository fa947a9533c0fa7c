import { describe, expect, it } from 'vitest';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { NETWORKS } from '../../../testing/builders/onnx-networks';
import { graphOf, writeOnnx, type OnnxModel } from '../../../testing/builders/onnx-writer';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import { BATCH } from '../../graph/graph';
import { readOnnx } from './read';

const kinds = (bytes: Uint8Array) => readOnnx(bytes, 'a.onnx').ops.map(({ kind }) => kind);

function refusal(bytes: Uint8Array) {
  try {
    readOnnx(bytes, 'a.onnx');
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(RangefinderError);
    return toErrorInfo(thrown);
  }
  return expect.unreachable('was read');
}

/** A model of one node with input x and output y. */
const one = (
  type: string,
  attributes: object = {},
  shape: readonly (number | string)[] = [1, 2, 4, 4],
  more: Partial<OnnxModel> = {},
) => writeOnnx({ inputs: { x: shape }, outputs: ['y'], nodes: [[type, 'x', 'y', attributes as never]], ...more });

describe('readOnnx', () => {
  it('gives images as [N,H,W,C] and says so; other inputs stay as they are', () => {
    const graph = readOnnx(
      writeOnnx(NETWORKS['residual block with padded max pooling and a flattened head']),
      'dir/net.onnx',
    );
    expect(graph.tensors.get('x')!.shape).toEqual([1, 14, 14, 3]);
    expect(graph.provenance).toMatchObject({ format: 'onnx', fileName: 'dir/net.onnx', producer: 'rangefinder-test' });
    expect(graph.provenance.notes).toEqual([
      'input "x" takes images as [N, H, W, C]; the file has them as [N, C, H, W]',
    ]);
    const plain = readOnnx(one('Relu'), 'a.onnx');
    expect(plain.tensors.get('x')!.shape).toEqual([1, 2, 4, 4]);
    expect(plain.provenance.notes).toEqual([]);
  });

  it('makes an open batch symbolic, through computed reshapes', () => {
    const graph = readOnnx(writeOnnx(NETWORKS['shape arithmetic before a reshape']), 'a.onnx');
    expect(graph.tensors.get('x')!.shape).toEqual([BATCH, 6, 6, 3]);
    expect(graph.tensors.get('y')!.shape).toEqual([BATCH, 3]);
  });

  it('opens inputs of open size with the sizes they are given, through shapes that are computed of them', () => {
    const pooled = writeOnnx({
      inputs: { x: ['n', 2, 'h', 'w'] },
      outputs: ['y'],
      weights: {
        axis: [[1], BigInt64Array.of(3n)],
        two: [[1], BigInt64Array.of(2n)],
        rest: [[1], BigInt64Array.of(-1n)],
      },
      nodes: [
        ['MaxPool', 'x', 'p', { kernel_shape: [2, 2], strides: [2, 2] }],
        ['Shape', 'x', 's'],
        ['Gather', 's axis', 'width', { axis: 0 }],
        ['Div', 'width two', 'half'],
        ['Concat', 'rest half', 'target', { axis: 0 }],
        ['Reshape', 'p target', 'y'],
      ],
    });
    const graph = readOnnx(pooled, 'a.onnx', { h: 4, w: 12 });
    expect(graph.tensors.get('x')!.shape.slice(1)).toEqual([4, 12, 2]);
    expect(graph.tensors.get('y')!.shape).toEqual([4, 6]);
  });

  it('refuses a scatter that joins in a way it does not know', () => {
    const scatter = (reduction: string) =>
      writeOnnx({
        inputs: { x: [4], u: [2] },
        outputs: ['y'],
        weights: { at: [[2, 1], BigInt64Array.of(0n, 0n)] },
        nodes: [['ScatterND', 'x at u', 'y', { reduction }]],
        opset: 18,
      });
    expect(readOnnx(scatter('add'), 'a.onnx').outputs).toEqual(['y']);
    expect(refusal(scatter('constructor'))).toMatchObject({
      code: 'unsupported-op',
      message: expect.stringContaining('it reduces by "constructor"') as string,
    });
  });

  it('recognises depthwise convolutions, ReLU6 and GELU', () => {
    const depthwise = readOnnx(writeOnnx(NETWORKS['inverted residual with clip, batch of any size']), 'a.onnx');
    expect(depthwise.ops.map(({ kind }) => kind)).toEqual([
      'conv2d', 'relu6', 'depthwiseConv2d', 'relu6', 'conv2d', 'add', 'mean', 'reshape', 'fullyConnected',
    ]); // prettier-ignore
    expect(kinds(writeOnnx(NETWORKS['attention block with layer normalization and GELU']))).toContain('gelu');
  });

  it('drops replacements of what no 8-bit value is, and keeps others', () => {
    const network = NETWORKS['attention that is guarded against rows without a value'];
    expect(kinds(writeOnnx(network))).toEqual(['batchMatMul', 'softmax', 'batchMatMul', 'notEqual', 'select']);
    expect(readOnnx(writeOnnx(network), 'a.onnx').provenance.notes).toEqual([
      'replacements for what is not a number were dropped',
    ]);
  });

  it.each(['Concat', 'Min', 'Sum'])('refuses %s of nothing', (type) => {
    const nothing = writeOnnx({ inputs: { x: [1] }, outputs: ['y'], nodes: [[type, '', 'y', { axis: 0 }]] });
    expect(refusal(nothing)).toMatchObject({ code: 'corrupt-file' });
  });

  it('pads a maximum by zeros only where no value is negative', () => {
    const pool: OnnxModel['nodes'][number] = [
      'MaxPool',
      'r',
      'y',
      { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    ];
    const after = (type: string) =>
      writeOnnx({ inputs: { x: [1, 2, 6, 6] }, outputs: ['y'], nodes: [[type, 'x', 'r'], pool] });
    expect(kinds(after('Relu'))).toEqual(['relu', 'pad', 'maxPool2d']);
    expect(kinds(after('Tanh'))).toEqual(['tanh', 'slice', 'concat', 'slice', 'concat', 'maxPool2d']);
  });

  it('keeps the quantization of activations as ops with their parameters, and turns weights into floats', () => {
    const graph = readOnnx(writeOnnx(NETWORKS['quantized and dequantized']), 'a.onnx');
    expect(graph.ops.map(({ kind }) => kind)).toEqual([
      'quantize',
      'dequantize',
      'conv2d',
      'relu',
      'quantize',
      'dequantize',
    ]);
    expect(graph.tensors.get('xq')).toMatchObject({
      dtype: 'uint8',
      quant: { scale: Float32Array.of(0.02), zeroPoint: Int32Array.of(110) },
    });
    expect(graph.provenance.notes).toContain('quantized weights turned into float32');
    const weights = graph.tensors.get(graph.ops.find(({ kind }) => kind === 'conv2d')!.inputs[1]!);
    expect(weights).toMatchObject({
      dtype: 'float32',
      shape: [3, 3, 3, 2],
      storedAs: {
        dtype: 'int8',
        quant: { scale: Float32Array.of(0.01, 0.02, 0.005), zeroPoint: new Int32Array(3), quantizedDimension: 0 },
      },
    });
  });

  it('takes whole numbers as positions', () => {
    const graph = readOnnx(
      writeOnnx({
        inputs: { ids: ['batch', 3] },
        inputType: 7,
        outputs: ['y'],
        weights: {
          table: [
            [4, 2],
            [0, 1, 2, 3, 4, 5, 6, 7],
          ],
        },
        nodes: [['Gather', 'table ids', 'y']],
      }),
      'a.onnx',
    );
    expect(graph.tensors.get('ids')).toMatchObject({ dtype: 'int32', shape: [BATCH, 3] });
    expect(graph.tensors.get('y')!.shape).toEqual([BATCH, 3, 2]);
    expect(graph.provenance.notes).toEqual(['input "ids" takes 32-bit whole numbers']);
  });

  it('takes the branch that a known condition chooses', () => {
    const branch = (type: string) => graphOf({ inputs: {}, outputs: ['inner'], nodes: [[type, 'x', 'inner']] });
    const model = (condition: string, weights: OnnxModel['weights'] = {}) =>
      writeOnnx({
        inputs: { x: [1, 4] },
        outputs: ['y'],
        weights,
        nodes: [
          ['Shape', 'x', 's'],
          ['Size', 's', 'rank'],
          ['Equal', 'rank two', 'c'],
          ['ReduceMax', 'x', 'm', { keepdims: 0 }],
          ['Cast', 'm', 'computed', { to: 9 }],
          ['If', condition, 'y', { then_branch: { graph: branch('Relu') }, else_branch: { graph: branch('Tanh') } }],
        ],
      });
    const two = (value: bigint): OnnxModel['weights'] => ({ two: [[], BigInt64Array.of(value)] });
    expect(kinds(model('c', two(2n)))).toEqual(['relu']);
    expect(kinds(model('c', two(3n)))).toEqual(['tanh']);
    expect(refusal(model('computed', two(2n))).message).toBe(
      'If "If_y": condition computed by the model, where Rangefinder needs fixed values.',
    );
  });

  it('lists everything it cannot translate at once, by name', () => {
    const unknown = writeOnnx({
      inputs: { x: [1, 4] },
      outputs: ['y'],
      nodes: [
        ['Loop', 'x', 'a'],
        ['NonZero', 'a', 'b'],
        ['Loop', 'b', 'y'],
      ],
    });
    expect(refusal(unknown)).toMatchObject({
      code: 'unsupported-op',
      message: 'The model uses operators Rangefinder does not model: Loop, NonZero.',
      details: ['Loop "Loop_a"', 'NonZero "NonZero_b"', 'Loop "Loop_y"'],
    });
    const uses = writeOnnx({
      inputs: { x: [1, 2, 4, 4] },
      outputs: ['y', 'z'],
      nodes: [
        ['Range', 'x x x', 'a'],
        ['Relu', 'a', 'y'],
        ['MaxPool', 'x', 'z', { kernel_shape: [2, 2], dilations: [2, 2] }],
      ],
    });
    expect(refusal(uses)).toMatchObject({
      code: 'unsupported-op',
      details: [
        'Range "Range_a": modelled for values known beforehand only, not for computed ones.',
        'MaxPool "MaxPool_z": it is dilated.',
      ],
    });
    const alone = refusal(one('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }));
    expect(alone.message).toBe('MaxPool "MaxPool_y": it is dilated.');
    expect(alone.details).toBeUndefined();
  });

  it.each<[what: string, code: string, says: RegExp, bytes: Uint8Array]>([
    ['a newer operator set', 'unsupported-feature', /release 99 of/, one('Relu', {}, [1], { opset: 99 })],
    [
      'an open height',
      'unsupported-feature',
      /An input leaves sizes open: "x": \[N, 2, h, w\]/,
      one('Relu', {}, [1, 2, 'h', 'w']),
    ],
    ['inputs of text', 'unsupported-feature', /elements of type STRING/, one('Relu', {}, [1], { inputType: 8 })],
    ['functions of integers', 'unsupported-op', /computes with int32 values/, one('Relu', {}, [1], { inputType: 7 })],
    [
      'a value nobody computes',
      'corrupt-file',
      /Relu ".*" reads "q", which nothing writes/,
      writeOnnx({ inputs: { x: [1] }, outputs: ['y'], nodes: [['Relu', 'q', 'y']] }),
    ],
    [
      'a circle',
      'corrupt-file',
      /waits for its own result/,
      writeOnnx({
        inputs: { x: [1] },
        outputs: ['y'],
        nodes: [
          ['Add', 'x b', 'y'],
          ['Relu', 'y', 'b'],
        ],
      }),
    ],
    [
      'no output',
      'corrupt-file',
      /no graph that computes anything/,
      writeOnnx({ inputs: { x: [1] }, outputs: [], nodes: [] }),
    ],
    ['no bytes', 'corrupt-file', /holds no graph/, new Uint8Array()],
    [
      'a huge fill',
      'too-large',
      /constant result of shape \[100000, 100000\]/,
      writeOnnx({
        inputs: { x: [1] },
        outputs: ['y'],
        weights: { s: [[2], BigInt64Array.of(100000n, 100000n)] },
        nodes: [
          ['ConstantOfShape', 's', 'f'],
          ['Add', 'x f', 'y'],
        ],
      }),
    ],
    [
      'weights that do not fill their shape',
      'corrupt-file',
      /tensor "w" has 12 bytes for a shape of \[4\]/,
      writeOnnx({ inputs: { x: [4] }, outputs: ['y'], weights: { w: [[4], [1, 2, 3]] }, nodes: [['Add', 'x w', 'y']] }),
    ],
  ])('refuses %s', (_what, code, says, bytes) => {
    expect(refusal(bytes)).toMatchObject({ code, message: expect.stringMatching(says) });
  });

  it('names what it means: a known output beside a computed one', () => {
    const graph = readOnnx(
      writeOnnx({
        inputs: { x: [1, 3] },
        outputs: ['y', 'same', 'x2'],
        nodes: [
          ['Relu', 'x', 'y'],
          ['Identity', 'y', 'same'],
          ['Dropout', 'x', 'x2'],
        ],
      }),
      'a.onnx',
    );
    expect(graph.outputs).toEqual(['y', 'same', 'x2']);
    const [y, same, x2] = runAsFile(graph, new Map([['x', { shape: [1, 3], values: Float32Array.of(-1, 2, 3) }]]));
    expect([y, same, x2].map(({ data }) => [...data])).toEqual([
      [0, 2, 3],
      [0, 2, 3],
      [-1, 2, 3],
    ]);
  });
});
