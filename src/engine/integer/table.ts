/** One row per op kind: how the integer engine runs it. Adding an op is one kernel file and one line here. */
import type { OpKind } from '../../core/graph/ops/attrs';
import type { Kernel } from './kernel';
import { dequantize, quantize } from './kernels/borders';
import { batchMatMul } from './kernels/batch-mat-mul';
import { conv2d } from './kernels/conv2d';
import { depthwiseConv2d } from './kernels/depthwise-conv2d';
import { binary, unary } from './kernels/elementwise';
import { fullyConnected } from './kernels/fully-connected';
import { gather, mirrorPad, pack, tile, unpack } from './kernels/indexing';
import {
  concat,
  depthToSpace,
  pad,
  reshape,
  slice,
  spaceToDepth,
  split,
  stridedSlice,
  transpose,
} from './kernels/layout';
import { averagePool2d, maxPool2d } from './kernels/pool';
import { mean, reduceMax, reduceMin, sum } from './kernels/reduce';
import { resizeBilinear, resizeNearest } from './kernels/resize';
import { l2Normalization, logSoftmax, softmax } from './kernels/softmax';
import { transposeConv2d } from './kernels/transpose-conv2d';

/** null: the op never stays in an integer graph. */
export const KERNELS: { readonly [K in OpKind]: Kernel<K> | null } = {
  conv2d,
  depthwiseConv2d,
  transposeConv2d,
  fullyConnected,
  batchNorm: null,
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  prelu: binary('prelu'),
  div: null,
  pow: null,
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  squaredDifference: binary('squaredDifference'),
  batchMatMul,
  gather,
  tile,
  pack,
  unpack,
  mirrorPad,
  concat,
  averagePool2d,
  maxPool2d,
  mean,
  reduceMax,
  reduceMin,
  sum,
  reshape,
  identity: reshape,
  pad,
  softmax,
  sigmoid: unary('sigmoid'),
  tanh: unary('tanh'),
  relu: unary('relu'),
  relu6: unary('relu6'),
  leakyRelu: unary('leakyRelu'),
  hardSwish: unary('hardSwish'),
  elu: unary('elu'),
  reluN1To1: unary('reluN1To1'),
  gelu: unary('gelu'),
  logSoftmax,
  l2Normalization,
  exp: unary('exp'),
  abs: unary('abs'),
  log: null,
  sqrt: null,
  rsqrt: null,
  square: null,
  neg: null,
  cast: null,
  resizeBilinear,
  resizeNearest,
  transpose,
  slice,
  stridedSlice,
  split,
  spaceToDepth,
  depthToSpace,
  quantize,
  dequantize,
};
