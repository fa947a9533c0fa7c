/** Pooling, reductions, and ops that move values. */
import { BATCH } from '../../../../graph/graph';
import { MOST_OUTPUTS } from '../../../../graph/limits';
import type { Pair } from '../../../../graph/ops/attrs';
import { resolveReshape } from '../../../tflite/ops/reshape';
import type { Call, OpTable, Translate } from '../call';
import { shapeValue } from '../fold';
import { isKnown } from '../value';

const pool =
  (kind: 'averagePool2d' | 'maxPool2d'): Translate =>
  (call) => {
    const { node } = call;
    node.requireChannelsLast();
    const padding = node.padding();
    if (padding === 'explicit') throw node.unsupported('padding in numbers');
    return call.op(kind, [call.tensor(0)], {
      filter: node.spatial('ksize'),
      strides: node.spatial('strides'),
      padding,
    });
  };

const reduction =
  (kind: 'mean' | 'sum' | 'reduceMax' | 'reduceMin'): Translate =>
  (call) => {
    const x = call.tensor(0);
    const keepDims = call.node.flag('keep_dims') || call.node.flag('keepDims');
    return call.op(kind, [x], { axes: call.ints(1), keepDims });
  };

const resize =
  (kind: 'resizeBilinear' | 'resizeNearest'): Translate =>
  (call) => {
    const { node } = call;
    const [height, width] = call.ints(1) as [number, number];
    const size: Pair = [height, width];
    const attrs = {
      size,
      alignCorners: node.flag('align_corners') || node.flag('alignCorners'),
      halfPixelCenters: node.flag('half_pixel_centers') || node.flag('halfPixelCenters'),
    };
    return call.op(kind, [call.tensor(0)], attrs);
  };

function reshape(call: Call, target: readonly number[]) {
  const x = call.tensor(0);
  return call.op('reshape', [x], { shape: resolveReshape(call.shape(x), target) });
}

function paddings(call: Call): Pair[] {
  const flat = call.ints(1);
  return Array.from({ length: flat.length / 2 }, (_, axis): Pair => [flat[2 * axis], flat[2 * axis + 1]]);
}

const concat = (call: Call, axis: number, first: number, end: number) => {
  const inputs = call.inputs.slice(first, end).map((_, i) => call.tensor(first + i));
  const [x] = inputs;
  if (x === undefined) throw call.node.corrupt('joins nothing');
  return call.op('concat', inputs, { axis: call.axis(axis, call.shape(x).length) });
};

const gather = (call: Call, axis: number): ReturnType<Translate> => {
  if (call.node.number('batch_dims', 0) !== 0)
    throw call.node.unsupported('indices that differ along batch dimensions');
  return call.op('gather', [call.tensor(0), call.tensor(1)], { axis });
};

export const SHAPING: OpTable = {
  AvgPool: pool('averagePool2d'),
  MaxPool: pool('maxPool2d'),
  Mean: reduction('mean'),
  Sum: reduction('sum'),
  Max: reduction('reduceMax'),
  Min: reduction('reduceMin'),
  ResizeBilinear: resize('resizeBilinear'),
  ResizeNearestNeighbor: resize('resizeNearest'),
  Reshape: (call) => reshape(call, call.ints(1)),
  Squeeze: (call) => {
    const shape = call.shape(call.tensor(0));
    const named = call.node.ints('squeeze_dims', call.node.ints('axis', [])).map((d) => call.axis(d, shape.length));
    const dropped = (axis: number) => (named.length > 0 ? named.includes(axis) : shape[axis] === 1);
    return reshape(
      call,
      shape.filter((_, axis) => !dropped(axis)),
    );
  },
  ExpandDims: (call) => {
    const shape = call.shape(call.tensor(0));
    return reshape(call, shape.toSpliced(call.axis(call.int(1), shape.length + 1), 0, 1));
  },
  Shape: (call) => {
    const x = call.value(0);
    return shapeValue(isKnown(x) ? x.shape : call.shape(x));
  },
  Pad: (call) => call.op('pad', [call.tensor(0)], { paddings: paddings(call), value: 0 }),
  PadV2: (call) => {
    const value = call.known(2).values[0] ?? 0;
    return call.op('pad', [call.tensor(0)], { paddings: paddings(call), value });
  },
  MirrorPad: (call) => {
    const mode = call.node.text('mode').toLowerCase();
    if (mode !== 'reflect' && mode !== 'symmetric') throw call.node.corrupt(`mirrors by "${mode}"`);
    return call.op('mirrorPad', [call.tensor(0)], { paddings: paddings(call), mode });
  },
  ConcatV2: (call) => concat(call, call.int(call.count - 1), 0, call.count - 1),
  Concat: (call) => concat(call, call.int(0), 1, call.count),
  Pack: (call) => {
    const inputs = call.tensors();
    const rank = call.shape(inputs[0] ?? call.tensor(0)).length;
    return call.op('pack', inputs, { axis: call.axis(call.node.number('axis', 0), rank + 1) });
  },
  Unpack: (call) => call.all('unpack', [call.tensor(0)], { axis: call.node.number('axis', 0) }),
  Split: (call) => {
    const x = call.tensor(1);
    const shape = call.shape(x);
    const axis = call.axis(call.int(0), shape.length);
    const parts = call.node.number('num_split');
    if (!(parts >= 1 && parts <= MOST_OUTPUTS && shape[axis] % parts === 0))
      throw call.node.corrupt(`splits ${shape[axis]} values into ${parts} parts`);
    return call.all('split', [x], { axis, sizes: Array<number>(parts).fill(shape[axis] / parts) });
  },
  SplitV: (call) => {
    const x = call.tensor(0);
    const shape = call.shape(x);
    const axis = call.axis(call.int(2), shape.length);
    const sizes = call.ints(1);
    const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
    return call.all('split', [x], { axis, sizes: sizes.map((size) => (size < 0 ? shape[axis] - known : size)) });
  },
  Transpose: (call) => call.op('transpose', [call.tensor(0)], { permutation: call.ints(1) }),
  Tile: (call) => call.op('tile', [call.tensor(0)], { repeats: call.ints(1) }),
  GatherV2: (call) => gather(call, call.int(2)),
  Gather: (call) => gather(call, 0),
  DepthToSpace: (call) => block(call, 'depthToSpace'),
  SpaceToDepth: (call) => block(call, 'spaceToDepth'),
  Slice: (call) => {
    const x = call.tensor(0);
    const [begin, size] = [call.ints(1), call.ints(2)];
    const whole = call.shape(x)[0] === BATCH && begin[0] === 0;
    return call.op('slice', [x], { begin, size: whole && size[0] === 1 ? size.with(0, BATCH) : size });
  },
  StridedSlice: stridedSlice,
};

function block(call: Call, kind: 'depthToSpace' | 'spaceToDepth') {
  call.node.requireChannelsLast();
  return call.op(kind, [call.tensor(0)], { blockSize: call.node.number('block_size') });
}

/** Resolves masks and negative positions. New axes become a reshape behind the slice. */
function stridedSlice(call: Call): ReturnType<Translate> {
  const { node } = call;
  const x = call.tensor(0);
  const shape = call.shape(x);
  const [begins, ends, steps] = [call.ints(1), call.ints(2), call.ints(3)];
  const has = (mask: string, i: number) => (node.number(mask, 0) & (1 << i)) !== 0;
  const specs = begins.map((_, i) => i);
  const added = specs.filter((i) => has('new_axis_mask', i)).length;
  const [begin, end, strides, shrinkAxes]: [number[], number[], number[], number[]] = [[], [], [], []];
  /** Where a new axis goes in the result. */
  const fresh: number[] = [];
  const whole = (axis: number) => {
    begin.push(0);
    end.push(shape[axis] === BATCH ? BATCH : shape[axis]);
    strides.push(1);
  };
  for (const i of specs) {
    const axis = begin.length;
    if (has('ellipsis_mask', i)) {
      const covered = shape.length - (specs.length - 1 - added);
      for (let k = 0; k < covered; k++) whole(begin.length);
    } else if (has('new_axis_mask', i)) fresh.push(axis - shrinkAxes.length + fresh.length);
    else if (shape[axis] === BATCH) {
      if (has('shrink_axis_mask', i) || steps[i] !== 1) throw node.unsupported('a part of the batch');
      whole(axis);
    } else {
      const length = shape[axis] ?? 0;
      const step = steps[i];
      const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
      const place = (index: number) => Math.max(lowest, Math.min(highest, index < 0 ? index + length : index));
      const first = has('begin_mask', i) ? (step > 0 ? 0 : length - 1) : place(begins[i]);
      const shrinks = has('shrink_axis_mask', i);
      begin.push(first);
      end.push(shrinks ? first + 1 : has('end_mask', i) ? (step > 0 ? length : -1) : place(ends[i]));
      strides.push(shrinks ? 1 : step);
      if (shrinks) shrinkAxes.push(axis);
    }
  }
  while (begin.length < shape.length) whole(begin.length);
  const sliced = call.op('stridedSlice', [x], { begin, end, strides, shrinkAxes });
  if (fresh.length === 0) return sliced;
  const target = [...call.shape(sliced)];
  for (const at of fresh) target.splice(at, 0, 1);
  return call.op('reshape', [sliced], { shape: target });
}
