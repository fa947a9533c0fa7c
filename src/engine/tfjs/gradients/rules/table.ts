import type { OpKind } from '../../../../core/graph/ops/attrs';
import * as arrangement from './arrangement';
import * as activation from './activation';
import * as arithmetic from './arithmetic';
import * as functions from './functions';
import * as recurrent from './recurrent';
import * as reduction from './reduction';
import type { Rule } from './rule';
import * as weighted from './weighted';

/** How each op kind is differentiated; a kind without a row is refused by name before training starts. */
export const RULES: { readonly [K in OpKind]?: Rule<K> } = {
  conv2d: weighted.conv2d,
  depthwiseConv2d: weighted.depthwiseConv2d,
  transposeConv2d: weighted.transposeConv2d,
  fullyConnected: weighted.fullyConnected,
  batchNorm: activation.batchNorm,
  lstm: recurrent.lstm,
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  pow: arithmetic.pow,
  squaredDifference: arithmetic.squaredDifference,
  floorMod: arithmetic.floorMod,
  select: arithmetic.select,
  batchMatMul: arithmetic.batchMatMul,
  concat: arrangement.concat,
  pack: arrangement.pack,
  unpack: arrangement.unpack,
  gather: arrangement.gather,
  tile: arrangement.tile,
  averagePool2d: reduction.averagePool2d,
  maxPool2d: reduction.maxPool2d,
  mean: reduction.mean,
  reduceMax: reduction.reduceMax,
  reduceMin: reduction.reduceMin,
  sum: reduction.sum,
  cumsum: reduction.cumsum,
  reshape: arrangement.reshape,
  pad: arrangement.pad,
  mirrorPad: arrangement.mirrorPad,
  softmax: activation.softmax,
  sigmoid: activation.sigmoid,
  tanh: activation.tanh,
  relu: activation.relu,
  relu0To1: activation.relu0To1,
  relu6: activation.relu6,
  leakyRelu: activation.leakyRelu,
  prelu: activation.prelu,
  hardSwish: activation.hardSwish,
  elu: activation.elu,
  reluN1To1: activation.reluN1To1,
  gelu: functions.gelu,
  logSoftmax: functions.logSoftmax,
  l2Normalization: functions.l2Normalization,
  exp: functions.exp,
  log: functions.log,
  sqrt: functions.sqrt,
  rsqrt: functions.rsqrt,
  square: functions.square,
  abs: functions.abs,
  neg: functions.neg,
  sin: functions.sin,
  cos: functions.cos,
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
  reverse: arrangement.reverse,
  broadcastTo: arrangement.broadcastTo,
  identity: arrangement.identity,
  quantize: arrangement.identity,
  dequantize: arrangement.identity,
};

/**
 * Functions that are constant between their jumps: positions, truth values, whole numbers. Nothing is learnt through them, and
 * what they are made of still learns where it has another way to the loss.
 */
export const STEPS: ReadonlySet<OpKind> = new Set<OpKind>([
  'argMax',
  'argMin',
  'cast',
  'ceil',
  'equal',
  'floor',
  'floorDiv',
  'greater',
  'greaterEqual',
  'less',
  'lessEqual',
  'logicalAnd',
  'logicalNot',
  'logicalOr',
  'notEqual',
  'reduceAll',
  'reduceAny',
  'round',
  'sign',
]);

/** The rule of an op kind, or undefined; its type parameter is lost to the lookup. */
export function ruleOf(kind: OpKind): Rule<OpKind> | undefined {
  return RULES[kind] as unknown as Rule<OpKind> | undefined;
}
