import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { tensorOf } from '../../graph/graph';
import { openZip } from '../../data/zip';
import { encode } from './schema/encode';
import { writeTflite } from './write';
import type { InputSizes } from '../open-sizes';
import { classNamesOf } from './associated-files';
import { readTflite } from './read';

const read = (path: string, sizes?: InputSizes) => readTflite(readFixture(path), path, sizes);

// What becomes of each file as a whole stands in the table of fixtures (src/testing).
describe.skipIf(!haveFixtures)('readTflite on real files', () => {
  it('reads attributes, activations and constants of a convolution', () => {
    const graph = read('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite');
    const strided = graph.ops.filter((op) => op.kind === 'conv2d').map((op) => [op.attrs.strides, op.activation]);
    // ResNet8 has three stacks; the second and third begin with a strided convolution and a strided 1×1 shortcut.
    expect(strided.filter(([strides]) => String(strides) === '2,2').length).toBe(4);
    expect(graph.ops.map(({ kind }) => kind).slice(-4)).toEqual([
      'averagePool2d',
      'reshape',
      'fullyConnected',
      'softmax',
    ]);
    expect(graph.ops[0]).toMatchObject({ kind: 'conv2d', activation: 'relu', attrs: { padding: 'same', groups: 1 } });
  });

  it('turns hybrid int8 weights into the values they stand for (figures by NumPy)', () => {
    const graph = read('mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite');
    const filter = tensorOf(graph, 'functional_1/conv2d/Conv2D');
    expect(filter).toMatchObject({ dtype: 'float32', shape: [64, 10, 4, 1] });
    expect(filter.quant).toBeUndefined();
    const values = filter.data as Float32Array;
    expect([...values.slice(0, 4)]).toEqual([-0.00809102, 0.02427305, -0.01415928, 0.02427305].map(near));
    expect(values.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1.786092136, 6);
  });

  it('widens float16 weights exactly (figures by NumPy)', () => {
    const graph = read('tflite/mediapipe/face_detection_short_range.tflite');
    const values = tensorOf(graph, 'conv2d/Kernel').data as Float32Array;
    expect([...values.slice(0, 4)]).toEqual([0.04611206, 0.03356934, 0.00064993, 0.03070068].map(near));
    expect(values.reduce((sum, v) => sum + v, 0)).toBeCloseTo(-3.6088573932647705, 9);
    expect(graph.ops.some(({ kind }) => kind === 'dequantize')).toBe(false);
  });

  it('keeps the parameters of a quantized file (figures by the LiteRT interpreter)', () => {
    const graph = read('mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite');
    const params = (id: string) => {
      const { scale, zeroPoint } = tensorOf(graph, id).quant!;
      return [scale[0], zeroPoint[0]];
    };
    expect(params(graph.inputs[0])).toEqual([1, -128]);
    expect(params(graph.outputs[0])).toEqual([0.00390625, -128]);
    const bias = tensorOf(graph, graph.ops[0].inputs[2]!);
    expect([...(bias.data as Int32Array).slice(0, 1)]).toEqual([new Int32Array(Int8Array.of(-76, 26, 0, 0).buffer)[0]]);
    expect([...bias.quant!.scale.slice(0, 2)]).toEqual([8.9026362e-5, 2.8168175e-5].map(near));
  });

  it('resolves a shape computed from the batch to a plain reshape', () => {
    const graph = read('tflite/ultraface/version-slim-320_without_postprocessing.tflite');
    const shapesOf = graph.ops.flatMap((op) => (op.kind === 'reshape' ? [op.attrs.shape] : []));
    expect(shapesOf).toHaveLength(8);
    expect(shapesOf.every(([batch, boxes]) => batch === -1 && boxes > 0)).toBe(true);
    expect(graph.ops.map(({ kind }) => kind)).not.toContain('stridedSlice');
  });

  it('keeps signatures, metadata and who made the file', () => {
    const { provenance } = read('tflite/tflm/hello_world_float.tflite');
    expect(provenance).toMatchObject({
      format: 'tflite',
      fileBytes: 3164,
      producer: 'TensorFlow 2.11.0',
      description: 'MLIR Converted.',
    });
    expect(provenance.signatures).toEqual([
      {
        key: 'serving_default',
        inputs: { dense_input: 'serving_default_dense_input:0' },
        outputs: { dense_2: 'StatefulPartitionedCall:0' },
      },
    ]);
    const release = new TextDecoder().decode(provenance.metadata.min_runtime_version).replaceAll('\0', '');
    expect(release).toBe('1.5.0');
  });

  it('reads bytes that are not aligned in memory', () => {
    const path = 'mlperf_tiny/ic/trained_models/pretrainedResnet.tflite';
    const bytes = readFixture(path);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const [aligned, copied] = [read(path), readTflite(shifted.subarray(3), path)];
    expect(copied.ops).toEqual(aligned.ops);
    for (const [id, { data }] of aligned.tensors)
      expect(Buffer.compare(bufferOf(copied.tensors.get(id)!.data), bufferOf(data))).toBe(0);
  });
});

/** Equal to what NumPy printed, to its eight digits. */
function near(value: number): unknown {
  return expect.closeTo(value, 8);
}

function bufferOf(data?: ArrayBufferView): Buffer {
  return data ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);
}

describe.skipIf(!haveFixtures)('the metadata of TensorFlow Lite', () => {
  it.each([
    ['dilated_conv', 0, 1, { 'input_1[1]': 8, 'input_1[2]': 8 }],
    ['mobilenet_v1_0.25_224_quant', 127.5, 127.5, {}],
  ])('says how images become the input of %s', (name, mean, std, sizes) => {
    const { provenance } = read(`tflite/tflite_support/${name}.tflite`, sizes);
    expect(provenance.inputNormalization).toEqual({ mean: [mean], std: [std] });
  });
});

describe.skipIf(!haveFixtures)('labels packed behind a model', () => {
  it('are the names of its classes, and stand behind the file that is written', () => {
    const graph = read('tflite/tflite_support/mobilenet_v1_0.25_224_quant.tflite');
    const { classNames } = graph.provenance;
    expect(classNames).toHaveLength(1001);
    expect(classNames!.slice(0, 2)).toEqual(['background', 'tench']);
    const written = writeTflite(graph);
    expect(openZip(written, 'x.tflite').map(({ path }) => path)).toEqual(['labels.txt']);
    expect(readTflite(written, 'x.tflite').provenance.classNames).toEqual(classNames);
  });
});

describe('labels that metadata names', () => {
  it('are told from other files that are packed', () => {
    const metadata = encode('ModelMetadata', { subgraphMetadata: [{ outputTensorMetadata: [{ associatedFiles: [{ name: 'vocab.txt', type: 5 }, { name: 'my.txt', type: 2 }] }] }] }, 'M001', 1024); // prettier-ignore
    const text = (content: string) => new TextEncoder().encode(content);
    const files = new Map([
      ['vocab.txt', text('a\nb\nc')],
      ['my.txt', text('cat\r\ndog\n')],
    ]);
    expect(classNamesOf(metadata, files, 'x.tflite')).toEqual(['cat', 'dog']);
    expect(classNamesOf(undefined, files, 'x.tflite')).toBeUndefined();
  });
});

describe.skipIf(!haveFixtures)('sizes that a file leaves open', () => {
  const path = 'tflite/tflite_support/dilated_conv.tflite';

  it('are asked for: a declared 1 is the placeholder of the converter', () => {
    expect(() => read(path)).toThrow(expect.objectContaining({ openSizes: ['input_1[1]', 'input_1[2]'] }));
  });

  it('reach as far as they are given', () => {
    const graph = read(path, { 'input_1[1]': 10, 'input_1[2]': 12 });
    expect(tensorOf(graph, graph.inputs[0]).shape).toEqual([1, 10, 12, 3]);
    expect(tensorOf(graph, graph.outputs[0]).shape).toEqual([1, 10, 12, 16]);
  });
});
