import { RangefinderError } from '../../../base/errors';
import type { Op, OpKind } from '../../../core/graph/ops/attrs';
import * as activation from './activation';
import * as arithmetic from './arithmetic';
import * as arrangement from './arrangement';
import * as comparison from './comparison';
import * as convolution from './convolution';
import * as dense from './dense';
import * as functions from './functions';
import type { Kernel } from './kernel';
import * as recurrent from './recurrent';
import * as reduction from './reduction';

/** How tfjs runs each op kind; the compiler refuses a missing one. */
export const KERNELS: { readonly [K in OpKind]: Kernel<K> } = {
  conv2d: convolution.conv2d,
  depthwiseConv2d: convolution.depthwiseConv2d,
  transposeConv2d: convolution.transposeConv2d,
  fullyConnected: dense.fullyConnected,
  batchNorm: arithmetic.batchNorm,
  lstm: recurrent.lstm,
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  pow: arithmetic.pow,
  squaredDifference: arithmetic.squaredDifference,
  floorDiv: arithmetic.floorDiv,
  floorMod: arithmetic.floorMod,
  equal: comparison.equal,
  notEqual: comparison.notEqual,
  less: comparison.less,
  lessEqual: comparison.lessEqual,
  greater: comparison.greater,
  greaterEqual: comparison.greaterEqual,
  logicalAnd: comparison.logicalAnd,
  logicalOr: comparison.logicalOr,
  logicalNot: comparison.logicalNot,
  select: comparison.select,
  batchMatMul: dense.batchMatMul,
  concat: arrangement.concat,
  pack: arrangement.pack,
  unpack: arrangement.unpack,
  gather: arrangement.gather,
  gatherNd: arrangement.gatherNd,
  broadcastTo: arrangement.broadcastTo,
  reverse: arrangement.reverse,
  tile: arrangement.tile,
  averagePool2d: reduction.averagePool2d,
  maxPool2d: reduction.maxPool2d,
  mean: reduction.mean,
  reduceMax: reduction.reduceMax,
  reduceMin: reduction.reduceMin,
  sum: reduction.sum,
  reduceProd: reduction.reduceProd,
  reduceAny: reduction.reduceAny,
  reduceAll: reduction.reduceAll,
  cumsum: reduction.cumsum,
  argMax: reduction.argMax,
  argMin: reduction.argMin,
  topK: reduction.topK,
  reshape: arrangement.reshape,
  pad: arrangement.pad,
  mirrorPad: arrangement.mirrorPad,
  softmax: activation.softmax,
  sigmoid: activation.sigmoid,
  tanh: activation.tanh,
  relu: activation.relu,
  relu6: activation.relu6,
  leakyRelu: activation.leakyRelu,
  prelu: activation.prelu,
  hardSwish: activation.hardSwish,
  elu: activation.elu,
  reluN1To1: activation.reluN1To1,
  relu0To1: activation.relu0To1,
  gelu: functions.gelu,
  logSoftmax: activation.logSoftmax,
  l2Normalization: activation.l2Normalization,
  exp: functions.exp,
  log: functions.log,
  sqrt: functions.sqrt,
  rsqrt: functions.rsqrt,
  square: functions.square,
  abs: functions.abs,
  neg: functions.neg,
  floor: functions.floor,
  ceil: functions.ceil,
  round: functions.round,
  sign: functions.sign,
  sin: functions.sin,
  cos: functions.cos,
  cast: functions.cast,
  resizeBilinear: arrangement.resizeBilinear,
  resizeNearest: arrangement.resizeNearest,
  transpose: arrangement.transpose,
  slice: arrangement.slice,
  stridedSlice: arrangement.stridedSlice,
  split: arrangement.split,
  spaceToDepth: arrangement.spaceToDepth,
  depthToSpace: arrangement.depthToSpace,
  spaceToBatch: arrangement.spaceToBatch,
  batchToSpace: arrangement.batchToSpace,
  opaque: { run: refused },
  identity: arrangement.identity,
  quantize: arrangement.quantize,
  dequantize: arrangement.dequantize,
};

/** Graphs are cut before ops that nobody here can run: `computablePart` sees to it. */
function refused(_inputs: unknown, op: Op<'opaque'>): never {
  throw new RangefinderError({
    code: 'unsupported-op',
    message: `Rangefinder cannot compute ${op.attrs.operator} "${op.sourceName}": ${op.attrs.reason}.`,
    where: op.id,
  });
}

/** The kernel of an op; its type parameter is lost to the lookup, so it takes any op. */
export function kernelOf(kind: OpKind): Kernel<OpKind> {
  return KERNELS[kind] as unknown as Kernel<OpKind>;
}
