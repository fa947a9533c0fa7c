/**
 * Operations that a functional model calls in between its layers: of `keras.ops` since Keras 3 (`x + 3`, `ops.mean(x)`),
 * saved under their module, and functions of TensorFlow in models of tf.keras. Both keep arguments that are no tensors
 * with the call, by position or by name.
 */
import { lookup } from '../../../../base/lookup';
import { BATCH, elementCount, type Shape, type TensorId } from '../../../graph/graph';
import type { OpKind, Pair } from '../../../graph/ops/attrs';
import { Settings } from '../settings';
import { applyActivation } from './activations';
import { valuesOf } from './constants';
import { resultOf, within, type LayerCall, type LayerTable, type LayerTranslator } from './layer';
import { SHAPING_LAYERS } from './shaping';
import { slicing } from './slicing';

type Names = readonly string[];

/** An argument that is no tensor; undefined where it was left out. */
function valueAt({ options, settings }: LayerCall, position: number, names: Names): unknown {
  for (const key of [String(position), ...names]) if (options.has(key)) return options.raw(key);
  return names.map((name) => settings.raw(name)).find((value) => value !== undefined && value !== null);
}

function tensorAt({ inputs, keywords, options }: LayerCall, position: number, names: Names): TensorId | undefined {
  const named = keywords.findIndex((keyword) => keyword !== undefined && names.includes(keyword));
  if (named >= 0) return inputs[named];
  const given = (at: number) => options.raw(String(at)) !== undefined;
  if (given(position)) return undefined;
  const positional = inputs.filter((_, i) => keywords[i] === undefined);
  const others = Array.from({ length: position }, (_, at) => at).filter(given).length;
  return positional[position - others];
}

/** A tensor, or numbers as a constant. */
function operand(layer: LayerCall, position: number, names: Names): TensorId {
  const tensor = tensorAt(layer, position, names);
  if (tensor !== undefined) return tensor;
  const numbers = valuesOf(valueAt(layer, position, names));
  return numbers
    ? layer.constant(numbers.values, numbers.shape)
    : layer.refuse(`argument ${position + 1} is no number`);
}

const first = (layer: LayerCall) => operand(layer, 0, ['x', 'x1', 'input_tensor', 'a', 'input', 'tensor', 't']);

/** Arguments that are no tensors, as settings. */
const named = (layer: LayerCall, position: number, ...names: Names) =>
  new Settings({ [names[0]]: valueAt(layer, position, names) }, layer.name);

function axisAt(layer: LayerCall, rank: number, position: number, fallback?: number): number {
  const axis = named(layer, position, 'axis').int('axis', fallback);
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 1 || positive >= rank) layer.refuse(`it works along axis ${axis} of ${rank}`);
  return positive;
}

function binary(kind: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum'): LayerTranslator {
  return {
    translate: (layer) => {
      const [a, b] = [operand(layer, 0, ['x1', 'x']), operand(layer, 1, ['x2', 'y'])];
      const [p, q] = [layer.shape(a), layer.shape(b)];
      // Shapes are aligned at their ends, where a batch would come to lie upon another dimension.
      if (p.length !== q.length && p[0] === BATCH && q[0] === BATCH)
        layer.refuse(`it takes tensors of ${p.length} and ${q.length} dimensions`);
      return layer.op(kind, [a, b], {});
    },
  };
}

function unary(kind: OpKind & ('exp' | 'log' | 'sqrt' | 'rsqrt' | 'square' | 'abs' | 'neg' | 'sin' | 'cos')) {
  return { translate: (layer: LayerCall) => layer.op(kind, [first(layer)], {}) };
}

const activation = (name: string): LayerTranslator => ({
  translate: (layer) => {
    const x = first(layer);
    const rank = layer.shape(x).length;
    if (['softmax', 'log_softmax'].includes(name) && axisAt(layer, rank, 1, -1) !== rank - 1)
      layer.refuse(`${name} over other than the last axis`);
    if (name === 'gelu')
      return layer.op('gelu', [x], { approximate: named(layer, 1, 'approximate').flag('approximate', true) });
    return applyActivation(layer, x, name);
  },
});

function reduction(kind: 'mean' | 'sum' | 'reduceMax' | 'reduceMin'): LayerTranslator {
  return {
    translate: (layer) => {
      const x = first(layer);
      const rank = layer.shape(x).length;
      if (valueAt(layer, 1, ['axis']) === undefined) layer.refuse('it reduces the batch, too');
      const axes = named(layer, 1, 'axis')
        .ints('axis')
        .map((axis) => (axis < 0 ? axis + rank : axis));
      if (axes.some((axis) => axis < 1 || axis >= rank)) layer.refuse('it reduces the batch, too');
      return layer.op(kind, [x], { axes, keepDims: named(layer, 2, 'keepdims').flag('keepdims', false) });
    },
  };
}

/** Blocks of channels as blocks of pixels, and back. */
function block(kind: 'depthToSpace' | 'spaceToDepth'): LayerTranslator {
  return {
    translate: (layer) => {
      if ((valueAt(layer, 2, ['data_format']) ?? 'NHWC') !== 'NHWC') layer.refuse('channels before pixels');
      return layer.op(kind, [first(layer)], { blockSize: named(layer, 1, 'block_size').int('block_size') });
    },
  };
}

const reshape: LayerTranslator = {
  translate: (layer) => {
    const x = first(layer);
    const [, ...dims] = layer.shape(x);
    const [batch, ...target] = named(layer, 1, 'newshape', 'shape').shape('newshape');
    const known = target.reduce((n, d) => (d === BATCH ? n : n * d), 1);
    const shape = target.map((d) => (d === BATCH ? elementCount(dims) / known : d));
    if (batch !== BATCH || elementCount(shape) !== elementCount(dims)) layer.refuse('it reshapes across the batch');
    return layer.op('reshape', [x], { shape: [BATCH, ...shape] });
  },
};

const withShape = (layer: LayerCall, x: TensorId, shape: Shape) => layer.op('reshape', [x], { shape });

const power: LayerTranslator = {
  translate: (layer) => {
    const x = operand(layer, 0, ['x1', 'x']);
    const exponent = valueAt(layer, 1, ['x2', 'y']);
    if (exponent === 2) return layer.op('square', [x], {});
    return exponent === 0.5 ? layer.op('sqrt', [x], {}) : layer.op('pow', [x, operand(layer, 1, ['x2', 'y'])], {});
  },
};

const clip: LayerTranslator = {
  translate: (layer) => {
    const x = first(layer);
    const low = named(layer, 1, 'x_min', 'clip_value_min').number('x_min');
    const high = named(layer, 2, 'x_max', 'clip_value_max').number('x_max');
    if (low === 0 && high === 6) return layer.op('relu6', [x], {});
    const raised = low === 0 ? layer.op('relu', [x], {}) : layer.op('maximum', [x, layer.constant([low])], {});
    return layer.op('minimum', [raised, layer.constant([high])], {});
  },
};

const split: LayerTranslator = {
  translate: (layer) => {
    const x = first(layer);
    const shape = layer.shape(x);
    const axis = axisAt(layer, shape.length, 2, 0);
    const parts = valueAt(layer, 1, ['indices_or_sections']);
    const size = shape[axis] / Number(parts);
    if (typeof parts !== 'number' || !Number.isInteger(size)) layer.refuse('it splits into unequal parts');
    return layer.ops('split', [x], { axis, sizes: Array<number>(parts as number).fill(size) });
  },
};

const pad: LayerTranslator = {
  translate: (layer) => {
    const x = first(layer);
    const widths = valuesOf(valueAt(layer, 1, ['pad_width']));
    const mode = named(layer, 2, 'mode').text('mode', 'constant');
    const value = valueAt(layer, 3, ['constant_values']) ?? 0;
    if (mode !== 'constant' || typeof value !== 'number' || widths?.shape[0] !== layer.shape(x).length)
      return layer.refuse(`padding of mode "${mode}"`);
    const paddings = layer.shape(x).map((_, i): Pair => [widths.values[2 * i], widths.values[2 * i + 1]]);
    return layer.op('pad', [x], { paddings, value });
  },
};

const resize: LayerTranslator = {
  translate: (layer) => {
    const [height, width] = named(layer, 1, 'size').pair('size');
    const settings = new Settings({ ...layer.settings.values, height, width }, layer.name);
    const resizing = SHAPING_LAYERS.Resizing;
    for (const problem of resizing.problems!(settings, layer.dialect)) layer.refuse(problem);
    return resultOf(within(layer, [first(layer)], { settings }), resizing);
  },
};

/** Operations by the name of their class. */
const OPERATIONS: Readonly<Record<string, LayerTranslator>> = {
  Add: binary('add'),
  Subtract: binary('sub'),
  Multiply: binary('mul'),
  Divide: binary('div'),
  TrueDivide: binary('div'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Power: power,
  Negative: unary('neg'),
  Absolute: unary('abs'),
  Square: unary('square'),
  Sqrt: unary('sqrt'),
  Rsqrt: unary('rsqrt'),
  Exp: unary('exp'),
  Log: unary('log'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Relu: activation('relu'),
  Relu6: activation('relu6'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Silu: activation('silu'),
  Gelu: activation('gelu'),
  Softplus: activation('softplus'),
  HardSigmoid: activation('hard_sigmoid'),
  HardSilu: activation('hard_silu'),
  Softmax: activation('softmax'),
  LogSoftmax: activation('log_softmax'),
  Mean: reduction('mean'),
  Sum: reduction('sum'),
  Max: reduction('reduceMax'),
  Min: reduction('reduceMin'),
  Clip: clip,
  Reshape: reshape,
  Transpose: {
    translate: (layer) => {
      const permutation = named(layer, 1, 'axes', 'perm').ints('axes');
      if (permutation[0] !== 0) layer.refuse('it moves the batch');
      return layer.op('transpose', [first(layer)], { permutation });
    },
  },
  ExpandDims: {
    translate: (layer) => {
      const x = first(layer);
      const shape = layer.shape(x);
      return withShape(layer, x, shape.toSpliced(axisAt(layer, shape.length + 1, 1), 0, 1));
    },
  },
  Squeeze: {
    translate: (layer) => {
      const x = first(layer);
      const shape = layer.shape(x);
      const axis = axisAt(layer, shape.length, 1);
      return shape[axis] === 1 ? withShape(layer, x, shape.toSpliced(axis, 1)) : layer.refuse(`axis ${axis} is no 1`);
    },
  },
  Concatenate: {
    translate: (layer) =>
      layer.op('concat', layer.inputs, { axis: axisAt(layer, layer.shape(layer.inputs[0]).length, 1, -1) }),
  },
  Stack: {
    translate: (layer) =>
      layer.op('pack', layer.inputs, { axis: axisAt(layer, layer.shape(layer.inputs[0]).length + 1, 1) }),
  },
  Matmul: {
    translate: (layer) => {
      const [a, b] = [tensorAt(layer, 0, ['x1', 'a']), tensorAt(layer, 1, ['x2', 'b'])];
      const ranks = [a, b].map((x) => (x === undefined ? 0 : layer.shape(x).length));
      if (a === undefined || b === undefined || ranks[0] !== ranks[1] || ranks[0] < 3)
        return layer.refuse('it is no product of matrices for each sample');
      return layer.op('batchMatMul', [a, b], { transposeX: false, transposeY: false });
    },
  },
  DepthToSpace: block('depthToSpace'),
  SpaceToDepth: block('spaceToDepth'),
  Split: split,
  Pad: pad,
  Resize: resize,
  GetItem: { translate: (layer) => slicing(layer, first(layer), valueAt(layer, 1, ['key', 'slice_spec'])) },
};

/** Functions of TensorFlow that do the same. */
const OF_TENSORFLOW: Readonly<Record<string, keyof typeof OPERATIONS>> = {
  '__operators__.add': 'Add',
  '__operators__.getitem': 'GetItem',
  'math.add': 'Add',
  'math.subtract': 'Subtract',
  'math.multiply': 'Multiply',
  'math.truediv': 'TrueDivide',
  'math.divide': 'TrueDivide',
  'math.maximum': 'Maximum',
  'math.minimum': 'Minimum',
  'math.pow': 'Power',
  'math.negative': 'Negative',
  'math.abs': 'Absolute',
  'math.square': 'Square',
  'math.sqrt': 'Sqrt',
  'math.rsqrt': 'Rsqrt',
  'math.exp': 'Exp',
  'math.log': 'Log',
  'math.reduce_mean': 'Mean',
  'math.reduce_sum': 'Sum',
  'math.reduce_max': 'Max',
  'math.reduce_min': 'Min',
  'math.sigmoid': 'Sigmoid',
  'math.tanh': 'Tanh',
  'nn.relu': 'Relu',
  'nn.relu6': 'Relu6',
  'nn.silu': 'Silu',
  'nn.sigmoid': 'Sigmoid',
  'nn.tanh': 'Tanh',
  'nn.softmax': 'Softmax',
  'nn.depth_to_space': 'DepthToSpace',
  'nn.space_to_depth': 'SpaceToDepth',
  'math.sin': 'Sin',
  'math.cos': 'Cos',
  clip_by_value: 'Clip',
  reshape: 'Reshape',
  expand_dims: 'ExpandDims',
  concat: 'Concatenate',
  stack: 'Stack',
  transpose: 'Transpose',
};

export const OPERATION_LAYERS: LayerTable = Object.fromEntries([
  ...Object.entries(OPERATIONS).map(([name, translator]) => [`ops.${name}`, translator] as const),
  ...Object.entries(OF_TENSORFLOW).map(([name, same]) => [`tf.${name}`, lookup(OPERATIONS, same)!] as const),
]);
