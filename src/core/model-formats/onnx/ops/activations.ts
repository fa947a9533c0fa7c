/** Activations, and functions over the classes. */
import { elementCount, type TensorId } from '../../../graph/graph';
import type { OpKind } from '../../../graph/ops/attrs';
import type { Constant } from '../constant';
import { alongLast } from '../layouts';
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

/** A range given by older files as attributes may be the largest floats, which clip nothing. */
function clip(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const unlimited = 3.4e38;
  const low = node.scalar('min', 1) ?? -Infinity;
  const high = node.scalar('max', 2) ?? Infinity;
  const [bounded, capped] = [low > -unlimited, high < unlimited];
  if (!bounded && !capped) return x;
  if (low === 0 && !capped) return node.op('relu', [x], {});
  if (low === 0 && high === 6) return node.op('relu6', [x], {});
  if (low === -1 && high === 1) return node.op('reluN1To1', [x], {});
  if (!capped) return node.op('maximum', [x, node.number(low)], {});
  if (!bounded) return node.op('minimum', [x, node.number(high)], {});
  const above =
    low === 0 ? node.step('above', 'relu', [x], {}) : node.step('above', 'maximum', [x, node.number(low)], {});
  return node.op('minimum', [above, node.number(high)], {});
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

/** log(1 + eˣ) = relu(x) + log(1 + e^−|x|), which never overflows. */
function softplus(node: OnnxNode, x: TensorId, last: boolean): TensorId {
  const below = node.step('negative', 'mul', [node.step('abs', 'abs', [x], {}), node.number(-1)], {});
  const rest = node.step('log', 'log', [affine(node, node.step('exp', 'exp', [below], {}), 1, 1)], {});
  const above = node.step('relu', 'relu', [x], {});
  return last ? node.op('add', [above, rest], {}) : node.step('softplus', 'add', [above, rest], {});
}

function mish(node: OnnxNode, x: TensorId): TensorId {
  return node.op('mul', [x, node.step('tanh', 'tanh', [softplus(node, x, false)], {})], {});
}

function softsign(node: OnnxNode, x: TensorId): TensorId {
  return node.op('div', [x, affine(node, node.step('abs', 'abs', [x], {}), 1, 1)], {});
}

/** An op over the last axis, applied to one that is moved there and back. */
function alongAxis(
  node: OnnxNode,
  x: TensorId,
  axis: number,
  kind: 'softmax' | 'logSoftmax' | 'l2Normalization',
): TensorId {
  const { moved, back } = alongLast(node, x, axis);
  return back(kind === 'softmax' ? node.op('softmax', [moved], { beta: 1 }) : node.op(kind, [moved], {}));
}

/** Over one axis; before opset 13, over all dimensions from the axis on. */
function overClasses(kind: 'softmax' | 'logSoftmax'): OpRow {
  return each((node, x) => {
    const shape = node.shapeOf(x);
    const newer = node.opset >= 13;
    const axis = node.axis(node.attrs.int('axis', newer ? -1 : 1), shape.length);
    if (newer || shape.slice(axis + 1).every((d) => d === 1)) return alongAxis(node, x, axis, kind);
    const flat = [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))];
    const y = alongAxis(node, node.step('flat', 'reshape', [x], { shape: flat }), 1, kind);
    return node.step('unflat', 'reshape', [y], { shape });
  });
}

function lpNormalization(node: OnnxNode, x: TensorId): TensorId {
  if (node.attrs.int('p', 2) !== 2) node.refuse('it is not Euclidean');
  const axis = node.axis(node.attrs.int('axis', -1), node.shapeOf(x).length);
  return alongAxis(node, x, axis, 'l2Normalization');
}

/** Of known values: paddings that depend on the size of an image are bounded by it. */
function foldClip(node: OnnxNode): Constant {
  const [least, most] = [node.scalar('min', 1) ?? -Infinity, node.scalar('max', 2) ?? Infinity];
  return foldEach((v) => Math.min(Math.max(v, least), most))(node);
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
  Gelu: each((node, x) => node.op('gelu', [x], { approximate: node.attrs.text('approximate', 'none') === 'tanh' })),
  Softplus: each((node, x) => softplus(node, x, true)),
  Mish: each(mish),
  Swish: each((node, x) => {
    const inner = affine(node, x, node.attrs.float('alpha', 1), 0);
    return node.op('mul', [x, node.step('sigmoid', 'sigmoid', [inner], {})], {});
  }),
  Softsign: each(softsign),
  Clip: { layout: 'any', fold: foldClip, translate: clip },
  Softmax: overClasses('softmax'),
  LogSoftmax: overClasses('logSoftmax'),
  LpNormalization: each(lpNormalization),
};
