/** Ops of the Graph as nodes that compute the same on real numbers, one row a kind. */
import { BATCH, tensorOf, type TensorId } from '../../../graph/graph';
import type { Op, OpKind, Pair } from '../../../graph/ops/attrs';
import { slideWindow } from '../../../graph/spatial';
import type { AttributeValues, ModelWriter, Order } from './model';
import { convolution, dense, transposedConvolution, type WeightStorage } from './weighted';

/** What a row sees: the op, the order its images are to be in, and how its weights are stored. */
export interface Written<K extends OpKind> {
  readonly w: ModelWriter;
  readonly op: Op<K>;
  readonly order: Order;
  readonly storage: WeightStorage;
  /** Real values of an input. */
  x(index: number): string;
  /** An axis of the Graph, in the order in use. */
  axis(axis: number): number;
}

/** Names of the op's outputs, before a fused activation. */
type Row<K extends OpKind> = (written: Written<K>) => string | readonly string[];

export interface OnnxOpRow<K extends OpKind> {
  /** Which orders of images it takes: that of its inputs, the convolutions' or the Graph's alone. */
  readonly orders: 'any' | Order;
  readonly write: Row<K>;
}

const any = <K extends OpKind>(write: Row<K>): OnnxOpRow<K> => ({ orders: 'any', write });
const images = <K extends OpKind>(write: Row<K>): OnnxOpRow<K> => ({ orders: 'nchw', write });
const graphOrder = <K extends OpKind>(write: Row<K>): OnnxOpRow<K> => ({ orders: 'nhwc', write });

/** A node of the op's inputs as they are. */
const plain = (opType: string, attributes: AttributeValues = {}) =>
  any<OpKind>(({ w, op, x }) =>
    w.node(
      opType,
      op.inputs.map((_, i) => x(i)),
      attributes,
    ),
  );

const clip = (low: number, high: number) =>
  any<OpKind>(({ w, x }) => w.node('Clip', [x(0), w.number(low), w.number(high)]));

/** An operator whose axes became an input in some release. */
function reduction(opType: string, inputSince: number) {
  return any<'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd'>(({ w, op, x, axis }) => {
    const axes = op.attrs.axes.map(axis);
    const keepdims = Number(op.attrs.keepDims);
    // Dropped dimensions leave the others in the order they are in: only images that lose both, or none, may be turned.
    return w.opset >= inputSince
      ? w.node(opType, [x(0), w.integers(axes)], { keepdims })
      : w.node(opType, [x(0)], { axes, keepdims });
  });
}

function pool(opType: 'AveragePool' | 'MaxPool') {
  return images<'averagePool2d' | 'maxPool2d'>(({ w, op, x }) => {
    const [, height, width] = w.shape(op.inputs[0]!);
    const { filter, strides, padding } = op.attrs;
    const [rows, columns] = slideWindow([height, width], filter, strides, [1, 1], padding).pads;
    return w.node(opType, [x(0)], {
      kernel_shape: filter,
      strides,
      pads: [rows[0], columns[0], rows[1], columns[1]],
    });
  });
}

/** Paddings [before, after] by dimension as ONNX lists them: all of the first, then all of the second. */
function padsOf(paddings: readonly Pair[], axis: (axis: number) => number): number[] {
  const moved: Pair[] = [];
  paddings.forEach((pair, i) => (moved[axis(i)] = pair));
  return [...moved.map(([before]) => before), ...moved.map(([, after]) => after)];
}

const FAR = 2 ** 31 - 1;

function slice({ w, op, x, axis }: Written<'slice'>): string {
  const { begin, size } = op.attrs;
  const cut = begin.flatMap((from, i) => (from === 0 && size[i] === -1 ? [] : [i]));
  const ends = cut.map((i) => (size[i] === -1 ? FAR : begin[i] + size[i]));
  return w.node('Slice', [x(0), w.integers(cut.map((i) => begin[i])), w.integers(ends), w.integers(cut.map(axis))]);
}

function stridedSlice({ w, op, x }: Written<'stridedSlice'>): string {
  const { begin, end, strides, shrinkAxes } = op.attrs;
  const open = w.shape(op.inputs[0]!)[0] === BATCH;
  const axes = begin.flatMap((_, i) => (open && i === 0 ? [] : [i]));
  const ends = axes.map((i) => (strides[i] < 0 && end[i] === -1 ? -FAR : end[i]));
  const cut = w.node('Slice', [
    x(0),
    w.integers(axes.map((i) => begin[i])),
    w.integers(ends),
    w.integers(axes),
    w.integers(axes.map((i) => strides[i])),
  ]);
  return shrinkAxes.length === 0 ? cut : w.node('Squeeze', [cut, w.integers([...shrinkAxes])]);
}

function split({ w, op, x, axis }: Written<'split'>): readonly string[] {
  const outputs = op.outputs.map((id) => w.fresh(`${id}_part`));
  w.nodeOf('Split', [x(0), w.integers([...op.attrs.sizes])], outputs, { axis: axis(op.attrs.axis) });
  return outputs;
}

function unpack({ w, op, x }: Written<'unpack'>): readonly string[] {
  const parts = op.outputs.map((id) => w.fresh(`${id}_part`));
  w.nodeOf('Split', [x(0), w.integers(op.outputs.map(() => 1))], parts, { axis: op.attrs.axis });
  return parts.map((part) => w.node('Squeeze', [part, w.integers([op.attrs.axis])]));
}

function batchMatMul({ w, op, x }: Written<'batchMatMul'>): string {
  const turned = (index: number, turn: boolean) => {
    if (!turn) return x(index);
    const rank = w.shape(op.inputs[index]!).length;
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return w.node('Transpose', [x(index)], { perm });
  };
  return w.node('MatMul', [turned(0, op.attrs.transposeX), turned(1, op.attrs.transposeY)]);
}

function gelu({ w, op, x }: Written<'gelu'>): string {
  const half = w.node('Mul', [x(0), w.number(0.5)]);
  if (!op.attrs.approximate) {
    const erf = w.node('Erf', [w.node('Mul', [x(0), w.number(Math.SQRT1_2)])]);
    return w.node('Mul', [half, w.node('Add', [erf, w.number(1)])]);
  }
  const cube = w.node('Mul', [w.node('Mul', [x(0), x(0)]), x(0)]);
  const inner = w.node('Add', [x(0), w.node('Mul', [cube, w.number(0.044715)])]);
  const tanh = w.node('Tanh', [w.node('Mul', [inner, w.number(Math.sqrt(2 / Math.PI))])]);
  return w.node('Mul', [half, w.node('Add', [tanh, w.number(1)])]);
}

/** The Graph has the gates input, forget, candidate, output; ONNX input, output, forget, candidate. */
const ONNX_GATES = [0, 3, 1, 2];
/** Cells cut off here are no other to the hyperbolic tangent that reads them; ONNX has no bound of the cell. */
const UNSEEN_CLIP = 10;

function lstm({ w, op, x }: Written<'lstm'>): readonly string[] {
  const [units, width] = w.shape(op.inputs[1]!) as [number, number];
  const joined = (from: number) =>
    Float32Array.from(
      ONNX_GATES.flatMap((gate) => Array.from(tensorOf(w.graph, op.inputs[from + gate]!).data as Float32Array)),
    );
  const bias = new Float32Array(8 * units); // behind the inputs' stand zeros of the state's
  bias.set(joined(9));
  const inputs = [
    w.node('Transpose', [x(0)], { perm: [1, 0, 2] }),
    w.reals('lstm_weights', joined(1), [1, 4 * units, width]),
    w.reals('lstm_recurrent', joined(5), [1, 4 * units, units]),
    w.reals('lstm_bias', bias, [1, 8 * units]),
  ];
  const steps = w.node('Squeeze', [w.node('LSTM', inputs, { hidden_size: units }), w.integers([1])]);
  const sequence = w.node('Transpose', [steps], { perm: [1, 0, 2] });
  return [sequence, sequence]; // nothing reads the cells
}

function resize(mode: 'linear' | 'nearest') {
  return images<'resizeBilinear' | 'resizeNearest'>(({ w, op, x }) => {
    const { size, alignCorners, halfPixelCenters } = op.attrs;
    const [, height, width] = w.shape(op.inputs[0]!);
    const scales = w.constantScales([1, 1, size[0] / height, size[1] / width]);
    const place = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
    const rounding: AttributeValues =
      // TensorFlow's half-pixel rule rounds (x + ½)·s down, without the half that ONNX takes off: so ties go up here.
      mode === 'nearest' ? { nearest_mode: alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor' } : {};
    return w.node('Resize', [x(0), '', scales], { mode, coordinate_transformation_mode: place, ...rounding });
  });
}

const positions = (opType: string) =>
  any<'argMax' | 'argMin'>(({ w, op, x, axis }) => {
    const found = w.node(opType, [x(0)], { axis: axis(op.attrs.axis), keepdims: 0 });
    return op.attrs.to === 'int64' ? found : w.node('Cast', [found], { to: 6 });
  });

/** TensorProto.DataType of what a cast makes. */
const CAST_TYPES: Readonly<Record<string, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, uint8: 2, int8: 3 };

type Rows = { readonly [K in OpKind]?: OnnxOpRow<K> };

export const ONNX_WRITERS: Rows = {
  conv2d: images(({ w, op, storage }) => convolution(w, op, storage)),
  depthwiseConv2d: images(({ w, op, storage }) => convolution(w, op, storage)),
  transposeConv2d: images(({ w, op, storage }) => transposedConvolution(w, op, storage)),
  fullyConnected: graphOrder(({ w, op, storage }) => dense(w, op, storage)),
  batchMatMul: graphOrder(batchMatMul),
  lstm: graphOrder(lstm),
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  maximum: plain('Max'),
  minimum: plain('Min'),
  pow: plain('Pow'),
  squaredDifference: any(({ w, x }) => {
    const difference = w.node('Sub', [x(0), x(1)]);
    return w.node('Mul', [difference, difference]);
  }),
  floorDiv: any(({ w, x }) => w.node('Floor', [w.node('Div', [x(0), x(1)])])),
  floorMod: any(({ w, x }) => {
    const whole = w.node('Floor', [w.node('Div', [x(0), x(1)])]);
    return w.node('Sub', [x(0), w.node('Mul', [whole, x(1)])]);
  }),
  equal: plain('Equal'),
  notEqual: any(({ w, x }) => w.node('Not', [w.node('Equal', [x(0), x(1)])])),
  less: plain('Less'),
  lessEqual: plain('LessOrEqual'),
  greater: plain('Greater'),
  greaterEqual: plain('GreaterOrEqual'),
  logicalAnd: plain('And'),
  logicalOr: plain('Or'),
  logicalNot: plain('Not'),
  select: plain('Where'),
  relu: plain('Relu'),
  relu6: clip(0, 6),
  reluN1To1: clip(-1, 1),
  relu0To1: clip(0, 1),
  leakyRelu: any(({ w, op, x }) => w.node('LeakyRelu', [x(0)], { alpha: { float: op.attrs.alpha } })),
  prelu: plain('PRelu'),
  elu: plain('Elu'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  hardSwish: any(({ w, x }) => {
    const gate = w.node('HardSigmoid', [x(0)], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    return w.node('Mul', [x(0), gate]);
  }),
  gelu: any(gelu),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  rsqrt: any(({ w, x }) => w.node('Reciprocal', [w.node('Sqrt', [x(0)])])),
  square: any(({ w, x }) => w.node('Mul', [x(0), x(0)])),
  abs: plain('Abs'),
  neg: plain('Neg'),
  floor: plain('Floor'),
  ceil: plain('Ceil'),
  round: plain('Round'),
  sign: plain('Sign'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  softmax: any(({ w, op, x, axis }) => {
    const { beta } = op.attrs;
    const scaled = beta === 1 ? x(0) : w.node('Mul', [x(0), w.number(beta)]);
    return w.node('Softmax', [scaled], { axis: axis(w.shape(op.inputs[0]!).length - 1) });
  }),
  logSoftmax: any(({ w, op, x, axis }) =>
    w.node('LogSoftmax', [x(0)], { axis: axis(w.shape(op.inputs[0]!).length - 1) }),
  ),
  l2Normalization: any(({ w, op, x, axis }) =>
    w.node('LpNormalization', [x(0)], { axis: axis(w.shape(op.inputs[0]!).length - 1), p: 2 }),
  ),
  averagePool2d: pool('AveragePool'),
  maxPool2d: pool('MaxPool'),
  mean: reduction('ReduceMean', 18),
  reduceMax: reduction('ReduceMax', 18),
  reduceMin: reduction('ReduceMin', 18),
  reduceProd: reduction('ReduceProd', 18),
  sum: reduction('ReduceSum', 13),
  argMax: positions('ArgMax'),
  argMin: positions('ArgMin'),
  concat: any(({ w, op, x, axis }) =>
    w.node(
      'Concat',
      op.inputs.map((_, i) => x(i)),
      { axis: axis(op.attrs.axis) },
    ),
  ),
  reshape: graphOrder(({ w, op, x }) => w.node('Reshape', [x(0), w.integers([...op.attrs.shape])])),
  transpose: graphOrder(({ w, op, x }) => w.node('Transpose', [x(0)], { perm: op.attrs.permutation })),
  pad: any(({ w, op, x, axis }) =>
    w.node('Pad', [x(0), w.integers(padsOf(op.attrs.paddings, axis)), w.number(op.attrs.value)]),
  ),
  mirrorPad: any(({ w, op, x, axis }) =>
    w.node('Pad', [x(0), w.integers(padsOf(op.attrs.paddings, axis))], { mode: 'reflect' }),
  ),
  slice: any(slice),
  stridedSlice: graphOrder(stridedSlice),
  split: any(split),
  pack: graphOrder(({ w, op, x }) => {
    const parts = op.inputs.map((_, i) => w.node('Unsqueeze', [x(i), w.integers([op.attrs.axis])]));
    return w.node('Concat', parts, { axis: op.attrs.axis });
  }),
  unpack: graphOrder(unpack),
  gather: graphOrder(({ w, op, x }) => w.node('Gather', [x(0), x(1)], { axis: op.attrs.axis })),
  // Indices are of 64 bits there.
  gatherNd: graphOrder(({ w, x }) => w.node('GatherND', [x(0), w.node('Cast', [x(1)], { to: CAST_TYPES['int64'] })])),
  // A dimension of one leaves that of the input as it is, an open batch among them.
  broadcastTo: graphOrder(({ w, op, x }) =>
    w.node('Expand', [x(0), w.integers(op.attrs.shape.map((d) => (d === BATCH ? 1 : d)))]),
  ),
  reverse: graphOrder(({ w, op, x }) => {
    const { axes } = op.attrs;
    const each = (value: number) => w.integers(axes.map(() => value));
    return w.node('Slice', [x(0), each(-1), each(-FAR), w.integers(axes), each(-1)]);
  }),
  cumsum: graphOrder(({ w, op, x }) => {
    const { axis, exclusive, reverse } = op.attrs;
    return w.node('CumSum', [x(0), w.integers([axis])], { exclusive: Number(exclusive), reverse: Number(reverse) });
  }),
  topK: graphOrder(({ w, op, x }) => {
    const [values, places] = op.outputs.map((id) => w.fresh(`${id}_top`)) as [string, string];
    w.nodeOf('TopK', [x(0), w.integers([op.attrs.k])], [values, places], { axis: -1 });
    return [values, w.node('Cast', [places], { to: CAST_TYPES['int32'] })];
  }),
  tile: graphOrder(({ w, op, x }) => w.node('Tile', [x(0), w.integers([...op.attrs.repeats])])),
  resizeBilinear: resize('linear'),
  resizeNearest: resize('nearest'),
  spaceToDepth: images(({ w, op, x }) => w.node('SpaceToDepth', [x(0)], { blocksize: op.attrs.blockSize })),
  depthToSpace: images(({ w, op, x }) => w.node('DepthToSpace', [x(0)], { blocksize: op.attrs.blockSize })),
  cast: any(({ w, op, x }) => w.node('Cast', [x(0)], { to: CAST_TYPES[op.attrs.to] ?? 1 })),
  identity: plain('Identity'),
};

/** Why an op has no form in ONNX here; undefined where it has. */
export function whyNotInOnnx(op: Op): string | undefined {
  if (!ONNX_WRITERS[op.kind]) return `${op.kind} has no row among the ONNX operators written here`;
  if (op.kind === 'mirrorPad' && op.attrs.mode === 'symmetric') return 'ONNX does not mirror the border itself';
  if (op.kind === 'lstm' && op.attrs.cellClip > 0 && op.attrs.cellClip < UNSEEN_CLIP)
    return 'ONNX does not bound the cell';
  if (op.kind === 'cast' && CAST_TYPES[op.attrs.to] === undefined) return `it casts to ${op.attrs.to}`;
  return undefined;
}

/** Reductions that drop dimensions of images leave those that stay in the Graph's order only where these are few enough. */
export function keepsOrder(op: Op): boolean {
  switch (op.kind) {
    case 'mean':
    case 'sum':
    case 'reduceMax':
    case 'reduceMin':
    case 'reduceProd': {
      const { axes, keepDims } = op.attrs;
      return keepDims || (axes.includes(1) && axes.includes(2)) || axes.length === 3;
    }
    case 'argMax':
    case 'argMin':
      return op.attrs.axis === 3;
    default:
      return true;
  }
}

export const firstReal = (w: ModelWriter, inputs: readonly (TensorId | null)[]) =>
  inputs.find((id): id is TensorId => id !== null && !w.isConstant(id));
