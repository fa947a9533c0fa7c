import type { OpKind } from '../../../core/graph/ops/attrs';
import * as activation from './activation';
import * as arithmetic from './arithmetic';
import * as arrangement from './arrangement';
import * as convolution from './convolution';
import * as dense from './dense';
import type { Kernel } from './kernel';
import * as reduction from './reduction';

/** How tfjs runs each op kind; the compiler refuses a missing one. */
export const KERNELS: { readonly [K in OpKind]: Kernel<K> } = {
  conv2d: convolution.conv2d,
  depthwiseConv2d: convolution.depthwiseConv2d,
  transposeConv2d: convolution.transposeConv2d,
  fullyConnected: dense.fullyConnected,
  batchNorm: arithmetic.batchNorm,
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  concat: arrangement.concat,
  averagePool2d: reduction.averagePool2d,
  maxPool2d: reduction.maxPool2d,
  mean: reduction.mean,
  reduceMax: reduction.reduceMax,
  reshape: arrangement.reshape,
  pad: arrangement.pad,
  softmax: activation.softmax,
  sigmoid: activation.sigmoid,
  tanh: activation.tanh,
  relu: activation.relu,
  relu6: activation.relu6,
  leakyRelu: activation.leakyRelu,
  prelu: activation.prelu,
  hardSwish: activation.hardSwish,
  elu: activation.elu,
  resizeBilinear: arrangement.resizeBilinear,
  resizeNearest: arrangement.resizeNearest,
  transpose: arrangement.transpose,
  slice: arrangement.slice,
  stridedSlice: arrangement.stridedSlice,
  split: arrangement.split,
  spaceToDepth: arrangement.spaceToDepth,
  depthToSpace: arrangement.depthToSpace,
  identity: arrangement.identity,
  quantize: arrangement.quantize,
  dequantize: arrangement.dequantize,
};

/** The kernel of an op; its type parameter is lost to the lookup, so it takes any op. */
export function kernelOf(kind: OpKind): Kernel<OpKind> {
  return KERNELS[kind] as unknown as Kernel<OpKind>;
}
