import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { GraphBuilder } from '../../graph/build';
import { BATCH, type Graph, type TensorData } from '../../graph/graph';
import { readTflite } from './read';
import { sampleGraphs } from './sample-graphs';
import { Decoder } from './schema/decode';
import { builtinName } from './schema/enums';
import type { Row } from './schema/tables';
import { tfliteSize, writeTflite } from './write';

const MODELS = [
  'mlperf_tiny/ad/trained_models/ad01_fp32.tflite',
  'mlperf_tiny/ad/trained_models/ad01_int8.tflite',
  'mlperf_tiny/ic/trained_models/pretrainedResnet.tflite',
  'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite',
  'mlperf_tiny/kws/trained_models/kws_ref_model.tflite',
  'mlperf_tiny/sww/trained_models/str_ww_ref_model.tflite',
  'mlperf_tiny/vww/trained_models/vww_96_float.tflite',
  'mlperf_tiny/vww/trained_models/vww_96_int8.tflite',
  'tflite/mediapipe/hand_recrop.tflite',
  'tflite/tflite_support/deeplabv3.tflite',
  'tflite/tflm/hello_world_int8.tflite',
  'conformance/ai_edge_quantizer_models/branching_conv_fc.tflite',
  'conformance/ai_edge_quantizer_models/single_conv2d_transpose_bias.tflite',
];

/** What has to survive a file: everything but where the graph came from. */
function content({ ops, tensors, inputs, outputs, provenance }: Graph) {
  const { signatures } = provenance;
  const hashed = [...tensors.values()].map((tensor) => ({ ...tensor, data: tensor.data && hash(tensor.data) }));
  return { ops, inputs, outputs, signatures, tensors: hashed.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** Comparing a million numbers one by one takes vitest seconds. */
function hash(data: TensorData): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `${data.constructor.name} ${createHash('sha256').update(bytes).digest('hex')}`;
}

const decode = (bytes: Uint8Array) => new Decoder(bytes, 'written.tflite').root('Model');

/** Builtin and version of the operators in use; TensorFlow leaves codes behind that no operator refers to. */
function versions({ operatorCodes, subgraphs }: Row<'Model'>): string[] {
  const used = new Set(subgraphs![0].operators!.map(({ opcodeIndex }) => operatorCodes![opcodeIndex]));
  return [...used]
    .map((code) => `${builtinName(Math.max(code.builtinCode, code.deprecatedBuiltinCode))} ${code.version}`)
    .sort();
}

describe.skipIf(!haveFixtures)('writeTflite on real models', () => {
  it.each(MODELS)('%s survives being written and read', (path) => {
    const graph = readTflite(readFixture(path), path);
    const bytes = writeTflite(graph);
    expect(content(readTflite(bytes, path))).toEqual(content(graph));
  });

  it.each(MODELS.filter((path) => path.startsWith('mlperf_tiny')))(
    '%s: operator versions as TensorFlow wrote',
    (path) => {
      const original = readFixture(path);
      expect(versions(decode(writeTflite(readTflite(original, path))))).toEqual(versions(decode(original)));
    },
  );

  it('writes ResNet8 in int8 in no more bytes than TensorFlow', () => {
    const original = readFixture('mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite');
    expect(writeTflite(readTflite(original, 'ic')).length).toBeLessThanOrEqual(original.length);
  });

  it('aligns every constant and keeps buffer 0 and activations without data', () => {
    const bytes = writeTflite(readTflite(readFixture(MODELS[3]), 'ic'));
    const { buffers, subgraphs } = decode(bytes);
    expect(buffers![0].data).toBeUndefined();
    for (const { data } of buffers!.slice(1)) expect((data!.byteOffset - bytes.byteOffset) % 16).toBe(0);
    const graph = readTflite(bytes, 'ic');
    const activations = [...graph.tensors.values()].filter(({ data }) => !data).length;
    expect(subgraphs![0].tensors!.filter(({ buffer }) => buffer === 0)).toHaveLength(activations);
  });
});

describe('writeTflite', () => {
  for (const { name, float, int8 } of sampleGraphs())
    it.each(int8 ? [['float', float] as const, ['int8', int8] as const] : [['float', float] as const])(
      `${name} in %s survives being written and read`,
      (_type, graph) => {
        const back = readTflite(writeTflite(graph), 'x.tflite');
        const [op] = graph.ops;
        const written = { ...back.ops[0], id: op.id, sourceName: op.sourceName };
        // An absent bias comes back as zeros: runtimes want one. A padding value is rounded to the tensor's grid.
        const inputs = written.inputs.map((id, i) => (op.inputs[i] === null ? null : id));
        const value = 'value' in op.attrs ? expect.closeTo(op.attrs.value, 1) : undefined;
        const attrs = value === undefined ? op.attrs : { ...op.attrs, value };
        expect({ ...written, inputs }).toEqual({ ...op, attrs });
        for (const [id, tensor] of graph.tensors) expect(back.tensors.get(id)).toEqual(tensor);
      },
    );

  it('gives an int8 convolution without bias zeros in the product of the scales', () => {
    const { int8 } = sampleGraphs().find(({ name }) => name === 'conv2d_1')!;
    const back = readTflite(writeTflite(int8!), 'x.tflite');
    const [x, filter, bias] = back.ops[0].inputs.map((id) => back.tensors.get(id!)!);
    expect(bias).toMatchObject({ dtype: 'int32', shape: [3], data: new Int32Array(3) });
    const product = [...filter.quant!.scale].map((s) => Math.fround(s * x.quant!.scale[0]));
    expect([...bias.quant!.scale]).toEqual(product);
  });

  it('leaves the batch open, or fixes it', () => {
    const { float } = sampleGraphs().find(({ name }) => name.startsWith('reshape'))!;
    const [open] = decode(writeTflite(float)).subgraphs![0].tensors!;
    expect([...open.shape!]).toEqual([1, 6, 6, 4]);
    expect([...open.shapeSignature!]).toEqual([-1, 6, 6, 4]);
    const fixed = decode(writeTflite(float, { fixedBatch: 5 }));
    const [tensor] = fixed.subgraphs![0].tensors!;
    expect([...tensor.shape!]).toEqual([5, 6, 6, 4]);
    expect(tensor.shapeSignature).toBeUndefined();
    const options = fixed.subgraphs![0].operators![0].builtinOptions!.fields as Row<'ReshapeOptions'>;
    expect([...options.newShape!]).toEqual([5, 12, 12]);
  });

  it('exposes tensors as outputs in the order asked for, without signatures', () => {
    const graph = withSignature(chain());
    const [first] = graph.ops[0].outputs;
    expect(decode(writeTflite(graph)).signatureDefs).toHaveLength(1);
    const bytes = writeTflite(graph, { exposeTensors: [first, graph.outputs[0]] });
    expect(decode(bytes).signatureDefs).toBeUndefined();
    expect(readTflite(bytes, 'x.tflite').outputs).toEqual([graph.outputs[0], first]);
  });

  it('knows its size without writing what is large, whatever the remainder of its length', () => {
    const b = new GraphBuilder('large');
    let from = b.input('x', [1, 400]);
    for (const units of [401, 403, 400]) {
      const inputs = b.shape(from)[1];
      const weight = b.constant(`w${units}`, new Float32Array(units * inputs).fill(units), [units, inputs]);
      [from] = b.op('fullyConnected', `y${units}`, [from, weight, null], { keepDims: false }) as [string];
    }
    const graph = b.build([from]);
    expect(tfliteSize(graph)).toBe(writeTflite(graph).length);
  });

  it('stores equal constants once', () => {
    const builder = new GraphBuilder('twins');
    const x = builder.input('x', [BATCH, 4]);
    const weights = () =>
      builder.constant(
        'w',
        Float32Array.from({ length: 16 }, (_, i) => i),
        [4, 4],
      );
    const [a] = builder.op('fullyConnected', 'a', [x, weights(), null], { keepDims: false });
    const [b] = builder.op('fullyConnected', 'b', [a, weights(), null], { keepDims: false });
    const model = decode(writeTflite(builder.build([b])));
    // Buffer 0, the weights, the zero bias, min_runtime_version.
    expect(model.buffers).toHaveLength(4);
    expect(model.subgraphs![0].tensors).toHaveLength(6);
  });

  it('carries metadata on and says which runtime the operators need', () => {
    const graph = chain();
    const metadata = { TFLITE_METADATA: Uint8Array.of(1, 2, 3), min_runtime_version: Uint8Array.of(57) };
    const back = readTflite(writeTflite({ ...graph, provenance: { ...graph.provenance, metadata } }), 'x.tflite');
    expect(back.provenance.metadata.TFLITE_METADATA).toEqual(Uint8Array.of(1, 2, 3));
    // Three bytes are no metadata that could be read, and no reason to refuse the model.
    expect(back.provenance.inputNormalization).toBeUndefined();
    expect(new TextDecoder().decode(back.provenance.metadata.min_runtime_version)).toBe('1.14.0'.padEnd(16, '\0'));
    expect(back.provenance.description).toBe('Rangefinder');
  });

  it('refuses ops a file cannot hold', () => {
    const builder = new GraphBuilder('identity');
    const [y] = builder.op('identity', 'same', [builder.input('x', [BATCH, 4])], {});
    expect(() => writeTflite(builder.build([y]))).toThrow(/identity "same" has no form in a .tflite file/);
  });
});

/** relu → elu, of which elu came with TensorFlow 1.14. */
function chain(): Graph {
  const builder = new GraphBuilder('chain');
  const [a] = builder.op('relu', 'a', [builder.input('x', [BATCH, 4])], {});
  const [b] = builder.op('elu', 'b', [a], {});
  return builder.build([b]);
}

function withSignature(graph: Graph): Graph {
  const signature = { key: 'serving_default', inputs: { in: graph.inputs[0] }, outputs: { out: graph.outputs[0] } };
  return { ...graph, provenance: { ...graph.provenance, signatures: [signature] } };
}
