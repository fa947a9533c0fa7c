/** Convolutions, matrix products and batch normalization. Kernels are stored [H,W,I,O] and turned to the Graph's layout. */
import type { TensorId } from '../../../../graph/graph';
import type { FusedActivation, Padding, Pair } from '../../../../graph/ops/attrs';
import { slideWindow } from '../../../../graph/spatial';
import { hwimToDepthwise, hwioToOhwi, hwoiToOhwi, ioToOi } from '../../../keras/layout';
import type { Call, OpTable, Translate } from '../call';
import { isKnown } from '../value';

interface Fused {
  readonly bias: TensorId | null;
  /** Applied by the op itself. */
  readonly activation: FusedActivation;
  /** Applied by an op behind it. */
  finish(result: TensorId): TensorId;
}

/** What a node that grappler fused does besides: a bias, then an activation. Extra arguments stand behind the kernel. */
function fusedOf(call: Call): Fused {
  const fused = call.node.texts('fused_ops');
  const rest = [...fused];
  const bias = rest[0] === 'BiasAdd' ? call.tensor(2) : null;
  if (bias !== null) rest.shift();
  const [activation, ...others] = rest;
  if (others.length > 0 || activation === 'FusedBatchNorm') throw call.node.unsupported(`fused ${fused.join(' + ')}`);
  const plain = (result: TensorId) => result;
  switch (activation) {
    case undefined:
      return { bias, activation: 'none', finish: plain };
    case 'Relu':
      return { bias, activation: 'relu', finish: plain };
    case 'Relu6':
      return { bias, activation: 'relu6', finish: plain };
    case 'Elu':
      return { bias, activation: 'none', finish: (x) => call.op('elu', [x], {}) };
    case 'Sigmoid':
      return { bias, activation: 'none', finish: (x) => call.op('sigmoid', [x], {}) };
    case 'LeakyRelu': {
      const alpha = call.node.number('leakyrelu_alpha', 0.2);
      return { bias, activation: 'none', finish: (x) => call.op('leakyRelu', [x], { alpha }) };
    }
    case 'Prelu':
      return { bias, activation: 'none', finish: (x) => call.op('prelu', [x, call.tensor(bias === null ? 2 : 3)], {}) };
    default:
      throw call.node.unsupported(`fused ${fused.join(' + ')}`);
  }
}

interface Window {
  readonly x: TensorId;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** Padding in numbers that is not what "same" means becomes an op of its own. */
function windowOf(call: Call): Window {
  const { node } = call;
  node.requireChannelsLast();
  const padding = node.padding();
  const x = call.tensor(0);
  const common = { strides: node.spatial('strides'), dilations: node.spatial('dilations') };
  if (padding !== 'explicit') return { x, padding, ...common };
  const flat = node.ints('explicit_paddings');
  const paddings = [0, 1, 2, 3].map((axis): Pair => [flat[2 * axis] ?? 0, flat[2 * axis + 1] ?? 0]);
  const [, height, width] = call.shape(x) as [number, number, number];
  const [kh, kw] = call.known(1).shape as [number, number];
  const { pads } = slideWindow([height, width], [kh, kw], common.strides, common.dilations, 'same');
  if (paddings.join() === [[0, 0], ...pads, [0, 0]].join()) return { x, padding: 'same', ...common };
  return { x: call.op('pad', [x], { paddings, value: 0 }), padding: 'valid', ...common };
}

const conv2d: Translate = (call) => {
  const { x, ...window } = windowOf(call);
  const filter = call.weight(1, 4, hwioToOhwi);
  const groups = call.shape(x)[3] / call.shape(filter)[3];
  const { bias, activation, finish } = fusedOf(call);
  return finish(call.op('conv2d', [x, filter, bias], { ...window, groups }, activation));
};

const depthwise: Translate = (call) => {
  const { x, ...window } = windowOf(call);
  const filter = call.weight(1, 4, hwimToDepthwise);
  const multiplier = call.shape(filter)[3] / call.shape(x)[3];
  const { bias, activation, finish } = fusedOf(call);
  return finish(call.op('depthwiseConv2d', [x, filter, bias], { ...window, multiplier }, activation));
};

const matMul: Translate = (call) => {
  const { node } = call;
  const [transposeX, transposeY] = [node.flag('transpose_a'), node.flag('transpose_b')];
  const { bias, activation, finish } = fusedOf(call);
  if (isKnown(call.value(1)) && !transposeX) {
    const weights = call.weight(1, 2, transposeY ? (as) => as : ioToOi);
    return finish(call.op('fullyConnected', [call.tensor(0), weights, bias], { keepDims: false }, activation));
  }
  const product = call.op('batchMatMul', [call.tensor(0), call.tensor(1)], { transposeX, transposeY });
  const shifted = bias === null ? product : call.op('add', [product, bias], {}, activation);
  if (bias === null && activation !== 'none') throw node.unsupported('an activation fused without a bias');
  return finish(shifted);
};

const batchMatMul: Translate = (call) => {
  const { node } = call;
  const attrs = { transposeX: node.flag('adj_x'), transposeY: node.flag('adj_y') };
  const y = call.value(1);
  if (isKnown(y) && y.shape.length === 2 && !attrs.transposeX) {
    const weights = call.weight(1, 2, attrs.transposeY ? (as) => as : ioToOi);
    return call.op('fullyConnected', [call.tensor(0), weights, null], { keepDims: true });
  }
  return call.op('batchMatMul', [call.tensor(0), call.tensor(1)], attrs);
};

const batchNorm: Translate = (call) => {
  const { node } = call;
  node.requireChannelsLast();
  if (node.flag('is_training', false)) throw node.unsupported('batch normalization as it is done in training');
  return call.op('batchNorm', call.tensors(5), { epsilon: node.number('epsilon', 1e-4) });
};

export const WEIGHTED: OpTable = {
  Conv2D: conv2d,
  _FusedConv2D: conv2d,
  DepthwiseConv2d: depthwise,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: (call) => {
    const { node } = call;
    node.requireChannelsLast();
    const padding = node.padding();
    if (padding === 'explicit') throw node.unsupported('padding in numbers');
    if (node.spatial('dilations').some((d) => d !== 1)) throw node.unsupported('a dilated transposed convolution');
    const [, height, width] = call.ints(0) as [number, number, number, number];
    const filter = call.weight(1, 4, hwoiToOhwi);
    const outputSize: Pair = [height, width];
    const attrs = { strides: node.spatial('strides'), padding, outputSize };
    return call.op('transposeConv2d', [call.tensor(2), filter, null], attrs);
  },
  MatMul: matMul,
  _FusedMatMul: matMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMul,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
