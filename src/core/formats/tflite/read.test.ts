import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../../testing/fixtures';
import { readdirSync } from 'node:fs';
import { toErrorInfo } from '../../errors';
import { tensorOf, type Graph } from '../../graph/graph';
import { readTflite } from './read';

const PINNED = 'the graph only fits together for a fixed batch size';
const AEQ = 'conformance/ai_edge_quantizer_models';

/** Operators (as the flatc-generated Python reader lists them, shape arithmetic and folded DEQUANTIZE left out), shapes, notes. */
const OPENS: readonly [path: string, ops: number, inputs: string, outputs: string, ...notes: string[]][] = [
  ['mlperf_tiny/ad/trained_models/ad01_fp32.tflite', 10, 'N×640', 'N×640'],
  ['mlperf_tiny/ad/trained_models/ad01_int8.tflite', 10, 'N×640', 'N×640'],
  ['mlperf_tiny/ic/trained_models/pretrainedResnet.tflite', 16, 'N×32×32×3', 'N×10'],
  ['mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite', 16, 'N×32×32×3', 'N×10'],
  ['mlperf_tiny/kws/trained_models/kws_ref_model.tflite', 13, 'N×49×10×1', 'N×12'],
  [
    'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite',
    13,
    'N×49×10×1',
    'N×12',
    'int8 weights of float ops turned into float32 (5 tensors): no pure float baseline',
  ],
  ['mlperf_tiny/sww/trained_models/str_ww_ref_model.tflite', 11, 'N×30×1×40', 'N×3'],
  ['mlperf_tiny/vww/trained_models/vww_96_float.tflite', 31, 'N×96×96×3', 'N×2'],
  ['mlperf_tiny/vww/trained_models/vww_96_int8.tflite', 31, 'N×96×96×3', 'N×2'],
  [
    'tflite/mediapipe/face_detection_short_range.tflite',
    90,
    '1×128×128×3',
    '1×896×16 1×896×1',
    'float16 weights widened to float32 (74 tensors)',
  ],
  ['tflite/mediapipe/hand_recrop.tflite', 63, '1×256×256×3', '1×1×1×4'],
  ['tflite/tflite_support/deeplabv3.tflite', 70, '1×257×257×3', '1×257×257×21'],
  ['tflite/tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite', 31, '1×224×224×3', '1×1001'],
  ['tflite/tflite_support/mobilenet_v1_0.25_224_quant.tflite', 31, '1×224×224×3', '1×1001'],
  ['tflite/tflm/hello_world_float.tflite', 3, 'N×1', 'N×1'],
  ['tflite/tflm/hello_world_int8.tflite', 3, 'N×1', 'N×1'],
  ['tflite/tflm/micro_speech_quantized.tflite', 4, '1×1960', '1×4'],
  ['tflite/tflm/person_detect.tflite', 31, '1×96×96×1', '1×2'],
  // The file declares 1×1×4; 4,420 boxes are what LiteRT computes.
  ['tflite/ultraface/version-slim-320_without_postprocessing.tflite', 68, 'N×240×320×3', 'N×4420×4 N×4420×2'],
  [`${AEQ}/branching_conv_fc.tflite`, 9, '3×4×4×1', '48'],
  [`${AEQ}/conv_fc_mnist_srq_a8w8.tflite`, 6, 'N×28×28×1', 'N×10'],
  [`${AEQ}/dequantized_weights/channel_i4rangedvalues_fc.tflite`, 1, '1×16×128', '1×16×64'],
  [`${AEQ}/single_add1_constant_input.tflite`, 1, '32×32', '32×32'],
  [`${AEQ}/single_conv2d_transpose_bias.tflite`, 1, '1×16×16×1', '1×20×20×1'],
  [`${AEQ}/single_fc.tflite`, 1, 'N×8', 'N×16'],
  [`${AEQ}/single_fc_bias_logistic.tflite`, 2, 'N×10', 'N×5'],
  [`${AEQ}/single_fc_bias_relu.tflite`, 1, '1×2×8', '1×2×4'],
  [`${AEQ}/single_fc_bias_relu6.tflite`, 1, '1×2×8', '1×2×4'],
  [`${AEQ}/single_hard_swish.tflite`, 1, '2×3', '2×3'],
  [`${AEQ}/single_mean.tflite`, 1, 'N×32×32', 'N×32'],
  [`${AEQ}/single_mul.tflite`, 1, 'N×32×32 N×32×32', 'N×32×32'],
  [`${AEQ}/single_mul2_constant_input.tflite`, 1, '1×32×32', '32×32×32', PINNED],
  [`${AEQ}/single_relu.tflite`, 1, '2×3', '2×3'],
  [`${AEQ}/single_resize_bilinear.tflite`, 1, '1×2×4×1', '1×3×5×1'],
  [`${AEQ}/single_sub1_constant_input.tflite`, 1, '1×32×32', '32×32×32', PINNED],
  ['tflite/dtln/model_1.tflite', 43, '1×1×257 1×2×128×2', '1×1×257 1×2×128×2'],
  [
    'tflite/dtln/model_quant_1.tflite',
    43,
    '1×1×257 1×2×128×2',
    '1×1×257 1×2×128×2',
    'int8 weights of float ops turned into float32 (5 tensors): no pure float baseline',
  ],
  ['tflite/mediapipe/knift_float.tflite', 22, '200×32×32×1', '200×40'],
  ['tflite/tflite_support/movie_review.tflite', 5, '1×256', '1×2'],
  [`${AEQ}/bmm_constant_input.tflite`, 2, '2×4×16', '2×4×16'],
  [
    `${AEQ}/single_fc_bias_sub_channel_weight_only_sym_weight.tflite`,
    6,
    '1×2×8',
    '1×2×4',
    'int8 weights of float ops turned into float32 (1 tensor): no pure float baseline',
  ],
  [`${AEQ}/single_gather.tflite`, 1, '3×4', '2×4'],
  [`${AEQ}/single_gelu.tflite`, 1, '1×1×10', '1×1×10'],
  [`${AEQ}/single_pack.tflite`, 1, '3×4 3×4', '2×3×4'],
  [`${AEQ}/single_reduce_min.tflite`, 1, '3×4', '3'],
  [`${AEQ}/single_rsqrt.tflite`, 1, 'N×32×32', 'N×32×32'],
  [`${AEQ}/single_sqrt.tflite`, 1, '2×3', '2×3'],
  [`${AEQ}/single_squared_difference.tflite`, 1, '2×4×2 1×2', '2×4×2'],
  [`${AEQ}/single_broadcast_to.tflite`, 1, '1×3', '2×3'],
  [`${AEQ}/single_equal.tflite`, 1, '2×3 2×3', '2×3'],
  [
    'tflite/tflite_support/dilated_conv.tflite',
    4,
    '1×1×1×3',
    '1×1×1×16',
    'the size of input_1 is open in the file; taken as 1×1×1×3',
    PINNED,
  ],
  [`${AEQ}/single_unpack.tflite`, 1, '2×3×4', '3×4 3×4'],
  [`${AEQ}/single_tanh.tflite`, 1, '1×2×3×4', '1×2×3×4'],
  [`${AEQ}/single_transpose.tflite`, 1, '1×2×3×4', '1×3×2×4'],
  [`${AEQ}/two_inputs_concatenation.tflite`, 1, '1×10×20×30 1×10×20×30', '1×10×20×60'],
  [
    'tflite/mediapipe/selfie_segmentation.tflite',
    136,
    '1×256×256×3',
    '1×256×256×1',
    'float16 weights widened to float32 (110 tensors)',
  ],
  ['tflite/tflite_support/test_model_nl_classifier.tflite', 4, '', '   '],
  ['tflite/tflite_support/whitespace_tokenizer_to_tensor.tflite', 1, '1', '1×-1'],
  [
    'tflite/tflm/trained_lstm.tflite',
    393,
    '1×28×28',
    '1×10',
    'tfl.unidirectional_sequence_lstm unrolled step by step: it starts every run from a state of zero',
  ],
  ['tflite/tflm/trained_lstm_int8.tflite', 4, '1×28×28', '1×10'],
  [
    `${AEQ}/constant_tensor_and_buffer_only_sharing_weight_fcs.tflite`,
    2,
    '1×2×4',
    '1×2×4',
    'signature "sig2" enters another graph of the file: kept as it is, not quantized',
  ],
  ['broken/coral_model_invoking_error.tflite', 1, '1×3', ''],
  ['broken/derived/resnet_40bitflips.tflite', 16, 'N×32×32×3', 'N×10'],
  ['broken/derived/resnet_all_zero_weights.tflite', 16, 'N×32×32×3', 'N×10'],
  [
    'broken/derived/resnet_inf_weights.tflite',
    16,
    'N×32×32×3',
    'N×10',
    'NaN or infinity among the weights: model/conv2d_7/Conv2D',
  ],
];

const REFUSED: readonly [path: string, error: string][] = [
  [
    'broken/derived/resnet_empty.tflite',
    'unknown-format: The file lacks the identifier "TFL3" of TensorFlow Lite at byte 4.',
  ],
  [
    'broken/derived/resnet_wrong_identifier.tflite',
    'unknown-format: The file lacks the identifier "TFL3" of TensorFlow Lite at byte 4.',
  ],
  [
    'broken/derived/resnet_first16bytes.tflite',
    'corrupt-file: This .tflite file is damaged: Model points outside the file.',
  ],
  [
    'broken/derived/resnet_zeros_middle.tflite',
    'corrupt-file: This .tflite file is damaged: Model.subgraphs[0].tensors[13] has an impossible vtable.',
  ],
];

const read = (path: string) => readTflite(readFixture(path), path);

function shapes(graph: Graph, ids: readonly string[]): string {
  return ids.map((id) => tensorOf(graph, id).shape.join('×').replace(/^-1/, 'N')).join(' ');
}

describe.skipIf(!haveFixtures)('readTflite on real files', () => {
  it('has a row for every .tflite fixture', () => {
    const listed = new Set([...OPENS, ...REFUSED].map(([path]) => path));
    const present = ['mlperf_tiny', 'tflite', 'conformance', 'broken'].flatMap((folder) =>
      readdirSync(fixturePath(folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.tflite'))
        .map((path) => `${folder}/${path}`),
    );
    expect(present.filter((path) => !listed.has(path))).toEqual([]);
  });

  it.each(OPENS)('opens %s', (path, ops, inputs, outputs, ...notes) => {
    const graph = read(path);
    expect(graph.ops.length).toBe(ops);
    expect(shapes(graph, graph.inputs)).toBe(inputs);
    expect(shapes(graph, graph.outputs)).toBe(outputs);
    expect(graph.provenance.notes).toEqual(notes);
  });

  it.each(REFUSED)('refuses %s', (path, error) => {
    let refusal;
    try {
      read(path);
    } catch (thrown) {
      refusal = toErrorInfo(thrown);
    }
    expect(`${refusal?.code}: ${refusal?.message}`).toBe(error);
  });

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
    expect(params(graph.inputs[0]!)).toEqual([1, -128]);
    expect(params(graph.outputs[0]!)).toEqual([0.00390625, -128]);
    const bias = tensorOf(graph, graph.ops[0]!.inputs[2]!);
    expect([...(bias.data as Int32Array).slice(0, 1)]).toEqual([new Int32Array(Int8Array.of(-76, 26, 0, 0).buffer)[0]]);
    expect([...bias.quant!.scale.slice(0, 2)]).toEqual([8.9026362e-5, 2.8168175e-5].map(near));
  });

  it('resolves a shape computed from the batch to a plain reshape', () => {
    const graph = read('tflite/ultraface/version-slim-320_without_postprocessing.tflite');
    const shapesOf = graph.ops.flatMap((op) => (op.kind === 'reshape' ? [op.attrs.shape] : []));
    expect(shapesOf).toHaveLength(8);
    expect(shapesOf.every(([batch, boxes]) => batch === -1 && boxes! > 0)).toBe(true);
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
