/** Ops that take a part of a tensor, or put something around it. */
import { lookup } from '../../../../base/lookup';
import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { takeAlong } from '../fold';
import type { Constant } from '../constant';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

interface Range {
  readonly axis: number;
  readonly begin: number;
  /** Exclusive; −1 for a descending range down to the first. */
  readonly end: number;
  readonly step: number;
}

function countOf({ begin, end, step }: Range): number {
  return Math.max(Math.ceil((end - begin) / step), 0);
}

/** Starts and ends beyond the tensor are brought back to it, as numpy does. */
function rangesOf(node: OnnxNode): Range[] {
  const shape = node.shape(0);
  const starts = node.list('starts', 1) ?? node.refuse('it has no starts');
  const ends = node.list('ends', 2) ?? node.refuse('it has no ends');
  const axes = node.list('axes', 3) ?? starts.map((_, i) => i);
  const steps = node.has(4) ? [...node.known(4, 'steps').values] : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    node.refuse('its starts, ends, axes and steps differ in number');
  return axes.map((given, i) => {
    const axis = node.axis(given, shape.length);
    const length = shape[axis];
    const step = steps[i];
    if (!Number.isSafeInteger(step) || step === 0) node.refuse(`its step is ${step}`);
    const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v < 0 ? v + length : v, low), high);
    if (step > 0) return { axis, begin: clamp(starts[i], 0, length), end: clamp(ends[i], 0, length), step };
    // From the end down: what lies before the first value is −1, which counted from the back would be the last.
    return { axis, begin: clamp(starts[i], 0, length - 1), end: clamp(ends[i], -1, length - 1), step };
  });
}

function foldSlice(node: OnnxNode): Constant {
  return rangesOf(node).reduce(
    (x, range) => {
      const positions = Array.from({ length: countOf(range) }, (_, i) => range.begin + i * range.step);
      return takeAlong(node, x, range.axis, positions);
    },
    node.known(0, 'input'),
  );
}

function slice(node: OnnxNode): TensorId {
  const x = node.any(0);
  const shape = node.shapeOf(x);
  const ranges = rangesOf(node);
  if (ranges.some((range) => countOf(range) < 1)) node.refuse('its result is empty');
  const begin = shape.map(() => 0);
  const end = [...shape];
  const strides = shape.map(() => 1);
  for (const range of ranges) {
    begin[range.axis] = range.begin;
    end[range.axis] = range.end;
    strides[range.axis] = range.step;
  }
  if (ranges.every(({ step }) => step === 1))
    return node.op('slice', [x], { begin, size: end.map((e, i) => (e === shape[i] ? -1 : e - begin[i])) });
  return node.op('stridedSlice', [x], { begin, end, strides, shrinkAxes: [] });
}

function splitSizes(node: OnnxNode, length: number): number[] {
  const given = node.list('split', 1);
  if (given) return given;
  const parts = node.attrs.int('num_outputs', node.outputs.length);
  if (!(parts >= 1 && parts <= length)) node.refuse(`it has ${parts} parts of ${length} values`);
  const size = Math.ceil(length / parts);
  return Array.from({ length: node.checkCount([parts]) }, (_, i) => Math.min(size, length - i * size));
}

function partsOf(node: OnnxNode): { axis: number; sizes: number[] } {
  const shape = node.shape(0);
  const axis = node.axis(node.attrs.int('axis', 0), shape.length);
  const sizes = splitSizes(node, shape[axis]);
  if (sizes.some((size) => !(size >= 1))) node.refuse(`its parts are [${sizes.join(', ')}]`);
  return { axis, sizes };
}

function foldSplit(node: OnnxNode): Constant[] {
  const x = node.known(0, 'input');
  const { axis, sizes } = partsOf(node);
  let at = 0;
  return sizes.map((size) => {
    const positions = Array.from({ length: Math.min(size, x.shape[axis] - at) }, (_, i) => at + i);
    at += size;
    return takeAlong(node, x, axis, positions);
  });
}

function gatherPositions(node: OnnxNode, length: number): { positions: number[]; shape: readonly number[] } {
  const { values, shape } = node.known(1, 'indices');
  const positions = Array.from(values, (v) => (v < 0 ? v + length : v));
  if (!positions.every((p) => Number.isInteger(p) && p >= 0 && p < length)) node.refuse('an index is out of range');
  return { positions, shape };
}

function foldGather(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  const axis = node.axis(node.attrs.int('axis', 0), x.shape.length);
  const { positions, shape } = gatherPositions(node, x.shape[axis]);
  const taken = takeAlong(node, x, axis, positions);
  return { ...taken, shape: [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)] };
}

/** A slice where the positions are next to each other. */
function gather(node: OnnxNode): TensorId {
  const x = node.any(0);
  const dims = node.shapeOf(x);
  const axis = node.axis(node.attrs.int('axis', 0), dims.length);
  if (!node.constant(1)) return node.op('gather', [x, node.any(1)], { axis });
  const { positions, shape } = gatherPositions(node, dims[axis]);
  const first = positions[0] ?? node.refuse('it takes nothing');
  if (!positions.every((position, i) => position === first + i)) {
    const indices = node.indices(`${node.inputs[1]}/positions`, positions, shape);
    return node.op('gather', [x, indices], { axis });
  }
  const part = node.step('part', 'slice', [x], {
    begin: dims.map((_, i) => (i === axis ? first : 0)),
    size: dims.map((_, i) => (i === axis ? positions.length : -1)),
  });
  return node.op('reshape', [part], { shape: [...dims.slice(0, axis), ...shape, ...dims.slice(axis + 1)] });
}

/** [before, after] for each dimension. */
function paddingsOf(node: OnnxNode, rank: number): Pair[] {
  const pads = node.list('pads', 1) ?? node.refuse('it has no pads');
  const axes = node.has(3) ? [...node.known(3, 'axes').values] : Array.from({ length: rank }, (_, i) => i);
  const result = Array.from({ length: rank }, (): Pair => [0, 0]);
  if (pads.length !== 2 * axes.length) node.refuse(`its pads are [${pads.join(', ')}]`);
  axes.forEach((axis, i) => (result[node.axis(axis, rank)] = [pads[i], pads[i + axes.length]]));
  return result;
}

/** Rows, columns or channels of the tensor itself, from `first` in steps, one by one. */
function copies(node: OnnxNode, x: TensorId, axis: number, positions: readonly number[]): TensorId[] {
  const dims = node.shapeOf(x);
  const made = new Map<number, TensorId>();
  return positions.map((position) => {
    if (!made.has(position)) {
      const begin = dims.map((_, i) => (i === axis ? position : 0));
      const size = dims.map((_, i) => (i === axis ? 1 : -1));
      made.set(position, node.step('copy', 'slice', [x], { begin, size }));
    }
    return made.get(position)!;
  });
}

/** Position in the tensor that padding repeats, by mode. */
const REPEATS: Readonly<Record<string, (position: number, length: number) => number>> = {
  edge: (position, length) => Math.min(Math.max(position, 0), length - 1),
  wrap: (position, length) => (position + length) % length,
};

function pad(node: OnnxNode): TensorId {
  let x = node.tensor(0);
  const paddings = paddingsOf(node, node.shapeOf(x).length);
  if (paddings.some(([before, after]) => before < 0 || after < 0)) {
    const dims = node.shapeOf(x);
    const cut = paddings.map(([before, after]) => [Math.max(-before, 0), Math.max(-after, 0)]);
    const size = dims.map((d, i) => d - cut[i][0] - cut[i][1]);
    if (size.some((d) => d < 1)) node.refuse('it cuts everything off');
    x = node.step('cut', 'slice', [x], { begin: cut.map(([before]) => before), size });
  }
  const positive = paddings.map(([before, after]): Pair => [Math.max(before, 0), Math.max(after, 0)]);
  if (positive.flat().every((p) => p === 0)) return x;
  const mode = node.attrs.text('mode', 'constant');
  if (mode === 'constant') return node.op('pad', [x], { paddings: positive, value: node.scalar('value', 2) ?? 0 });
  if (mode === 'reflect') return node.op('mirrorPad', [x], { paddings: positive, mode });
  const repeat = lookup(REPEATS, mode) ?? node.refuse(`its mode is "${mode}"`);
  positive.forEach(([before, after], axis) => {
    const length = node.shapeOf(x)[axis];
    if (before + after > 64 || before > length || after > length) node.refuse(`it repeats ${before + after} rows`);
    const around = (first: number, count: number) =>
      copies(
        node,
        x,
        axis,
        Array.from({ length: count }, (_, i) => repeat(first + i, length)),
      );
    if (before + after > 0)
      x = node.step('padded', 'concat', [...around(-before, before), x, ...around(length, after)], { axis });
  });
  return x;
}

/** Cut or padded with zeros to a known size, alike on both sides. */
function centreCropPad(node: OnnxNode): TensorId {
  let x = node.tensor(0);
  const dims = node.shapeOf(x);
  const axes = node.attrs.ints('axes')?.map((axis) => node.axis(axis, dims.length)) ?? dims.map((_, i) => i);
  const wanted = node.known(1, 'shape').values;
  const size = dims.map((d, axis) => (axes.includes(axis) ? wanted[axes.indexOf(axis)] : d));
  const begin = dims.map((d, axis) => Math.max(Math.floor((d - size[axis]) / 2), 0));
  x = node.step('crop', 'slice', [x], { begin, size: dims.map((d, axis) => Math.min(d, size[axis])) });
  const paddings = dims.map((d, axis): Pair => {
    const missing = Math.max(size[axis] - d, 0);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
  return node.op('pad', [x], { paddings, value: 0 });
}

export const SLICING_OPS: OpRows = {
  Slice: { layout: 'any', fold: foldSlice, translate: slice },
  Split: {
    layout: 'any',
    fold: foldSplit,
    translate: (node) => node.ops('split', [node.any(0)], partsOf(node)),
  },
  Gather: { fold: foldGather, translate: gather },
  Pad: { layout: 'any', translate: pad },
  CenterCropPad: { layout: 'any', translate: centreCropPad },
};
