/** Ops that give the same values other dimensions, join or repeat them. */
import { elementCount, type TensorId } from '../../../graph/graph';
import { permutedData, permutedShape } from '../../../graph/permute';
import type { Constant } from '../constant';
import { broadcastTo, like } from '../fold';
import { transposed } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

/** A row for an op whose result is its first input in another shape, known or not. */
function reshaping(target: (node: OnnxNode, shape: readonly number[]) => number[]): OpRow {
  const wanted = (node: OnnxNode) => {
    const shape = node.shape(0);
    const result = target(node, shape);
    if (elementCount(result) !== elementCount(shape))
      node.refuse(`[${shape.join(', ')}] does not fit into [${result.join(', ')}]`);
    return result;
  };
  return {
    fold: (node) => ({ ...node.known(0, 'input'), shape: wanted(node) }),
    translate: (node) => node.op('reshape', [node.any(0)], { shape: wanted(node) }),
  };
}

/** 0 takes the dimension over, unless `allowzero`; one -1 is what is left. */
function reshapeTarget(node: OnnxNode, shape: readonly number[]): number[] {
  const given = node.list('shape', 1) ?? node.refuse('it has no shape');
  const keepZero = node.attrs.flag('allowzero');
  const dims = given.map((d, i) => (d === 0 && !keepZero ? (shape[i] ?? 0) : d));
  const rest = dims.reduce((n, d) => (d === -1 ? n : n * d), 1);
  const filled = dims.map((d) => (d === -1 ? elementCount(shape) / rest : d));
  if (!filled.every((d) => Number.isSafeInteger(d) && d >= 0)) node.refuse(`its shape is [${given.join(', ')}]`);
  return filled;
}

function squeezeTarget(node: OnnxNode, shape: readonly number[]): number[] {
  const axes = node.list('axes', 1)?.map((axis) => node.axis(axis, shape.length));
  return shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1));
}

function unsqueezeTarget(node: OnnxNode, shape: readonly number[]): number[] {
  const given = node.list('axes', 1) ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => node.axis(axis, rank)));
  const dims = shape.values();
  return Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (dims.next().value ?? 1)));
}

function flattenTarget(node: OnnxNode, shape: readonly number[]): number[] {
  const given = node.attrs.int('axis', 1);
  const axis = given === shape.length ? given : node.axis(given, shape.length);
  return [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))];
}

function permutationOf(node: OnnxNode): number[] {
  const rank = node.shape(0).length;
  const given = node.attrs.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const permutation = given.map((axis) => node.axis(axis, rank));
  if (permutation.length !== rank || new Set(permutation).size !== rank)
    node.refuse(`[${given.join(', ')}] is no permutation of ${rank} dimensions`);
  return permutation;
}

function foldConcat(node: OnnxNode): Constant {
  const first = node.known(0, 'input');
  const parts = node.inputs.map((_, i) => node.known(i, 'input'));
  const rank = first.shape.length;
  const axis = node.axis(node.attrs.int('axis', 0), rank);
  const outer = elementCount(first.shape.slice(0, axis));
  if (parts.some(({ shape }) => shape.length !== rank || elementCount(shape.slice(0, axis)) !== outer))
    node.refuse('its inputs do not fit together');
  const shape = first.shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis], 0),
  );
  const values = new Float64Array(node.checkCount(shape));
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const part of parts) {
      const size = part.values.length / outer;
      for (let i = 0; i < size; i++) values[at++] = part.values[o * size + i];
    }
  return like(first, shape, values);
}

function concat(node: OnnxNode): TensorId {
  const axis = node.axis(node.attrs.int('axis', 0), node.shape(0).length);
  const inputs = node.inputs.map((_, i) => i).filter((i) => elementCount(node.shape(i)) > 0);
  if (inputs.length === 0) node.refuse('its inputs are empty');
  if (inputs.length === 1) return node.any(inputs[0]);
  return node.op(
    'concat',
    inputs.map((i) => node.any(i)),
    { axis },
  );
}

/** The shape both broadcast to: Expand may also keep a dimension the wanted shape gives as 1. */
function expandTarget(node: OnnxNode): number[] {
  const shape = node.shape(0);
  const wanted = [...node.known(1, 'shape').values];
  const rank = Math.max(shape.length, wanted.length);
  return Array.from({ length: rank }, (_, i) => {
    const d = shape[i - rank + shape.length] ?? 1;
    const w = wanted[i - rank + wanted.length] ?? 1;
    return d === 1 ? w : d;
  });
}

function expand(node: OnnxNode): TensorId {
  const x = node.any(0);
  const target = expandTarget(node);
  if (target.join() === node.shape(0).join()) return x;
  if (target.some((d) => d < 1)) node.refuse('its result is empty');
  return node.op('broadcastTo', [x], { shape: target });
}

export const SHAPING_OPS: OpRows = {
  Reshape: reshaping(reshapeTarget),
  Flatten: reshaping(flattenTarget),
  Squeeze: reshaping(squeezeTarget),
  Unsqueeze: reshaping(unsqueezeTarget),
  Transpose: {
    fold: (node) => {
      const x = node.known(0, 'input');
      const permutation = permutationOf(node);
      return {
        ...x,
        shape: permutedShape(x.shape, permutation),
        values: permutedData(x.values as Float32Array, x.shape, permutation),
      };
    },
    translate: (node) => transposed(node, node.any(0), permutationOf(node), 'transposed'),
  },
  Concat: { layout: 'any', fold: foldConcat, translate: concat },
  Expand: {
    fold: (node) => broadcastTo(node, node.known(0, 'input'), expandTarget(node)),
    translate: expand,
  },
  Tile: {
    translate: (node) => node.op('tile', [node.any(0)], { repeats: [...node.known(1, 'repeats').values] }),
  },
};
