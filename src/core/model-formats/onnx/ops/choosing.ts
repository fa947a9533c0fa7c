/** Positions of values, and values by position. */
import { elementCount, type TensorId } from '../../../graph/graph';
import type { Constant } from '../constant';
import { like } from '../fold';
import { alongLast } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

const POSITIONS_NOTE = 'positions are 32-bit integers; the file has 64-bit ones';

function extreme(kind: 'argMax' | 'argMin') {
  return (node: OnnxNode): TensorId => {
    if (node.attrs.flag('select_last_index')) node.refuse('it takes the last of equal values');
    const x = node.tensor(0);
    const shape = node.shapeOf(x);
    const axis = node.axis(node.attrs.int('axis', 0), shape.length);
    node.note(POSITIONS_NOTE);
    if (!node.attrs.flag('keepdims', true)) return node.op(kind, [x], { axis, to: 'int32' });
    const y = node.step('position', kind, [x], { axis, to: 'int32' });
    return node.op('reshape', [y], { shape: shape.with(axis, 1) });
  };
}

/** The largest values, or the smallest by their negatives. */
function topK(node: OnnxNode): TensorId[] {
  const k = node.attrs.has('k') ? node.attrs.int('k', 0) : Number(node.known(1, 'number of values').values[0]);
  const x = node.tensor(0);
  const rank = node.shapeOf(x).length;
  const axis = node.axis(node.attrs.int('axis', -1), rank);
  const smallest = !node.attrs.flag('largest', true);
  node.note(POSITIONS_NOTE);
  const { moved, back } = alongLast(node, x, axis);
  const signed = smallest ? node.step('negative', 'neg', [moved], {}) : moved;
  const own = axis === rank - 1 && !smallest;
  const [values, positions] = own ? node.ops('topK', [signed], { k }) : node.steps('top', 'topK', [signed], { k });
  return [back(smallest ? node.step('positive', 'neg', [values], {}) : values), back(positions)];
}

/** 1 at the first of the largest values along an axis, 0 elsewhere. */
function hardmax(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const shape = node.shapeOf(x);
  const newer = node.opset >= 13;
  const axis = node.axis(node.attrs.int('axis', newer ? -1 : 1), shape.length);
  if (!newer && axis !== shape.length - 1) node.refuse('it works on several dimensions at once');
  const { moved, back } = alongLast(node, x, axis);
  const size = node.shapeOf(moved);
  const position = node.step('position', 'argMax', [moved], { axis: size.length - 1, to: 'int32' });
  const column = node.step('column', 'reshape', [position], { shape: size.with(-1, 1) });
  const length = node.checkCount([size.at(-1)!]);
  const steps = node.indices(`${node.name}/steps`, [...Array(length).keys()], [length]);
  const hit = node.step('hit', 'equal', [column, steps], {});
  return back(node.step('one', 'cast', [hit], { to: 'float32' }));
}

/** Values by their position in the whole tensor. */
function picked(node: OnnxNode, x: TensorId, positions: readonly number[], shape: readonly number[]): TensorId {
  const flat = node.step('flat', 'reshape', [x], { shape: [elementCount(node.shapeOf(x))] });
  const indices = node.indices(`${node.name}/positions`, positions, [positions.length]);
  return node.step('picked', 'reshape', [node.step('values', 'gather', [flat, indices], { axis: 0 })], { shape });
}

const stridesOf = (shape: readonly number[]) => shape.map((_, axis) => elementCount(shape.slice(axis + 1)));

/** Where each index of GatherElements and ScatterElements points to in the data. */
function elementPositions(node: OnnxNode, shape: readonly number[]): { indices: Constant; positions: number[] } {
  const indices = node.known(1, 'indices');
  const axis = node.axis(node.attrs.int('axis', 0), shape.length);
  if (indices.shape.length !== shape.length || indices.shape.some((d, k) => k !== axis && d > shape[k]))
    node.refuse('its indices do not suit its input');
  const [strides, own] = [stridesOf(shape), stridesOf(indices.shape)];
  node.checkCount(indices.shape);
  const positions = Array.from(indices.values, (index, i) => {
    const at = index < 0 ? index + shape[axis] : index;
    if (!Number.isInteger(at) || at < 0 || at >= shape[axis]) node.refuse('an index is out of range');
    return indices.shape.reduce((sum, d, k) => {
      const coordinate = k === axis ? at : Math.floor(i / own[k]) % d;
      return sum + coordinate * strides[k];
    }, 0);
  });
  return { indices, positions };
}

/** Of positions that the model computes: where data and positions are lines along the axis, these pick from a vector. */
function gatheredAlongLine(node: OnnxNode, x: TensorId): TensorId {
  const indices = node.any(1);
  const [data, wanted] = [node.shapeOf(x), node.shapeOf(indices)];
  const axis = node.axis(node.attrs.int('axis', 0), data.length);
  const isLine = (shape: readonly number[]) => shape.every((d, i) => d === 1 || i === axis);
  if (!isLine(data) || !isLine(wanted)) node.known(1, 'indices');
  const vector = node.step('line', 'reshape', [x], { shape: [data[axis]] });
  return node.op('gather', [vector, indices], { axis: 0 });
}

function gatherElements(node: OnnxNode): TensorId {
  const x = node.any(0);
  if (node.constant(1) === undefined) return gatheredAlongLine(node, x);
  const { indices, positions } = elementPositions(node, node.shapeOf(x));
  return picked(node, x, positions, indices.shape);
}

function foldGatherElements(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  const { indices, positions } = elementPositions(node, x.shape);
  return like(
    x,
    indices.shape,
    positions.map((at) => x.values[at]),
  );
}

/** Of known values: embeddings of positions are made of them. */
function foldCumSum(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  const axis = node.axis(Number(node.known(1, 'axis').values[0]), x.shape.length);
  const [exclusive, reverse] = [node.attrs.flag('exclusive'), node.attrs.flag('reverse')];
  const [length, step] = [x.shape[axis], stridesOf(x.shape)[axis]];
  const sums = new Float64Array(node.checkCount(x.shape));
  for (let start = 0; start < sums.length; start++) {
    if (Math.floor(start / step) % length !== 0) continue;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const at = start + (reverse ? length - 1 - i : i) * step;
      sums[at] = exclusive ? sum : sum + x.values[at];
      sum += x.values[at];
    }
  }
  return like(x, x.shape, sums);
}

/** Where the slices of GatherND and ScatterND begin, and how many values each has. */
function slicePositions(node: OnnxNode, shape: readonly number[]): { starts: number[]; size: number } {
  const { values, shape: given } = node.known(1, 'indices');
  const depth = given.at(-1) ?? 0;
  if (depth > shape.length) node.refuse('its indices have more parts than its input has dimensions');
  const strides = stridesOf(shape);
  const starts = Array.from({ length: values.length / depth }, (_, i) => {
    let start = 0;
    for (let k = 0; k < depth; k++) {
      const index = values[i * depth + k];
      const at = index < 0 ? index + shape[k] : index;
      if (!Number.isInteger(at) || at < 0 || at >= shape[k]) node.refuse('an index is out of range');
      start += at * strides[k];
    }
    return start;
  });
  return { starts, size: elementCount(shape.slice(depth)) };
}

function gatherNd(node: OnnxNode): TensorId {
  if (node.attrs.int('batch_dims', 0) !== 0) node.refuse('it gathers in each batch by itself');
  const indices = node.constant(1);
  if (!indices) return node.op('gatherNd', [node.any(0), node.any(1)], {});
  const shape = node.shape(0);
  const tuples = Array.from(indices.values, (v, i) => (v < 0 ? v + shape[i % indices.shape.at(-1)!] : v));
  slicePositions(node, shape); // checks them
  return node.op('gatherNd', [node.any(0), node.indices(`${node.inputs[1]}/tuples`, tuples, indices.shape)], {});
}

/** What joins an update with the value at its place. */
const JOINED = new Map([
  ['add', 'add'],
  ['mul', 'mul'],
  ['max', 'maximum'],
  ['min', 'minimum'],
] as const);
type Reduction = Parameters<typeof JOINED.get>[0];

/**
 * Updates put at known positions of the data: rounds in which no position occurs twice, each of which picks the update of
 * every value and takes it where there is one.
 */
function scattered(node: OnnxNode, positions: readonly number[]): TensorId {
  const reduction = node.attrs.text('reduction', 'none');
  const joins = JOINED.get(reduction as Reduction);
  if (reduction !== 'none' && !joins) node.refuse(`it reduces by "${reduction.slice(0, 40)}"`);
  const updates = node.any(2);
  let data = node.any(0);
  const shape = node.shapeOf(data);
  const count = node.checkCount(shape);
  const rounds: Map<number, number>[] = [];
  const seen = new Map<number, number>();
  positions.forEach((position, update) => {
    const round = !joins ? 0 : (seen.get(position) ?? 0);
    seen.set(position, round + 1);
    (rounds[round] ??= new Map()).set(position, update);
  });
  for (const round of rounds) {
    node.checkCount(shape);
    const source = Array.from({ length: count }, (_, i) => round.get(i) ?? 0);
    const mask = node.truths(
      `${node.name}/mask`,
      Array.from({ length: count }, (_, i) => round.has(i)),
      shape,
    );
    const spread = picked(node, updates, source, shape);
    const joined = joins ? node.step('joined', joins, [data, spread], {}) : spread;
    data = node.step('scattered', 'select', [mask, joined, data], {});
  }
  return data;
}

function scatterNd(node: OnnxNode): TensorId {
  const { starts, size } = slicePositions(node, node.shape(0));
  node.checkCount([starts.length, size]);
  return scattered(
    node,
    starts.flatMap((start) => Array.from({ length: size }, (_, i) => start + i)),
  );
}

/** The positions a known condition keeps. */
function compress(node: OnnxNode): TensorId {
  const x = node.any(0);
  const shape = node.shapeOf(x);
  const kept = [...node.known(1, 'condition').values].flatMap((v, i) => (v ? [i] : []));
  if (kept.length === 0) node.refuse('its result is empty');
  const indices = node.indices(`${node.inputs[1]}/positions`, kept, [kept.length]);
  if (node.attrs.has('axis'))
    return node.op('gather', [x, indices], { axis: node.axis(node.attrs.int('axis', 0), shape.length) });
  const flat = node.step('flat', 'reshape', [x], { shape: [elementCount(shape)] });
  return node.op('gather', [flat, indices], { axis: 0 });
}

function oneHot(node: OnnxNode): TensorId {
  const x = node.any(0);
  const depth = Number(node.known(1, 'depth').values[0]);
  if (!Number.isInteger(depth) || depth < 1) node.refuse(`its depth is ${depth}`);
  const [off, on] = node.known(2, 'values').values;
  const shape = node.shapeOf(x);
  const axis = node.axis(node.attrs.int('axis', -1), shape.length + 1);
  node.checkCount([depth]);
  const whole = node.typeOf(x) === 'float32' ? node.step('whole', 'cast', [x], { to: 'int32' }) : x;
  const spread = node.step('spread', 'reshape', [whole], { shape: shape.toSpliced(axis, 0, 1) });
  const dims = Array.from({ length: shape.length + 1 }, (_, i) => (i === axis ? depth : 1));
  const steps = (name: string, first: number) =>
    node.indices(
      `${node.name}/${name}`,
      Array.from({ length: depth }, (_, i) => first + i),
      dims,
    );
  // Negative positions count from the end.
  const front = node.step('front', 'equal', [spread, steps('steps', 0)], {});
  const back = node.step('back', 'equal', [spread, steps('from_end', -depth)], {});
  const hit = node.step('hit', 'logicalOr', [front, back], {});
  return node.op('select', [hit, node.number(on), node.number(off)], {});
}

/** Lengths that are known: each sequence turned round up to its length. */
function reverseSequence(node: OnnxNode): TensorId {
  const x = node.any(0);
  const shape = node.shapeOf(x);
  const [time, batch] = [node.attrs.int('time_axis', 0), node.attrs.int('batch_axis', 1)];
  const lengths = node.known(1, 'lengths').values;
  const strides = stridesOf(shape);
  const positions = Array.from({ length: node.checkCount(shape) }, (_, i) => {
    const step = Math.floor(i / strides[time]) % shape[time];
    const length = lengths[Math.floor(i / strides[batch]) % shape[batch]];
    return step < length ? i + (length - 1 - 2 * step) * strides[time] : i;
  });
  return picked(node, x, positions, shape);
}

/** The upper or lower triangle of the last two dimensions. */
function triangle(node: OnnxNode, shape: readonly number[]): boolean[] {
  const k = node.has(1) ? Number(node.known(1, 'diagonal').values[0]) : 0;
  const upper = node.attrs.flag('upper', true);
  const [rows, columns] = shape.slice(-2) as [number, number];
  return Array.from({ length: node.checkCount([rows, columns]) }, (_, i) => {
    const above = (i % columns) - Math.floor(i / columns);
    return upper ? above >= k : above <= k;
  });
}

function foldTrilu(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  const kept = triangle(node, x.shape);
  return { ...x, values: x.values.map((v, i) => (kept[i % kept.length] ? v : 0)) };
}

export const CHOOSING_OPS: OpRows = {
  ArgMax: { translate: extreme('argMax') },
  ArgMin: { translate: extreme('argMin') },
  TopK: { translate: topK },
  Hardmax: { translate: hardmax },
  GatherElements: { fold: foldGatherElements, translate: gatherElements },
  GatherND: { translate: gatherNd },
  ScatterElements: { translate: (node) => scattered(node, elementPositions(node, node.shape(0)).positions) },
  ScatterND: { translate: scatterNd },
  Compress: { translate: compress },
  OneHot: { translate: oneHot },
  ReverseSequence: { translate: reverseSequence },
  Trilu: {
    fold: foldTrilu,
    translate: (node) => {
      const x = node.tensor(0);
      const size = node.shapeOf(x).slice(-2);
      const mask = node.truths(`${node.name}/triangle`, triangle(node, size), size);
      return node.op('select', [mask, x, node.number(0)], {});
    },
  },
  CumSum: {
    layout: 'any',
    fold: foldCumSum,
    translate: (node) => {
      const x = node.any(0);
      const axis = node.axis(Number(node.known(1, 'axis').values[0]), node.shapeOf(x).length);
      return node.op('cumsum', [x], {
        axis,
        exclusive: node.attrs.flag('exclusive'),
        reverse: node.attrs.flag('reverse'),
      });
    },
  },
};
