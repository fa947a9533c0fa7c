/** Constants of an integer graph: weights by their plan, biases at the scale of the accumulator, operands by their range. */
import { RangefinderError } from '../../base/errors';
import type { Range } from '../calibration/types';
import type { QuantParams, Tensor } from '../graph/graph';
import { chooseQuantParams } from '../numerics/affine';
import { INT8_ACTIVATION, codeRange, type IntFormat } from '../number-formats/format';
import { roundHalfToEven } from '../numerics/round';

const INT32_MAX = 2 ** 31 - 1;
/** Kernels of 16-bit activations add into 40 bits and more, and read a bias of no more. */
const LARGEST_BIAS_16 = 2 ** 39;

/** float32 values of a constant that is to be quantized. */
function realValues(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `Constant "${tensor.id}" is ${tensor.dtype}, not float32; it cannot be quantized.`,
    where: tensor.id,
  });
}

/**
 * The same constant in codes of at most 8 bits, or of 16; the quotient is float32's and ties go to even, as everywhere else. Weights
 * use INT8_WEIGHT, which leaves out −128; operands use INT8_ACTIVATION.
 *
 * @param dtype int4 where the op has a kernel for it; narrower and odd widths are stored a byte each.
 */
export function quantizeConstant(
  tensor: Tensor,
  params: QuantParams,
  format: IntFormat,
  { id = tensor.id, dtype = 'int8' }: { readonly id?: string; readonly dtype?: 'int16' | 'int8' | 'int4' } = {},
): Tensor {
  const values = realValues(tensor);
  const { scale, zeroPoint, quantizedDimension } = params;
  const { qmin, qmax } = codeRange(format);
  const data = dtype === 'int16' ? new Int16Array(values.length) : new Int8Array(values.length);
  // Elements that share an index of the quantized dimension come in runs of `inner`, over and over.
  const inner = tensor.shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1);
  for (let i = 0; i < data.length; i++) {
    const c = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    const code = roundHalfToEven(Math.fround(values[i] / scale[c])) + zeroPoint[c];
    data[i] = Math.min(qmax, Math.max(qmin, code));
  }
  return { id, dtype, shape: tensor.shape, data, quant: params };
}

/** Smallest and largest value of a float constant, and 0. */
export function extentOfConstant(tensor: Tensor): Range {
  let min = 0;
  let max = 0;
  for (const value of realValues(tensor)) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/**
 * Parameters of a constant operand (of add, mul, prelu, concat …) from its own values: one scale, 0 representable.
 *
 * @throws RangefinderError 'unsupported-feature' naming a constant with infinite values
 */
export function paramsOfConstant(tensor: Tensor, format: IntFormat = INT8_ACTIVATION): QuantParams {
  const { min, max } = extentOfConstant(tensor);
  if (!Number.isFinite(max - min))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `Constant "${tensor.id}" holds values from ${min} to ${max}, which no integers stand for.`,
      where: tensor.id,
      hint: 'Leave the layer that reads it in float, or export the model with finite numbers.',
    });
  const { scale, zeroPoint } = chooseQuantParams({ min, max }, format);
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}

/**
 * Bias with the scale of the accumulator, s_in · s_w[c], in float32; zeros where the op has none, because LiteRT and XNNPACK
 * want one.
 *
 * @param dtype int64 beside activations of 16 bits
 */
export function quantizeBias(
  id: string,
  bias: Tensor | null,
  channels: number,
  inputScale: number,
  weights: QuantParams,
  dtype: 'int32' | 'int64' = 'int32',
): Tensor {
  const scale = weights.scale.map((s) => Math.fround(inputScale) * s);
  const values = bias ? realValues(bias) : new Float32Array(channels);
  const limit = dtype === 'int64' ? LARGEST_BIAS_16 : INT32_MAX;
  const codes = Float64Array.from({ length: channels }, (_, c) => {
    const code = roundHalfToEven(values[c] / scale[scale.length === 1 ? 0 : c]);
    return Math.min(limit, Math.max(-limit, code));
  });
  const data = dtype === 'int64' ? BigInt64Array.from(codes, BigInt) : Int32Array.from(codes);
  const quant = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: 0 };
  return { id, dtype, shape: [channels], data, quant };
}
