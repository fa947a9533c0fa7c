/** Weights, bias and requantizer of the four ops that have them. */
import { RangefinderError } from '../../../base/errors';
import type { Op } from '../../../core/graph/ops/attrs';
import { affineOf, required, type OpTensors } from '../kernel';
import type { Affine, Profile, Requantizer, RequantizerSpec } from '../profile';

export type WeightedOp = Op<RequantizerSpec['op']>;

export interface Weighted {
  readonly weights: Int8Array;
  readonly shape: readonly number[];
  /** Zero where the op has none. */
  readonly bias: Int32Array;
  readonly input: Affine;
  readonly requantize: Requantizer;
}

/**
 * @param channelDimension of the weights that indexes output channels.
 * @throws RangefinderError 'unsupported-feature' for weights computed at run time, or not int8 with zero point 0.
 */
export function weightedOf(op: WeightedOp, tensors: OpTensors, profile: Profile, channelDimension: number): Weighted {
  const weights = required(tensors.inputs, 1);
  const { quant, data, shape } = weights;
  const channels = shape[channelDimension];
  if (!(data instanceof Int8Array) || !quant || quant.zeroPoint.some((z) => z !== 0))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `Weights of "${op.id}" are not constant symmetric int8.`,
      where: op.id,
    });
  const bias = tensors.inputs[2]?.data;
  if (bias !== undefined && !(bias instanceof Int32Array))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `Bias of "${op.id}" is not int32.`,
      where: op.id,
    });
  const input = affineOf(required(tensors.inputs, 0));
  const output = affineOf(tensors.outputs[0]);
  return {
    weights: data,
    shape,
    bias: bias ?? new Int32Array(channels),
    input,
    requantize: profile.requantizer({
      op: op.kind,
      inputScale: input.scale,
      weightScales: quant.scale,
      channels,
      packed: weights.dtype === 'int4',
      output,
      range: profile.activationRange(op, output),
    }),
  };
}

/**
 * bias[o] − zeroPoint · Σ weights[o]: with the zero point folded in, kernels multiply raw codes.
 * `perChannel` consecutive weights belong to one output channel.
 */
export function foldZeroPoint(weights: Int8Array, bias: Int32Array, perChannel: number, zeroPoint: number): Int32Array {
  const folded = new Int32Array(bias.length);
  for (let o = 0; o < folded.length; o++) {
    let sum = 0;
    for (let i = o * perChannel; i < (o + 1) * perChannel; i++) sum += weights[i];
    folded[o] = (bias[o] - zeroPoint * sum) | 0;
  }
  return folded;
}
