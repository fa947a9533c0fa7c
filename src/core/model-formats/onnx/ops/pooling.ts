import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { pair, planeOf, unplane, type Plane } from '../layouts';
import type { OnnxNode } from '../node';
import { isVolume, poolOfVolume } from '../volume';
import { padPlane, paddingFor, windowOf, type Window } from '../window';
import type { OpRow, OpRows } from './row';

/** Rows that are put around a plane one by one. */
const MOST_REPEATED = 64;

function kernelOf(node: OnnxNode, plane: Plane): Pair {
  return pair(node, node.attrs.ints('kernel_shape') ?? [], plane.spatial, 'kernel shape');
}

/**
 * Padding that never is the largest value of a window: 0 where no value is negative, otherwise the outermost row or
 * column again, which each window that sees the padding sees too. (The lowest float would be, but would leave nothing
 * of the range of the values when quantized.)
 */
function padForMax(node: OnnxNode, x: TensorId, { pads, kernel }: Window): TensorId {
  if (node.isNonNegative(x)) return padPlane(node, x, pads, 0);
  let padded = x;
  for (const i of [0, 1] as const) {
    const [before, after] = pads[i];
    if (before + after === 0) continue;
    if (before + after > MOST_REPEATED) node.refuse(`it pads by ${before + after}`);
    if (before >= kernel[i] || after >= kernel[i]) node.refuse('it pads more than its window is long');
    const axis = i + 1;
    const length = node.shapeOf(padded)[axis];
    const edge = (position: number) =>
      node.step('edge', 'slice', [padded], {
        begin: [0, 0, 0, 0].with(axis, position),
        size: [-1, -1, -1, -1].with(axis, 1),
      });
    const first = before > 0 ? edge(0) : null;
    const last = after > 0 ? edge(length - 1) : null;
    const parts = [...Array<TensorId>(before).fill(first!), padded, ...Array<TensorId>(after).fill(last!)];
    padded = node.step('padded', 'concat', parts, { axis });
  }
  return padded;
}

function maxPool(node: OnnxNode): TensorId {
  if (isVolume(node)) return poolOfVolume(node, 'max');
  const plane = planeOf(node);
  const window = windowOf(node, plane, kernelOf(node, plane));
  const { kernel: filter, strides, dilations } = window;
  if (dilations.some((d) => d > 1)) node.refuse('it is dilated');
  const fitting = paddingFor(window, plane.size);
  const x = fitting ? plane.tensor : padForMax(node, plane.tensor, window);
  const y = node.op('maxPool2d', [x], { filter, strides, padding: fitting ?? 'valid' });
  return unplane(node, y, plane.spatial);
}

/** For each window along one axis, how many of its taps count in an average. */
function countedTaps(window: Window, size: Pair, i: 0 | 1, includePads: boolean): number[] {
  const [before, after] = includePads ? window.statedPads[i] : [0, 0];
  return Array.from({ length: window.output[i] }, (_, position) => {
    const start = position * window.strides[i] - window.pads[i][0];
    let count = 0;
    for (let tap = 0; tap < window.kernel[i]; tap++) {
      const at = start + tap * window.dilations[i];
      if (at >= -before && at < size[i] + after) count++;
    }
    return count;
  });
}

/** An average over each whole window, padding in it or not. */
function plainAverage(node: OnnxNode, x: TensorId, channels: number, window: Window, name: string): TensorId {
  const { kernel, strides, dilations } = window;
  const taps = kernel[0] * kernel[1];
  const options = { ...(name === '' && { outputs: node.outputs }) };
  const id = name || 'average';
  if (dilations.every((d) => d === 1))
    return node.step(id, 'averagePool2d', [x], { filter: kernel, strides, padding: 'valid' }, options);
  node.checkCount([taps, channels]);
  const weights = new Float32Array(taps * channels).fill(1 / taps);
  const filter = node.fixed(`${node.name}/weights`, weights, [1, ...kernel, channels]);
  const attrs = { strides, dilations, padding: 'valid', multiplier: 1 } as const;
  return node.step(id, 'depthwiseConv2d', [x, filter, null], attrs, options);
}

function averagePool(node: OnnxNode): TensorId {
  if (isVolume(node)) return poolOfVolume(node, 'average');
  const plane = planeOf(node);
  const window = windowOf(node, plane, kernelOf(node, plane));
  const { kernel: filter, strides, dilations, output } = window;
  const includePads = node.attrs.flag('count_include_pad');
  const padded = window.pads.flat().some((p) => p > 0);
  if (padded && !includePads && dilations.every((d) => d === 1) && paddingFor(window, plane.size) === 'same')
    return unplane(node, node.op('averagePool2d', [plane.tensor], { filter, strides, padding: 'same' }), plane.spatial);

  const x = padded ? padPlane(node, plane.tensor, window.pads, 0) : plane.tensor;
  for (const i of [0, 1] as const) node.checkCount([window.output[i], window.kernel[i]]);
  const [rows, columns] = ([0, 1] as const).map((i) => countedTaps(window, plane.size, i, includePads));
  if (rows.every((n) => n === filter[0]) && columns.every((n) => n === filter[1]))
    return unplane(node, plainAverage(node, x, plane.channels, window, ''), plane.spatial);
  node.checkCount(output);
  const average = plainAverage(node, x, plane.channels, window, 'average');
  const share = rows.flatMap((n) => columns.map((m) => (filter[0] * filter[1]) / Math.max(n * m, 1)));
  const correction = node.fixed(`${node.name}/share`, share, [1, ...output, 1]);
  return unplane(node, node.op('mul', [average, correction], {}), plane.spatial);
}

/** (Σ |x|ᵖ)^(1/p) over each window. */
function lpPool(node: OnnxNode): TensorId {
  const plane = planeOf(node);
  const window = windowOf(node, plane, kernelOf(node, plane));
  const p = node.attrs.int('p', 2);
  const power = (x: TensorId, exponent: number, name: string) =>
    exponent === 1 ? x : node.step(name, 'pow', [x, node.number(exponent)], {});
  const x = plane.tensor;
  const powers = p === 2 ? node.step('square', 'mul', [x, x], {}) : power(node.step('abs', 'abs', [x], {}), p, 'power');
  const padded = window.pads.flat().some((pad) => pad > 0) ? padPlane(node, powers, window.pads, 0) : powers;
  const average = plainAverage(node, padded, plane.channels, window, 'average');
  const taps = window.kernel[0] * window.kernel[1];
  const sum = node.step('sum', 'mul', [average, node.number(taps)], {});
  const root = p === 2 ? node.step('root', 'sqrt', [sum], {}) : power(sum, 1 / p, 'root');
  return unplane(node, root, plane.spatial);
}

function global(kind: 'mean' | 'reduceMax'): OpRow {
  return {
    layout: 'channels-first',
    translate: (node) => {
      if (isVolume(node)) return node.op(kind, [node.tensor(0)], { axes: [2, 3, 4], keepDims: true });
      const plane = planeOf(node);
      return unplane(node, node.op(kind, [plane.tensor], { axes: [1, 2], keepDims: true }), plane.spatial);
    },
  };
}

export const POOLING_OPS: OpRows = {
  MaxPool: { layout: 'channels-first', translate: maxPool },
  AveragePool: { layout: 'channels-first', translate: averagePool },
  LpPool: { layout: 'channels-first', translate: lpPool },
  GlobalAveragePool: global('mean'),
  GlobalMaxPool: global('reduceMax'),
};
