/** Convolutions and dense layers, whose weights stand in the file as real numbers, as codes, or in blocks of four bits. */
import { tensorOf, type QuantParams, type Tensor, type TensorId } from '../../../graph/graph';
import type { Op } from '../../../graph/ops/attrs';
import { slideWindow, transposedCrop } from '../../../graph/spatial';
import { permutedData, permutedShape } from '../../../graph/permute';
import { packInt4 } from '../../../numerics/int4';
import { roundHalfToEven } from '../../../numerics/round';
import type { IntFormat } from '../../../number-formats/format';
import { quantizeBias, quantizeConstant } from '../../../quantize/quantize-constants';
import { bytesOf, type AttributeValues, type ModelWriter } from './model';

/** How the weights of an op are stored. */
export type WeightStorage =
  | { readonly as: 'real' }
  | { readonly as: 'codes'; readonly params: QuantParams; readonly format: IntFormat; readonly type: 'int8' | 'int4' }
  /** onnxruntime's MatMulNBits, of dense layers only: so many weights of an input share a scale. */
  | { readonly as: 'blocks'; readonly size: number };

export type StorageOf = (op: Op) => WeightStorage;

/** The name of an op's weights with their dimensions moved, dequantized where they are codes. */
function weightsOf(w: ModelWriter, id: TensorId, permutation: readonly number[], storage: WeightStorage): string {
  return w.once(`weights ${permutation.join()} ${id}`, () => {
    const tensor = tensorOf(w.graph, id);
    const shape = permutedShape(tensor.shape, permutation);
    if (storage.as !== 'codes')
      return w.reals(id, permutedData(tensor.data as Float32Array, tensor.shape, permutation), shape);
    const [codes, scale, zeroPoint, axis] = codedWeights(w, id, permutation, storage);
    return w.node('DequantizeLinear', [codes, scale, zeroPoint], axis === null ? {} : { axis });
  });
}

/** Codes of weights, their scale and zero point; the axis of the scales, null where there is one for all. */
export function codedWeights(
  w: ModelWriter,
  id: TensorId,
  permutation: readonly number[],
  { params, format, type }: Extract<WeightStorage, { as: 'codes' }>,
): [codes: string, scale: string, zeroPoint: string, axis: number | null] {
  const tensor = tensorOf(w.graph, id);
  const single = params.scale.length === 1;
  const axis = single ? null : permutation.indexOf(params.quantizedDimension);
  const stored = quantizeConstant(tensor, params, format).data as Int8Array;
  const moved = permutedData(stored, tensor.shape, permutation);
  const bytes = type === 'int4' ? packInt4(moved) : bytesOf(moved);
  const codes = w.constant(`${id}_codes`, type, permutedShape(tensor.shape, permutation), bytes);
  const zeros = new Int8Array(params.scale.length);
  const zeroPoint = w.constant(
    `${id}_zero_point`,
    type,
    single ? [] : [zeros.length],
    type === 'int4' ? packInt4(zeros) : bytesOf(zeros),
  );
  return [codes, w.scales(`${id}_scale`, params.scale, single), zeroPoint, axis];
}

/** A bias at the scale of the accumulator, as the integer operators take it. */
export function codedBias(w: ModelWriter, op: Op, params: QuantParams): string {
  return storedBias(w, op, biasCodes(w, op, params));
}

function biasCodes(w: ModelWriter, op: Op, params: QuantParams): Tensor {
  const [input, , bias] = op.inputs;
  const { params: ofInput } = w.options.codesOf(input!)!;
  const channels = tensorOf(w.graph, bias ?? op.outputs[0]).shape.at(-1)!;
  return quantizeBias(`${op.id}/bias`, bias ? tensorOf(w.graph, bias) : null, channels, ofInput.scale[0], params);
}

const storedBias = (w: ModelWriter, op: Op, { data, shape }: Tensor) =>
  w.constant(`${op.inputs[2] ?? `${op.inputs[1]}_bias`}_codes`, 'int32', shape, bytesOf(data!));

/** The bias as real numbers; of integer layers it is stored as an accumulator holds it, without a zero point. */
function biasOf(w: ModelWriter, op: Op, storage: WeightStorage): string[] {
  const bias = op.inputs[2] ?? null;
  if (bias === null) return [];
  const tensor = tensorOf(w.graph, bias);
  const input = w.options.codesOf(op.inputs[0]!);
  if (storage.as !== 'codes' || !input || input.type === 'int16')
    return [w.once(`bias ${bias}`, () => w.reals(bias, tensor.data as Float32Array, tensor.shape))];
  const coded = biasCodes(w, op, storage.params);
  const { scale } = coded.quant!;
  const single = scale.length === 1;
  const scaleName = w.scales(`${bias}_scale`, scale, single);
  return [w.node('DequantizeLinear', [storedBias(w, op, coded), scaleName], single ? {} : { axis: 0 })];
}

export function convolutionAttributes(w: ModelWriter, op: Op<'conv2d' | 'depthwiseConv2d'>): AttributeValues {
  const [x, filter] = [w.shape(op.inputs[0]!), w.shape(op.inputs[1]!)];
  const { strides, dilations, padding } = op.attrs;
  const kernel = [filter[1], filter[2]] as const;
  const [rows, columns] = slideWindow([x[1], x[2]], kernel, strides, dilations, padding).pads;
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [rows[0], columns[0], rows[1], columns[1]],
    group: op.kind === 'conv2d' ? op.attrs.groups : x[3],
  };
}

export const FILTER_ORDER = { conv2d: [0, 3, 1, 2], depthwiseConv2d: [3, 0, 1, 2] } as const;

export function convolution(w: ModelWriter, op: Op<'conv2d' | 'depthwiseConv2d'>, storage: WeightStorage): string {
  const x = w.real(op.inputs[0]!, 'nchw');
  const filter = weightsOf(w, op.inputs[1]!, FILTER_ORDER[op.kind], storage);
  return w.node('Conv', [x, filter, ...biasOf(w, op, storage)], convolutionAttributes(w, op));
}

export function transposedConvolution(w: ModelWriter, op: Op<'transposeConv2d'>, storage: WeightStorage): string {
  const [x, filter] = [w.shape(op.inputs[0]!), w.shape(op.inputs[1]!)];
  const { strides, padding, outputSize } = op.attrs;
  const [rows, columns] = ([0, 1] as const).map((i) =>
    transposedCrop(x[i + 1], outputSize[i], filter[i + 1], strides[i], padding),
  );
  const kernel = weightsOf(w, op.inputs[1]!, [3, 0, 1, 2], storage);
  return w.node('ConvTranspose', [w.real(op.inputs[0]!, 'nchw'), kernel, ...biasOf(w, op, storage)], {
    kernel_shape: [filter[1], filter[2]],
    strides,
    pads: [rows[0], columns[0], Math.max(rows[1], 0), Math.max(columns[1], 0)],
    output_padding: [Math.max(-rows[1], 0), Math.max(-columns[1], 0)],
  });
}

export function dense(w: ModelWriter, op: Op<'fullyConnected'>, storage: WeightStorage): string {
  const flat = flattened(w, op);
  const bias = biasOf(w, op, storage);
  if (storage.as === 'blocks') {
    const product = blockwise(w, op, flat.name, storage.size);
    return bias.length === 0 ? product : w.node('Add', [product, ...bias]);
  }
  if (flat.rank === 2)
    return w.node('Gemm', [flat.name, weightsOf(w, op.inputs[1]!, [0, 1], storage), ...bias], { transB: 1 });
  const product = w.node('MatMul', [flat.name, weightsOf(w, op.inputs[1]!, [1, 0], storage)]);
  return bias.length === 0 ? product : w.node('Add', [product, ...bias]);
}

/** The input as a matrix where the op flattens it. */
function flattened(w: ModelWriter, op: Op<'fullyConnected'>): { name: string; rank: number } {
  const [input] = op.inputs;
  const rank = w.shape(input!).length;
  const name = w.real(input!);
  if (op.attrs.keepDims || rank === 2) return { name, rank };
  const width = w.shape(op.inputs[1]!)[1];
  return { name: w.node('Reshape', [name, w.integers([-1, width])]), rank: 2 };
}

/** Weights in blocks along the inputs, each with a scale: codes of four bits around 8, the first in a byte's low half. */
function blockwise(w: ModelWriter, op: Op<'fullyConnected'>, x: string, size: number): string {
  const { data, shape } = tensorOf(w.graph, op.inputs[1]!);
  const [units, inputs] = shape as readonly [number, number];
  const blocks = Math.ceil(inputs / size);
  const codes = new Uint8Array((units * blocks * size) / 2);
  const scales = new Float32Array(units * blocks);
  const values = data as Float32Array;
  for (let block = 0; block < scales.length; block++) {
    const [unit, from] = [Math.floor(block / blocks), (block % blocks) * size];
    const own = values.subarray(unit * inputs + from, unit * inputs + Math.min(from + size, inputs));
    // The value farthest from zero gets the code −8, the only one without a twin.
    const farthest = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const scale = farthest / -8;
    scales[block] = scale;
    own.forEach((value, i) => {
      const code = scale === 0 ? 8 : Math.min(15, Math.max(0, roundHalfToEven(value / scale) + 8));
      codes[(block * size + i) >> 1] |= code << (i & 1 ? 4 : 0);
    });
    for (let i = own.length; i < size; i++) codes[(block * size + i) >> 1] |= 8 << (i & 1 ? 4 : 0);
  }
  const id = op.inputs[1]!;
  return w.node(
    'MatMulNBits',
    [
      x,
      w.constant(`${id}_Q4`, 'uint8', [units, blocks, size / 2], codes),
      w.constant(`${id}_scales`, 'float32', [units, blocks], bytesOf(scales)),
    ],
    { K: inputs, N: units, bits: 4, block_size: size },
    'com.microsoft',
  );
}
