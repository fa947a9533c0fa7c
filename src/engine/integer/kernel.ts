/** What every integer kernel has in common. */
import { RangefinderError } from '../../base/errors';
import type { Tensor, TensorData } from '../../core/graph/graph';
import type { Op, OpKind } from '../../core/graph/ops/attrs';
import type { Affine, Profile } from './profile';

/** A tensor at run time; the batch is concrete. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Computes the outputs, whose arrays are allocated, from the inputs. */
export type Run = (inputs: readonly (Values | null)[], outputs: readonly Values[]) => void;

export interface OpTensors {
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
}

/** Prepares one op once: tables, widened weights, multipliers. What it returns is called for every batch. */
export type Kernel<K extends OpKind> = (op: Op<K>, tensors: OpTensors, profile: Profile) => Run;

/** Parameters of a tensor that must be quantized as a whole. */
export function affineOf(tensor: Tensor): Affine {
  const { quant } = tensor;
  if (quant?.scale.length !== 1 || (tensor.dtype !== 'int8' && tensor.dtype !== 'uint8'))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `Tensor "${tensor.id}" is ${tensor.dtype}${quant ? '' : ' without scale'}; the integer engine reads int8 with one scale.`,
      where: tensor.id,
    });
  return { scale: quant.scale[0], zeroPoint: quant.zeroPoint[0] };
}

/** The input which the op cannot do without. */
export function required<T>(values: readonly (T | null)[], index: number): T {
  const value = values[index];
  if (value === null || value === undefined) throw new Error(`input ${index} is absent`); // validated before
  return value;
}

/** The same for values known to be 8-bit codes. */
export function codes(values: readonly (Values | null)[], index: number): Int8Array {
  return required(values, index).data as Int8Array;
}
