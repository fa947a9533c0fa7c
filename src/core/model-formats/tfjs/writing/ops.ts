/** Ops of the Graph as operations of TensorFlow, which TensorFlow.js runs: one row a kind. */
import { BATCH, tensorOf } from '../../../graph/graph';
import type { Op, OpKind } from '../../../graph/ops/attrs';
import { conv2d, dense, depthwise, transposed } from './layers';
import { flag, int, text, type, typeNameOf, type GraphModelWriter } from './nodes';
import {
  chain,
  clamped,
  cut,
  FLOAT,
  IMAGES,
  joined,
  outputsOf,
  square,
  WHOLE,
  window,
  type GraphModelRow,
} from './steps';

type Row<K extends OpKind> = GraphModelRow<K>;
type Rows = { readonly [K in OpKind]?: Row<K> };

const plain =
  (name: string): Row<OpKind> =>
  (w, op, x) =>
    w.step(
      name,
      op.outputs[0],
      op.inputs.map((_, i) => x(i)),
      FLOAT,
    );

const pool =
  (name: 'MaxPool' | 'AvgPool'): Row<'maxPool2d' | 'averagePool2d'> =>
  (w, op, x) =>
    w.step(name, op.outputs[0], [x(0)], {
      ksize: square(op.attrs.filter),
      strides: square(op.attrs.strides),
      ...window(op.attrs.padding),
    });

const reduction =
  (name: string): Row<'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd' | 'reduceAny' | 'reduceAll'> =>
  (w, op, x) =>
    w.step(name, op.outputs[0], [x(0), w.integers(op.attrs.axes)], {
      keep_dims: flag(op.attrs.keepDims),
      Tidx: type('DT_INT32'),
      ...FLOAT,
    });

/** Operations whose second operand, whole numbers, says along what or how often. */
const along =
  (name: string, values: (op: Op) => readonly number[], attr: object = {}): Row<OpKind> =>
  (w, op, x) =>
    w.step(name, op.outputs[0], [x(0), w.integers(values(op))], { ...FLOAT, ...attr });

const resized =
  (name: string): Row<'resizeBilinear' | 'resizeNearest'> =>
  (w, op, x) => {
    const { size, alignCorners, halfPixelCenters } = op.attrs;
    return w.step(name, op.outputs[0], [x(0), w.integers(size)], {
      ...FLOAT,
      align_corners: flag(alignCorners),
      half_pixel_centers: flag(halfPixelCenters),
    });
  };

const position =
  (name: string): Row<'argMax' | 'argMin'> =>
  (w, op, x) =>
    w.step(name, op.outputs[0], [x(0), w.integers([op.attrs.axis], [])], {
      ...FLOAT,
      Tidx: type('DT_INT32'),
      output_type: type('DT_INT32'),
    });

/** Bits of the dimensions whose begin or end is open. */
const mask = (open: (dimension: number) => boolean, rank: number) =>
  int(Array.from({ length: rank }, (_, d) => (open(d) ? 1 << d : 0)).reduce((all, bit) => all | bit, 0));

const stridedSlice: Row<'stridedSlice'> = (w, op, x) => {
  const { begin, end, strides, shrinkAxes } = op.attrs;
  const batch = (d: number) => d === 0 && tensorOf(w.graph, op.inputs[0]!).shape[0] === BATCH;
  return w.step('StridedSlice', op.outputs[0], [x(0), w.integers(begin), w.integers(end), w.integers(strides)], {
    ...WHOLE,
    ...FLOAT,
    begin_mask: mask(batch, begin.length),
    end_mask: mask((d) => batch(d) || (strides[d] < 0 && end[d] === -1), begin.length),
    shrink_axis_mask: mask((d) => shrinkAxes.includes(d), begin.length),
    ellipsis_mask: int(0),
    new_axis_mask: int(0),
  });
};

/** Rows and columns of each block moved behind the channels. */
const spaceToDepth: Row<'spaceToDepth'> = (w, op, x) => {
  const { blockSize: b } = op.attrs;
  const [, height, width, depth] = tensorOf(w.graph, op.inputs[0]!).shape as readonly [number, number, number, number];
  const shaped = (from: string, shape: readonly number[]) =>
    w.step('Reshape', op.outputs[0], [from, w.integers(shape)], { ...FLOAT, Tshape: type('DT_INT32') });
  const blocks = shaped(x(0), [-1, height / b, b, width / b, b, depth]);
  const turned = w.step('Transpose', op.outputs[0], [blocks, w.integers([0, 1, 3, 2, 4, 5])], {
    ...FLOAT,
    Tperm: type('DT_INT32'),
  });
  return shaped(turned, [-1, height / b, width / b, depth * b * b]);
};

const gelu: Row<'gelu'> = (w, op, x) =>
  chain(w, op, (of, n) => {
    const half = of('Mul', x(0), n(0.5));
    if (!op.attrs.approximate) return of('Mul', half, of('AddV2', of('Erf', of('Mul', x(0), n(Math.SQRT1_2))), n(1)));
    const cube = of('Mul', of('Mul', x(0), x(0)), x(0));
    const inner = of('Mul', of('AddV2', x(0), of('Mul', cube, n(0.044715))), n(Math.sqrt(2 / Math.PI)));
    return of('Mul', half, of('AddV2', of('Tanh', inner), n(1)));
  });

/** Where LiteRT's kernel keeps the norm of all but zero vectors from dividing by nothing. */
const SMALLEST_NORM = 1e-6;

const l2Normalization: Row<'l2Normalization'> = (w, op, x) => {
  const last = tensorOf(w.graph, op.inputs[0]!).shape.length - 1;
  const squares = w.step('Square', op.outputs[0], [x(0)], FLOAT);
  const attr = { keep_dims: flag(true), Tidx: type('DT_INT32'), ...FLOAT };
  const total = w.step('Sum', op.outputs[0], [squares, w.integers([last])], attr);
  return chain(w, op, (of, n) => of('Mul', x(0), of('Rsqrt', of('Maximum', total, n(SMALLEST_NORM ** 2)))));
};

export const GRAPH_MODEL_ROWS: Rows = {
  conv2d,
  depthwiseConv2d: depthwise,
  transposeConv2d: transposed,
  fullyConnected: dense,
  batchMatMul: (w, op, x) =>
    w.step('BatchMatMulV2', op.outputs[0], [x(0), x(1)], {
      adj_x: flag(op.attrs.transposeX),
      adj_y: flag(op.attrs.transposeY),
      ...FLOAT,
    }),
  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  pow: plain('Pow'),
  maximum: plain('Maximum'),
  minimum: plain('Minimum'),
  squaredDifference: plain('SquaredDifference'),
  floorDiv: plain('FloorDiv'),
  floorMod: plain('FloorMod'),
  equal: plain('Equal'),
  notEqual: plain('NotEqual'),
  less: plain('Less'),
  lessEqual: plain('LessEqual'),
  greater: plain('Greater'),
  greaterEqual: plain('GreaterEqual'),
  logicalAnd: plain('LogicalAnd'),
  logicalOr: plain('LogicalOr'),
  logicalNot: plain('LogicalNot'),
  select: plain('SelectV2'),
  relu: plain('Relu'),
  relu6: plain('Relu6'),
  reluN1To1: (w, op, x) => clamped(w, op.outputs[0], x(0), -1, 1),
  relu0To1: (w, op, x) => clamped(w, op.outputs[0], x(0), 0, 1),
  leakyRelu: (w, op, x) => w.step('LeakyRelu', op.outputs[0], [x(0)], { alpha: { f: op.attrs.alpha }, ...FLOAT }),
  prelu: plain('Prelu'),
  elu: plain('Elu'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  hardSwish: (w, op, x) =>
    chain(w, op, (of, n) => of('Mul', of('Mul', x(0), of('Relu6', of('AddV2', x(0), n(3)))), n(1 / 6))),
  gelu,
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  rsqrt: plain('Rsqrt'),
  square: plain('Square'),
  abs: plain('Abs'),
  neg: plain('Neg'),
  floor: plain('Floor'),
  ceil: plain('Ceil'),
  round: plain('Round'),
  sign: plain('Sign'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  softmax: (w, op, x) => {
    const { beta } = op.attrs;
    const scaled = beta === 1 ? x(0) : w.step('Mul', op.outputs[0], [x(0), w.number(beta)], FLOAT);
    return w.step('Softmax', op.outputs[0], [scaled], FLOAT);
  },
  logSoftmax: plain('LogSoftmax'),
  l2Normalization,
  maxPool2d: pool('MaxPool'),
  averagePool2d: pool('AvgPool'),
  mean: reduction('Mean'),
  sum: reduction('Sum'),
  reduceMax: reduction('Max'),
  reduceMin: reduction('Min'),
  reduceProd: reduction('Prod'),
  reduceAny: reduction('Any'),
  reduceAll: reduction('All'),
  cumsum: (w, op, x) =>
    w.step('Cumsum', op.outputs[0], [x(0), w.integers([op.attrs.axis], [])], {
      exclusive: flag(op.attrs.exclusive),
      reverse: flag(op.attrs.reverse),
      ...FLOAT,
    }),
  argMax: position('ArgMax'),
  argMin: position('ArgMin'),
  topK: (w, op, x) =>
    outputsOf(
      w.step('TopKV2', op.outputs[0], [x(0), w.integers([op.attrs.k], [])], { sorted: flag(true), ...FLOAT }),
      2,
    ),
  reshape: along('Reshape', (op) => (op as Op<'reshape'>).attrs.shape, { Tshape: type('DT_INT32') }),
  transpose: along('Transpose', (op) => (op as Op<'transpose'>).attrs.permutation, { Tperm: type('DT_INT32') }),
  reverse: along('ReverseV2', (op) => (op as Op<'reverse'>).attrs.axes, { Tidx: type('DT_INT32') }),
  tile: along('Tile', (op) => (op as Op<'tile'>).attrs.repeats, { Tmultiples: type('DT_INT32') }),
  resizeBilinear: resized('ResizeBilinear'),
  resizeNearest: resized('ResizeNearestNeighbor'),
  concat: (w, op, x) =>
    joined(
      w,
      op.outputs[0],
      op.inputs.map((_, i) => x(i)),
      op.attrs.axis,
    ),
  pack: (w, op, x) =>
    w.step(
      'Pack',
      op.outputs[0],
      op.inputs.map((_, i) => x(i)),
      { N: int(op.inputs.length), axis: int(op.attrs.axis), ...FLOAT },
    ),
  unpack: (w, op, x) => {
    const attr = { num: int(op.outputs.length), axis: int(op.attrs.axis), ...FLOAT };
    return outputsOf(w.step('Unpack', op.outputs[0], [x(0)], attr), op.outputs.length);
  },
  split: (w, op, x) => cut(w, op.outputs[0], x(0), op.attrs.sizes, op.attrs.axis),
  gather: (w, op, x) =>
    w.step('GatherV2', op.outputs[0], [x(0), x(1), w.integers([op.attrs.axis], [])], {
      batch_dims: int(0),
      Tparams: type(),
      Tindices: type('DT_INT32'),
      Taxis: type('DT_INT32'),
    }),
  gatherNd: plain('GatherNd'),
  pad: (w, op, x) => {
    const { paddings, value } = op.attrs;
    const inputs = [x(0), w.integers(paddings.flat(), [paddings.length, 2]), w.number(value)];
    return w.step('PadV2', op.outputs[0], inputs, { ...FLOAT, Tpaddings: type('DT_INT32') });
  },
  mirrorPad: (w, op, x) => {
    const { paddings, mode } = op.attrs;
    return w.step('MirrorPad', op.outputs[0], [x(0), w.integers(paddings.flat(), [paddings.length, 2])], {
      ...FLOAT,
      Tpaddings: type('DT_INT32'),
      mode: text(mode.toUpperCase()),
    });
  },
  slice: (w, op, x) =>
    w.step('Slice', op.outputs[0], [x(0), w.integers(op.attrs.begin), w.integers(op.attrs.size)], {
      ...FLOAT,
      Index: type('DT_INT32'),
    }),
  stridedSlice,
  spaceToDepth,
  depthToSpace: (w, op, x) =>
    w.step('DepthToSpace', op.outputs[0], [x(0)], { block_size: int(op.attrs.blockSize), ...IMAGES, ...FLOAT }),
  spaceToBatch: (w, op, x) => {
    const { block, paddings } = op.attrs;
    return w.step(
      'SpaceToBatchND',
      op.outputs[0],
      [x(0), w.integers(block), w.integers(paddings.flat(), [paddings.length, 2])],
      FLOAT,
    );
  },
  batchToSpace: (w, op, x) => {
    const { block, crops } = op.attrs;
    return w.step(
      'BatchToSpaceND',
      op.outputs[0],
      [x(0), w.integers(block), w.integers(crops.flat(), [crops.length, 2])],
      FLOAT,
    );
  },
  cast: (w, op, x) => {
    const from = tensorOf(w.graph, op.inputs[0]!).dtype;
    const attr = { SrcT: type(typeNameOf(from)), DstT: type(typeNameOf(op.attrs.to)) };
    return w.step('Cast', op.outputs[0], [x(0)], attr);
  },
  identity: plain('Identity'),
};

/** Why an op has no form in a GraphModel here; undefined where it has. */
export function whyNotInGraphModel(op: Op): string | undefined {
  return GRAPH_MODEL_ROWS[op.kind]
    ? undefined
    : `${op.kind} has no row among the operations of TensorFlow.js written here`;
}

/** The activation that an op applies to its own output. */
export function activated(w: GraphModelWriter, { activation, outputs }: Op, name: string): string {
  switch (activation) {
    case 'none':
      return name;
    case 'relu':
      return w.step('Relu', name, [name], FLOAT);
    case 'relu6':
      return w.step('Relu6', name, [name], FLOAT);
    case 'reluN1To1':
      return clamped(w, outputs[0], name, -1, 1);
  }
}
