/** What the file that was opened says of scales, where it was quantized already, as far as a plan can take it over. */
import { elementCount, type QuantParams, type StoredAs, type Tensor, type TensorData } from '../graph/graph';
import { representableRange, SMALLEST_SCALE } from '../numerics/affine';
import { INT8_WEIGHT, type AnyFormat, type IntFormat } from '../number-formats/format';
import type { Range } from '../calibration/types';

/** Codes of the types that files store reals in, and what has to be added to an unsigned code to make it a signed one. */
const STORED_CODES: Readonly<Record<string, { readonly bits: number; readonly shift: number }>> = {
  int4: { bits: 4, shift: 0 },
  uint4: { bits: 4, shift: -8 },
  int8: { bits: 8, shift: 0 },
  uint8: { bits: 8, shift: -128 },
  int16: { bits: 16, shift: 0 },
  uint16: { bits: 16, shift: -32768 },
};

export interface StoredActivation {
  readonly range: Range;
  /** Present where the wanted format has the very codes of the file. */
  readonly params?: QuantParams;
}

/** The range the file gives an activation, and its scale where that can be kept; undefined where it says neither. */
export function storedActivation({ storedAs }: Tensor, format: AnyFormat): StoredActivation | undefined {
  const signed = storedAs && signedParams(storedAs);
  if (!signed || signed.params.scale.length !== 1) return undefined;
  const { params, bits } = signed;
  const affine = { scale: params.scale[0], zeroPoint: params.zeroPoint[0] };
  if (!(affine.scale >= SMALLEST_SCALE)) return undefined;
  const grid: IntFormat = { kind: 'int', bits, symmetric: false, narrow: false };
  const range = representableRange(affine, grid);
  const fits =
    format.kind === 'int' && format.bits === bits && !format.narrow && (!format.symmetric || affine.zeroPoint === 0);
  return fits ? { range, params } : { range };
}

export interface StoredWeights {
  readonly params: QuantParams;
  readonly format: IntFormat;
}

/**
 * The grid of a constant that still is what the file had: codes of at most 8 bits around zero, one scale for all or one for
 * each index of `axis`. Undefined where the values were changed since, or the codes are of another kind.
 */
export function storedWeights({ storedAs, data, shape }: Tensor, axis: number): StoredWeights | undefined {
  const signed = storedAs && signedParams(storedAs);
  if (!signed || !(data instanceof Float32Array)) return undefined;
  const { params, bits } = signed;
  const { scale, zeroPoint, quantizedDimension } = params;
  if (bits > 8 || zeroPoint.some((zero) => zero !== 0) || scale.some((s) => !(s >= SMALLEST_SCALE))) return undefined;
  const perTensor = scale.length === 1;
  if (!perTensor && (quantizedDimension !== axis || scale.length !== shape[axis])) return undefined;
  const lowest = lowestCode(data, shape, params, bits);
  if (lowest === undefined) return undefined;
  const narrow = lowest > -(2 ** (bits - 1));
  const format = bits === 8 && narrow ? INT8_WEIGHT : ({ kind: 'int', bits, symmetric: true, narrow } as const);
  return { params: { ...params, scale: scale.slice(), quantizedDimension: axis }, format };
}

function signedParams({ dtype, quant }: StoredAs): { params: QuantParams; bits: number } | undefined {
  const codes = Object.hasOwn(STORED_CODES, dtype) ? STORED_CODES[dtype] : undefined;
  return (
    codes && { bits: codes.bits, params: { ...quant, zeroPoint: quant.zeroPoint.map((zero) => zero + codes.shift) } }
  );
}

/** A value this far from a code, in steps, is off the grid: float32 keeps codes of 8 bits far better. */
const ON_GRID = 1e-3;

const lowestCodes = new WeakMap<TensorData, { readonly scale: Float32Array; readonly lowest: number | undefined }>();

/** The smallest code of values on a grid; undefined where any lies beside it. Asked for at every plan, hence remembered. */
function lowestCode(data: Float32Array, shape: readonly number[], params: QuantParams, bits: number) {
  const { scale, quantizedDimension } = params;
  const known = lowestCodes.get(data);
  if (known && known.scale.length === scale.length && known.scale.every((s, i) => s === scale[i])) return known.lowest;
  const inner = elementCount(shape.slice(quantizedDimension + 1));
  const limit = 2 ** (bits - 1);
  let lowest: number | undefined = 0;
  for (let i = 0; i < data.length; i++) {
    const code = data[i] / scale[scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length];
    const nearest = Math.round(code);
    if (!(Math.abs(code - nearest) <= ON_GRID) || nearest < -limit || nearest >= limit) {
      lowest = undefined;
      break;
    }
    if (nearest < lowest) lowest = nearest;
  }
  lowestCodes.set(data, { scale: scale.slice(), lowest });
  return lowest;
}
