/** Normalization with fixed statistics and with those of the values themselves. */
import { elementCount, type TensorId } from '../../../graph/graph';
import type { Constant } from '../constant';
import { like } from '../fold';
import { channelsFirst, channelsLast, planeOf, transposed, unplane } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

function batchNormalization(node: OnnxNode): TensorId {
  if (node.attrs.flag('training_mode') || (node.opset < 14 && node.outputs.filter((name) => name).length > 1))
    node.refuse('it is in training mode; export the model in evaluation mode');
  const x = node.tensor(0);
  const rank = node.shapeOf(x).length;
  if (rank < 2) node.refuse(`its input has ${rank} dimension(s)`);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => (node.known(i, 'statistics'), node.tensor(i)));
  const last = rank === 2 ? x : transposed(node, x, channelsLast(rank), 'channels-last');
  const y = node.op('batchNorm', [last, gamma, beta, mean, variance], { epsilon: node.attrs.float('epsilon', 1e-5) });
  return rank === 2 ? y : transposed(node, y, channelsFirst(rank), 'channels-first');
}

/** Of known values: exporters standardize filters by it, in training mode, which takes the statistics of the values. */
function foldBatchNormalization(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  const [count = 0, channels = 1] = x.shape;
  const inner = elementCount(x.shape.slice(2));
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => node.known(i, 'statistics').values);
  if ([gamma, beta, mean, variance].some((values) => values.length !== channels))
    node.refuse('its inputs do not fit together');
  const epsilon = node.attrs.float('epsilon', 1e-5);
  const training = node.attrs.flag('training_mode');
  const y = new Float64Array(node.checkCount(x.shape));
  for (let c = 0; c < channels; c++) {
    const forOwn = (act: (at: number) => void) => {
      for (let n = 0; n < count; n++) for (let i = 0, at = (n * channels + c) * inner; i < inner; i++, at++) act(at);
    };
    const average = (f: (v: number) => number) => {
      let sum = 0;
      forOwn((at) => (sum += f(x.values[at])));
      return sum / (count * inner);
    };
    const center = training ? average((v) => v) : mean[c];
    const spread = training ? average((v) => (v - center) ** 2) : variance[c];
    const factor = gamma[c] / Math.sqrt(spread + epsilon);
    forOwn((at) => (y[at] = (x.values[at] - center) * factor + beta[c]));
  }
  return like(x, x.shape, y);
}

/** (x − mean) / √(variance + ε) over some axes, with mean and 1 / √… as they are computed on the way. */
function standardized(node: OnnxNode, x: TensorId, axes: readonly number[], epsilon: number) {
  const mean = node.step('mean', 'mean', [x], { axes, keepDims: true });
  const centred = node.step('centred', 'sub', [x, mean], {});
  return { mean, ...scaledByDeviation(node, centred, axes, epsilon) };
}

function scaledByDeviation(node: OnnxNode, x: TensorId, axes: readonly number[], epsilon: number) {
  const square = node.step('square', 'mul', [x, x], {});
  const variance = node.step('variance', 'mean', [square], { axes, keepDims: true });
  const shifted = node.step('epsilon', 'add', [variance, node.number(epsilon)], {});
  const inverse = node.step('inverse', 'rsqrt', [shifted], {});
  return { inverse, y: node.step('normalized', 'mul', [x, inverse], {}) };
}

/** y · scale + bias, the operands reshaped first. */
function scaleAndShift(node: OnnxNode, y: TensorId, shape?: readonly number[]): TensorId {
  const operand = (index: number): TensorId => {
    if (!shape) return node.tensor(index);
    const known = node.constant(index);
    if (known) return node.fixed(node.inputs[index], known.values as Float32Array, shape);
    return node.step('operand', 'reshape', [node.tensor(index)], { shape });
  };
  if (!node.has(2)) return node.op('mul', [y, operand(1)], {});
  return node.op('add', [node.step('scaled', 'mul', [y, operand(1)], {}), operand(2)], {});
}

const axesFrom = (axis: number, rank: number) => Array.from({ length: rank - axis }, (_, i) => axis + i);

function layerNormalization(node: OnnxNode): TensorId[] {
  const x = node.tensor(0);
  const rank = node.shapeOf(x).length;
  const axes = axesFrom(node.axis(node.attrs.int('axis', -1), rank), rank);
  const { y, mean, inverse } = standardized(node, x, axes, node.attrs.float('epsilon', 1e-5));
  return [scaleAndShift(node, y), mean, inverse];
}

function rmsNormalization(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const rank = node.shapeOf(x).length;
  const axes = axesFrom(node.axis(node.attrs.int('axis', -1), rank), rank);
  return scaleAndShift(node, scaledByDeviation(node, x, axes, node.attrs.float('epsilon', 1e-5)).y);
}

/** Each channel of each sample by itself. */
function instanceNormalization(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const [, channels, ...size] = node.shapeOf(x);
  const axes = size.map((_, i) => i + 2);
  const { y } = standardized(node, x, axes, node.attrs.float('epsilon', 1e-5));
  return scaleAndShift(node, y, [channels, ...size.map(() => 1)]);
}

/** Groups of channels of each sample. Before opset 21, scale and bias are given by group, from then on by channel. */
function groupNormalization(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const shape = node.shapeOf(x);
  const groups = node.attrs.int('num_groups', 1);
  const [n, channels, ...size] = shape;
  if (!(groups >= 1) || channels % groups !== 0) node.refuse(`${channels} channels do not fall into ${groups} groups`);
  const grouped = [n, groups, elementCount(shape) / (n * groups)];
  const flat = node.step('groups', 'reshape', [x], { shape: grouped });
  const { y } = standardized(node, flat, [2], node.attrs.float('epsilon', 1e-5));
  if (node.opset < 21) {
    const scaled = scaleAndShift(node, y, [groups, 1]);
    return node.step('ungrouped', 'reshape', [scaled], { shape });
  }
  return scaleAndShift(node, node.step('ungrouped', 'reshape', [y], { shape }), [channels, ...size.map(() => 1)]);
}

function meanVarianceNormalization(node: OnnxNode): TensorId {
  return standardized(node, node.tensor(0), node.attrs.ints('axes') ?? [0, 2, 3], 1e-9).y;
}

/**
 * Local response: x / (bias + alpha / size · Σ x²)^beta over neighbouring channels. The sum is a 1×1 convolution whose
 * weights are a band.
 */
function localResponse(node: OnnxNode): TensorId {
  const plane = planeOf(node);
  const { channels, tensor: x } = plane;
  const size = node.attrs.int('size', 1);
  const [alpha, beta] = [node.attrs.float('alpha', 1e-4), node.attrs.float('beta', 0.75)];
  node.checkCount([channels, channels]);
  const band = new Float32Array(channels * channels);
  for (let o = 0; o < channels; o++)
    for (let i = 0; i < channels; i++)
      if (i >= o - Math.floor((size - 1) / 2) && i <= o + Math.ceil((size - 1) / 2))
        band[o * channels + i] = alpha / size;
  const weights = node.fixed(`${node.name}/band`, band, [channels, 1, 1, channels]);
  const bias = node.fixed(`${node.name}/bias`, new Float32Array(channels).fill(node.attrs.float('bias', 1)), [
    channels,
  ]);
  const square = node.step('square', 'mul', [x, x], {});
  const sum = node.step('neighbours', 'conv2d', [square, weights, bias], {
    strides: [1, 1],
    dilations: [1, 1],
    padding: 'valid',
    groups: 1,
  });
  const factor = node.step('factor', 'pow', [sum, node.number(-beta)], {});
  return unplane(node, node.op('mul', [x, factor], {}), plane.spatial);
}

export const NORMALIZATION_OPS: OpRows = {
  BatchNormalization: { layout: 'channels-first', fold: foldBatchNormalization, translate: batchNormalization },
  LayerNormalization: { translate: layerNormalization },
  RMSNormalization: { translate: rmsNormalization },
  InstanceNormalization: { layout: 'channels-first', translate: instanceNormalization },
  GroupNormalization: { layout: 'channels-first', translate: groupNormalization },
  MeanVarianceNormalization: { layout: 'any', translate: meanVarianceNormalization },
  LRN: { layout: 'channels-first', translate: localResponse },
};
