/** Activations and normalization with fixed statistics. */
import type { TensorId } from '../../../graph/graph';
import type { OpKind } from '../../../graph/ops/attrs';
import { channelsFirst, channelsLast, transposed } from '../layouts';
import type { OnnxNode } from '../node';
import { foldEach } from '../fold';
import type { OpRow, OpRows } from './row';

function plain(kind: Extract<OpKind, 'relu' | 'sigmoid' | 'tanh' | 'hardSwish'>, f: (v: number) => number): OpRow {
  return { layout: 'any', fold: foldEach(f), translate: (node) => node.op(kind, [node.tensor(0)], {}) };
}

const each = (translate: (node: OnnxNode, x: TensorId) => TensorId): OpRow => ({
  layout: 'any',
  translate: (node) => translate(node, node.tensor(0)),
});

/** scale · x + shift, left out where it changes nothing. */
function affine(node: OnnxNode, x: TensorId, scale: number, shift: number): TensorId {
  const scaled = scale === 1 ? x : node.step('scaled', 'mul', [x, node.number(scale)], {});
  return shift === 0 ? scaled : node.step('shifted', 'add', [scaled, node.number(shift)], {});
}

/**
 * Ranges other than those of ReLU and ReLU6 are scaled to the latter's. A range given by older files as attributes may
 * be the largest floats, which clip nothing.
 */
function clip(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const unlimited = 3.4e38;
  const low = node.scalar('min', 1) ?? -Infinity;
  const high = node.scalar('max', 2) ?? Infinity;
  const [bounded, capped] = [low > -unlimited, high < unlimited];
  if (!bounded && !capped) return x;
  if (low === 0 && !capped) return node.op('relu', [x], {});
  if (low === 0 && high === 6) return node.op('relu6', [x], {});
  if (low === -1 && high === 1) return node.op('mul', [x, node.number(1)], {}, { activation: 'reluN1To1' });
  if (!capped)
    return node.op('add', [node.step('above', 'relu', [affine(node, x, 1, -low)], {}), node.number(low)], {});
  if (!bounded) {
    const below = node.step('below', 'relu', [affine(node, x, -1, high)], {});
    return node.op('sub', [node.number(high), below], {});
  }
  if (!(low < high)) node.refuse(`its range from ${low} to ${high} is empty`);
  const span = (high - low) / 6;
  const inner = node.step('clipped', 'relu6', [affine(node, x, 1 / span, -low / span)], {});
  if (low === 0) return node.op('mul', [inner, node.number(span)], {});
  return node.op('add', [node.step('spread', 'mul', [inner, node.number(span)], {}), node.number(low)], {});
}

/** scale · (x where x > 0, alpha · (eˣ − 1) elsewhere): ELU, and SELU with its two constants. */
function exponentialLinear(node: OnnxNode, x: TensorId, alpha: number, scale: number): TensorId {
  if (alpha === 1 && scale === 1) return node.op('elu', [x], {});
  const curve = node.step('elu', 'elu', [x], {});
  const line = node.step('relu', 'relu', [x], {});
  // elu(x) = relu(x) + (eˣ − 1 below zero)
  const bent = node.step('curve', 'mul', [curve, node.number(alpha * scale)], {});
  const straight = node.step('line', 'mul', [line, node.number((1 - alpha) * scale)], {});
  return node.op('add', [bent, straight], {});
}

/** α · elu(x / α) */
function celu(node: OnnxNode, x: TensorId): TensorId {
  const alpha = node.attrs.float('alpha', 1);
  if (alpha === 1) return node.op('elu', [x], {});
  const curve = node.step('elu', 'elu', [affine(node, x, 1 / alpha, 0)], {});
  return node.op('mul', [curve, node.number(alpha)], {});
}

function hardSigmoid(node: OnnxNode, x: TensorId): TensorId {
  const [alpha, beta] = [node.attrs.float('alpha', 0.2), node.attrs.float('beta', 0.5)];
  const inner = node.step('clipped', 'relu6', [affine(node, x, 6 * alpha, 6 * beta)], {});
  return node.op('mul', [inner, node.number(1 / 6)], {});
}

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) */
function gelu(node: OnnxNode, x: TensorId): TensorId {
  if (node.attrs.text('approximate', 'none') !== 'tanh')
    node.refuse('it is exact; its approximation by tanh is modelled');
  const root = Math.sqrt(2 / Math.PI);
  const square = node.step('square', 'mul', [x, x], {});
  const slope = affine(node, square, 0.044715 * root, root);
  const inner = node.step('tanh', 'tanh', [node.step('inner', 'mul', [x, slope], {})], {});
  const gate = affine(node, inner, 0.5, 0.5);
  return node.op('mul', [x, gate], {});
}

/**
 * Over one axis, which is moved to the end. Before opset 13, over all dimensions from the axis on.
 */
function softmax(node: OnnxNode, x: TensorId): TensorId {
  const shape = node.shapeOf(x);
  const rank = shape.length;
  const newer = node.opset >= 13;
  const axis = node.axis(node.attrs.int('axis', newer ? -1 : 1), rank);
  if (axis === rank - 1) return node.op('softmax', [x], { beta: 1 });
  const after = shape.slice(axis + 1);
  if (!newer && after.some((d) => d !== 1)) {
    const count = (dims: readonly number[]) => dims.reduce((n, d) => n * d, 1);
    const flat = node.step('flat', 'reshape', [x], { shape: [count(shape.slice(0, axis)), count(shape.slice(axis))] });
    return node.op('reshape', [node.step('softmax', 'softmax', [flat], { beta: 1 })], { shape });
  }
  const last = rank - 1;
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  const moved = transposed(node, x, [...others, axis], 'classes-last');
  const y = node.op('softmax', [moved], { beta: 1 });
  const back = Array.from({ length: rank }, (_, i) => (i === axis ? last : i < axis ? i : i - 1));
  return transposed(node, y, back, 'classes-back');
}

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

export const ACTIVATION_OPS: OpRows = {
  Relu: plain('relu', (v) => Math.max(v, 0)),
  Sigmoid: plain('sigmoid', (v) => 1 / (1 + Math.exp(-v))),
  Tanh: plain('tanh', Math.tanh),
  HardSwish: plain('hardSwish', (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6),
  LeakyRelu: each((node, x) => node.op('leakyRelu', [x], { alpha: node.attrs.float('alpha', 0.01) })),
  PRelu: each((node, x) => {
    node.known(1, 'slope');
    return node.op('prelu', [x, node.tensor(1)], {});
  }),
  Elu: each((node, x) => exponentialLinear(node, x, node.attrs.float('alpha', 1), 1)),
  Selu: each((node, x) =>
    exponentialLinear(
      node,
      x,
      node.attrs.float('alpha', 1.67326319217681884765625),
      node.attrs.float('gamma', 1.05070102214813232421875),
    ),
  ),
  Celu: each(celu),
  HardSigmoid: each(hardSigmoid),
  Gelu: each(gelu),
  Clip: { layout: 'any', translate: clip },
  Softmax: { layout: 'any', translate: (node) => softmax(node, node.tensor(0)) },
  BatchNormalization: { layout: 'channels-first', translate: batchNormalization },
};
