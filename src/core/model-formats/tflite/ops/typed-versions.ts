/**
 * Versions of operators on other types than float32 and int8, which their rows know.
 * Source: LiteRT, tflite/tools/versioning/op_version.cc.
 */
import type { DType } from '../../../graph/graph';
import type { Op } from '../../../graph/ops/attrs';
import type { Target } from './row';

/** Where the first input is int16; operators that are not listed have version 1 then, whatever their int8 kernel has. */
const INT16_VERSIONS: Readonly<Record<string, number>> = {
  ABS: 3,
  ADD: 3,
  AVERAGE_POOL_2D: 3,
  BATCH_MATMUL: 3,
  CONCATENATION: 3,
  CONV_2D: 8,
  DEQUANTIZE: 3,
  EXP: 2,
  GATHER: 4,
  LEAKY_RELU: 2,
  LOGISTIC: 3,
  MAX_POOL_2D: 3,
  MAXIMUM: 4,
  MEAN: 3,
  MINIMUM: 4,
  MIRROR_PAD: 3,
  MUL: 4,
  PACK: 3,
  PAD: 3,
  PADV2: 3,
  REDUCE_MAX: 3,
  REDUCE_MIN: 3,
  RELU: 3,
  RELU6: 3,
  RESIZE_BILINEAR: 4,
  RESIZE_NEAREST_NEIGHBOR: 4,
  RSQRT: 3,
  SLICE: 4,
  SOFTMAX: 3,
  SPLIT: 4,
  SUB: 5,
  TANH: 3,
  TRANSPOSE: 5,
  TRANSPOSE_CONV: 5,
  UNPACK: 4,
};

/** More dimensions than the first kernels walked: these versions come before those of the type. */
const MANY_DIMENSIONS: Readonly<Record<string, readonly [above: number, version: number]>> = {
  PAD: [4, 4],
  PADV2: [4, 4],
  SLICE: [4, 5],
  STRIDED_SLICE: [4, 4],
  TRANSPOSE: [5, 6],
};

/** The version for the op's types; undefined where its row knows it. */
export function typedVersion(builtin: string, op: Op, target: Target): number | undefined {
  const typeOf = (index: number): DType | undefined => {
    const id = op.inputs[index] ?? null;
    return id === null ? undefined : target.tensor(id).dtype;
  };
  const output = op.outputs[0] === undefined ? undefined : target.tensor(op.outputs[0]).dtype;
  const [input, weights] = [typeOf(0), typeOf(1)];
  if (builtin === 'QUANTIZE') return output === 'int16' ? 2 : undefined;
  if (builtin === 'DEQUANTIZE') return dequantizeVersion(op, target);
  if (input === 'int16') return int16Version(builtin, op, target, weights);
  if (input === 'float32' && (weights === 'int8' || weights === 'int4')) return hybridVersion(op, target);
  return undefined;
}

function int16Version(builtin: string, op: Op, target: Target, weights: DType | undefined): number {
  if (op.kind === 'fullyConnected') return weights === 'int4' ? 13 : 11;
  if (op.kind === 'depthwiseConv2d') return op.attrs.dilations.some((d) => d !== 1) ? 2 : 1;
  const rank = target.tensor(op.inputs[0]!).shape.length;
  const many = MANY_DIMENSIONS[builtin];
  if (many && rank > many[0]) return many[1];
  return INT16_VERSIONS[builtin] ?? 1;
}

/** Float activations beside integer weights, which the kernel rounds activations for. */
function hybridVersion(op: Op, target: Target): number | undefined {
  const { dtype, quant } = target.tensor(op.inputs[1]!);
  const perChannel = (quant?.scale.length ?? 0) > 1;
  if (op.kind === 'conv2d') {
    if (op.attrs.groups > 1) return 6;
    return dtype === 'int4' ? 1 : perChannel ? 5 : 2;
  }
  if (op.kind === 'depthwiseConv2d') return dtype === 'int4' ? undefined : perChannel ? 6 : 4;
  if (op.kind !== 'fullyConnected') return undefined;
  if (dtype === 'int8' && perChannel) return 12;
  if (op.attrs.keepDims) return 5;
  return dtype === 'int8' ? 9 : 1; // 9: activations are rounded around a zero point of their own
}

function dequantizeVersion(op: Op, target: Target): number | undefined {
  const { dtype, quant } = target.tensor(op.inputs[0]!);
  if (dtype === 'int4') return 6;
  if (dtype === 'int16' || dtype === 'float16') return 3;
  if (dtype === 'uint8') return 1;
  return (quant?.scale.length ?? 0) > 1 ? 5 : undefined;
}
