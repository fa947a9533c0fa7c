/**
 * How each op kind works on views instead of on the tensors themselves. A rule returns false where it cannot; the op is
 * then kept, and its inputs are put in place.
 */
import type { TensorId } from '../../graph';
import type { Op, OpKind, Pair } from '../../ops/attrs';
import { inversePermutation, permutedData, permutedShape } from '../../permute';
import type { Sinker } from './sinker';
import {
  droppedUnits,
  isPlain,
  isReshape,
  isTranspose,
  keepsChannels,
  plainView,
  reshapedView,
  seenAlike,
  view,
  type View,
} from './view';

type Rule<K extends OpKind> = (op: Op<K>, at: Sinker) => boolean;
type Rules = { readonly [K in OpKind]?: Rule<K> };

/** The result of an op on a transposed view, seen as the op's own output. */
function seeTransposed(op: Op, at: Sinker, outputs: readonly TensorId[], permutation: readonly number[]): void {
  outputs.forEach((source, i) => {
    const { shape } = at.tensor(source);
    at.see(op.outputs[i], view(source, shape, permutation, permutedShape(shape, permutation)));
  });
}

/** The first input as a view that moves dimensions and does nothing else. */
function moved(op: Op, at: Sinker): View | null {
  return at.asTranspose(at.viewOf(op.inputs[0]!));
}

const transpose: Rule<'transpose'> = (op, at) => {
  if (op.activation !== 'none') return false;
  at.see(op.outputs[0], { ...at.transpose(at.viewOf(op.inputs[0]!), op.attrs.permutation), origin: op });
  return true;
};

const reshape: Rule<'reshape'> = (op, at) => {
  if (op.activation !== 'none') return false;
  const x = reshapedView(at.viewOf(op.inputs[0]!), at.declared(op.outputs[0]).shape);
  at.see(op.outputs[0], { ...x, origin: op });
  return true;
};

/** Ops on each value by itself do not care how the values are arranged. */
const unary: Rule<OpKind> = (op, at) => {
  const x = at.viewOf(op.inputs[0]!);
  const parameters = at.declared(op.outputs[0]).quant?.scale.length ?? 1;
  if (isPlain(x) || parameters > 1) return false;
  const [source] = at.emit(op, [x.source]);
  at.see(op.outputs[0], { ...x, source });
  return true;
};

function isSingleConstant(id: TensorId, at: Sinker): boolean {
  return at.declared(id).data?.length === 1;
}

/** A constant with a value for each channel, as a vector. */
function channelConstant(id: TensorId, channels: number, at: Sinker): TensorId | null {
  const { data, shape } = at.declared(id);
  if (data?.length !== channels || shape.at(-1) !== channels) return null;
  return at.settle(reshapedView(at.viewOf(id), [channels]));
}

/** Two operands: seen alike, or one moved and the other broadcast or free to be moved back. */
const binary: Rule<OpKind> = (op, at) => {
  const [a, b] = op.inputs as [TensorId, TensorId];
  const [x, y] = [at.viewOf(a), at.viewOf(b)];
  if (isPlain(x) && isPlain(y)) return false;
  const see = (output: TensorId, like: View) => at.see(op.outputs[0], { ...like, source: output });
  if (seenAlike(x, y)) {
    see(at.emit(op, [x.source, y.source])[0], x);
    return true;
  }
  const out = at.declared(op.outputs[0]).shape;
  for (const [first, lead, other] of [
    [true, x, b],
    [false, y, a],
  ] as const) {
    const arranged = (value: TensorId) => at.emit(op, first ? [lead.source, value] : [value, lead.source])[0];
    if (isPlain(lead) || lead.shape.join() !== out.join()) continue;
    if (isSingleConstant(other, at)) {
      see(arranged(at.settle(reshapedView(at.viewOf(other), []))), lead);
      return true;
    }
    const channels = keepsChannels(lead) ? channelConstant(other, lead.shape.at(-1)!, at) : null;
    if (channels !== null) {
      see(arranged(channels), lead);
      return true;
    }
    const pure = at.asTranspose(lead);
    const value = pure && at.movedBack(other, pure.permutation, true);
    if (!pure || value === null) continue;
    const output = at.emit(op, first ? [pure.source, value] : [value, pure.source]);
    seeTransposed(op, at, output, pure.permutation);
    return true;
  }
  return smallerOperands(op, at, x, y);
};

/** Neither operand has the size of the result, but both are moved alike. */
function smallerOperands(op: Op, at: Sinker, x: View, y: View): boolean {
  const alike = isTranspose(x) && isTranspose(y) && x.permutation.join() === y.permutation.join();
  if (!alike) return false;
  seeTransposed(op, at, at.emit(op, [x.source, y.source]), x.permutation);
  return true;
}

type Reduction = 'mean' | 'sum' | 'reduceMax' | 'reduceMin';

/** A reduction of what drops dimensions of size 1 reduces these as well. */
function reduceUnits(op: Op<Reduction>, at: Sinker): boolean {
  const x = at.viewOf(op.inputs[0]!);
  const kept = droppedUnits(x);
  if (!kept) return false;
  const { axes, keepDims } = op.attrs;
  const reduced = axes.map((axis) => kept[axis]);
  const units = x.sourceShape.map((_, axis) => axis).filter((axis) => !kept.includes(axis));
  const all = (keepDims ? reduced : [...reduced, ...units]).sort((a, b) => a - b);
  const [source] = at.emit(op, [x.source], { axes: all, keepDims });
  at.see(op.outputs[0], reshapedView(at.viewOf(source), at.declared(op.outputs[0]).shape));
  return true;
}

const reduction: Rule<Reduction> = (op, at) => {
  const x = moved(op, at);
  if (!x) return reduceUnits(op, at);
  const { axes, keepDims } = op.attrs;
  const outputs = at.emit(op, [x.source], {
    axes: axes.map((axis) => x.permutation[axis]).sort((a, b) => a - b),
    keepDims,
  });
  if (keepDims) {
    seeTransposed(op, at, outputs, x.permutation);
    return true;
  }
  const dropped = new Set(axes.map((axis) => x.permutation[axis]));
  const kept = x.sourceShape.map((_, axis) => axis).filter((axis) => !dropped.has(axis));
  const order = x.permutation.filter((axis) => !dropped.has(axis)).map((axis) => kept.indexOf(axis));
  seeTransposed(op, at, outputs, order);
  return true;
};

/** Where all inputs drop the same dimensions of size 1, they are joined before that. */
function concatUnits(op: Op<'concat'>, views: readonly View[], at: Sinker): boolean {
  const kept = droppedUnits(views[0]);
  const alike = (x: View) =>
    droppedUnits(x)?.join() === kept?.join() && x.sourceShape.length === views[0].sourceShape.length;
  if (!kept || !views.every(alike)) return false;
  const [source] = at.emit(op, views.map((x) => x.source), { axis: kept[op.attrs.axis] }); // prettier-ignore
  at.see(op.outputs[0], reshapedView(at.viewOf(source), at.declared(op.outputs[0]).shape));
  return true;
}

const concat: Rule<'concat'> = (op, at) => {
  const views = op.inputs.map((id) => at.viewOf(id!));
  if (concatUnits(op, views, at)) return true;
  const lead = views.map((x) => at.asTranspose(x)).find((x) => x !== null);
  if (!lead) return false;
  const inputs = op.inputs.map((id) => at.movedBack(id!, lead.permutation, false));
  if (inputs.some((id) => id === null)) return false;
  const outputs = at.emit(op, inputs, { axis: lead.permutation[op.attrs.axis] });
  seeTransposed(op, at, outputs, lead.permutation);
  return true;
};

const split: Rule<'split'> = (op, at) => {
  const x = moved(op, at);
  if (!x) return false;
  const outputs = at.emit(op, [x.source], { ...op.attrs, axis: x.permutation[op.attrs.axis] });
  seeTransposed(op, at, outputs, x.permutation);
  return true;
};

/**
 * For ops with one value for each dimension in their attributes.
 *
 * @param attrsOf the attributes for the dimensions in this order; −1 stands for one of size 1, which is left alone
 */
function perDimension<K extends OpKind>(attrsOf: (op: Op<K>, order: readonly number[]) => Op<K>['attrs']): Rule<K> {
  return (op, at) => {
    const x = moved(op as Op, at);
    if (!x) {
      const seen = at.viewOf(op.inputs[0]!);
      const kept = droppedUnits(seen);
      if (!kept) return false;
      const order = seen.sourceShape.map((_, axis) => kept.indexOf(axis));
      const [source] = at.emit(op as Op, [seen.source], attrsOf(op, order));
      at.see(op.outputs[0], reshapedView(at.viewOf(source), at.declared(op.outputs[0]).shape));
      return true;
    }
    const attrs = attrsOf(op, inversePermutation(x.permutation)) as Op['attrs'];
    seeTransposed(op as Op, at, at.emit(op as Op, [x.source], attrs), x.permutation);
    return true;
  };
}

const inOrder = <T>(values: readonly T[], order: readonly number[], alone: T): T[] =>
  order.map((i) => (i < 0 ? alone : values[i]));

const stridedSlice: Rule<'stridedSlice'> = (op, at) => {
  const x = moved(op, at);
  if (!x || op.attrs.shrinkAxes.length > 0) return false;
  const order = inversePermutation(x.permutation);
  const { begin, end, strides } = op.attrs;
  const attrs = {
    begin: inOrder(begin, order, 0),
    end: inOrder(end, order, 1),
    strides: inOrder(strides, order, 1),
    shrinkAxes: [],
  };
  seeTransposed(op, at, at.emit(op, [x.source], attrs), x.permutation);
  return true;
};

/** Ops over the last axis, which has to be last in the source as well. */
const lastAxis: Rule<OpKind> = (op, at) => {
  const x = moved(op, at);
  if (!x || x.permutation.at(-1) !== x.permutation.length - 1) return false;
  const inputs = [x.source, ...op.inputs.slice(1).map((id) => id && at.settle(at.viewOf(id)))];
  seeTransposed(op, at, at.emit(op, inputs), x.permutation);
  return true;
};

/** Batch normalization, which is over the channels, and does not care how the values in front of them are arranged. */
const batchNorm: Rule<'batchNorm'> = (op, at) => {
  const x = at.viewOf(op.inputs[0]!);
  if (isPlain(x) || !keepsChannels(x)) return lastAxis(op, at);
  const [source] = at.emit(op, [x.source, ...op.inputs.slice(1)]);
  at.see(op.outputs[0], { ...x, source });
  return true;
};

/** Matrices seen with their last two dimensions swapped are multiplied as such. */
const batchMatMul: Rule<'batchMatMul'> = (op, at) => {
  const [x, y] = op.inputs.map((id) => {
    const seen = at.asTranspose(at.viewOf(id!));
    const rank = seen?.permutation.length ?? 0;
    const swap = [...Array(rank).keys()].map((i) => (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i));
    return seen && seen.permutation.join() === swap.join() ? seen.source : null;
  });
  if (x === null && y === null) return false;
  const { transposeX, transposeY } = op.attrs;
  const attrs = { transposeX: transposeX !== (x !== null), transposeY: transposeY !== (y !== null) };
  const inputs = [x, y].map((source, i) => source ?? at.settle(at.viewOf(op.inputs[i]!)));
  at.copy({ ...op, attrs }, inputs);
  return true;
};

/** A list of positions along one axis. */
const gather: Rule<'gather'> = (op, at) => {
  const [, indices] = op.inputs as [TensorId, TensorId];
  const x = moved(op, at);
  if (!x || at.declared(indices).shape.length !== 1) return false;
  const outputs = at.emit(op, [x.source, at.settle(at.viewOf(indices))], { axis: x.permutation[op.attrs.axis] });
  seeTransposed(op, at, outputs, x.permutation);
  return true;
};

/** A flattened image: the weights take the order of the pixels and channels instead. */
const fullyConnected: Rule<'fullyConnected'> = (op, at) => {
  const x = at.viewOf(op.inputs[0]!);
  if (isReshape(x)) return false;
  const weights = at.tensor(at.settle(at.viewOf(op.inputs[1]!)));
  const [units, inputs] = weights.shape;
  const flat = x.shape.length === 2 && x.shape[1] === inputs;
  const batchFirst = x.permutation[0] === 0 && x.sourceShape[0] === x.shape[0];
  if (!flat || !batchFirst || !weights.data || weights.quant) return op.attrs.keepDims && lastAxis(op, at);
  const positions = Int32Array.from({ length: inputs }, (_, i) => i);
  const sample = x.permutation.slice(1).map((axis) => axis - 1);
  const order = permutedData(positions, x.sourceShape.slice(1), sample);
  const data = weights.data.slice();
  for (let unit = 0; unit < units; unit++)
    for (let i = 0; i < inputs; i++) data[unit * inputs + order[i]] = weights.data[unit * inputs + i];
  const flattened = at.settle({ ...reshapedView(plainView(x.source, x.sourceShape), x.shape), origin: x.origin });
  at.copy(op, [flattened, at.constant(weights.id, data, weights.shape), op.inputs[2] ?? null]);
  return true;
};

export const RULES: Rules = {
  transpose,
  reshape,
  fullyConnected,
  concat,
  split,
  stridedSlice,
  batchMatMul,
  batchNorm,
  gather,
  mean: reduction,
  sum: reduction,
  reduceMax: reduction,
  reduceMin: reduction,
  tile: perDimension<'tile'>(({ attrs }, order) => ({ repeats: inOrder(attrs.repeats, order, 1) })),
  mirrorPad: perDimension<'mirrorPad'>(({ attrs }, order) => ({
    ...attrs,
    paddings: inOrder<Pair>(attrs.paddings, order, [0, 0]),
  })),
  pad: perDimension<'pad'>(({ attrs }, order) => ({
    ...attrs,
    paddings: inOrder<Pair>(attrs.paddings, order, [0, 0]),
  })),
  slice: perDimension<'slice'>(({ attrs }, order) => ({
    begin: inOrder(attrs.begin, order, 0),
    size: inOrder(attrs.size, order, 1),
  })),
};

export const UNARY: ReadonlySet<OpKind> = new Set<OpKind>([
  'relu',
  'relu6',
  'leakyRelu',
  'hardSwish',
  'sigmoid',
  'tanh',
  'elu',
  'reluN1To1',
  'relu0To1',
  'gelu',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'square',
  'abs',
  'neg',
  'cast',
  'identity',
  'quantize',
  'dequantize',
]);
export const BINARY: ReadonlySet<OpKind> = new Set<OpKind>([
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'pow',
  'squaredDifference',
  'prelu',
]);
export const LAST_AXIS: ReadonlySet<OpKind> = new Set<OpKind>(['softmax', 'logSoftmax', 'l2Normalization']);
export const SHARED_RULES: readonly (readonly [ReadonlySet<OpKind>, Rule<OpKind>])[] = [
  [UNARY, unary],
  [BINARY, binary],
  [LAST_AXIS, lastAxis],
];
