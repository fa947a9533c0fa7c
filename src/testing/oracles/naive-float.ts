/**
 * A float interpreter for tests: nested loops, written to be read and believed, an oracle for the engines and passes.
 * Sums in float64, stores float32. It shares no arithmetic with the code under test beyond declared output shapes.
 *
 * Quantized graphs run too, in real numbers: constants are dequantized, `quantize` rounds to its output's grid, and
 * other ops do not round.
 */
import { withBatch, type Graph, type Tensor, type TensorId } from '../../core/graph/graph';
import type { FusedActivation, Op, OpKind } from '../../core/graph/ops/attrs';
import { at, broadcastAt, fill, sum, type NaiveTensor } from './naive/array';
import * as layout from './naive/layout';
import * as orders from './naive/orders';
import * as products from './naive/products';
import * as recurrent from './naive/recurrent';
import * as windows from './naive/windows';

export type { NaiveTensor } from './naive/array';

interface Call<K extends OpKind> {
  readonly op: Op<K>;
  /** Inputs that are there, by position. */
  readonly x: readonly NaiveTensor[];
  readonly optional: (index: number) => NaiveTensor | null;
  /** Shapes of the outputs. */
  readonly shapes: number[][];
  readonly outputs: readonly Tensor[];
}
type Kernel<K extends OpKind> = (call: Call<K>) => NaiveTensor | NaiveTensor[];

/** Each value by itself. */
function each<K extends OpKind>(f: (v: number, op: Op<K>) => number): Kernel<K> {
  return ({ op, x: [x] }) => ({ shape: x.shape, data: x.data.map((v) => f(v, op)) });
}

function pairwise<K extends OpKind>(f: (a: number, b: number) => number): Kernel<K> {
  return ({ x: [a, b], shapes }) => fill(shapes[0], (i) => f(broadcastAt(a, i), broadcastAt(b, i)));
}

/** Values along the reduced axes gathered for each index of the result. */
function reduce(
  f: (values: readonly number[]) => number,
): Kernel<'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd' | 'reduceAny' | 'reduceAll'> {
  return ({ op, x: [x], shapes }) => {
    const { axes, keepDims } = op.attrs;
    const extent = x.shape.map((d, axis) => (axes.includes(axis) ? d : 1));
    return fill(shapes[0], (index) => {
      const kept = index.values();
      const base = x.shape.map((_, axis) => (keepDims || !axes.includes(axis) ? kept.next().value! : 0));
      const values: number[] = [];
      fill(extent, (step) => {
        values.push(
          at(
            x,
            base.map((b, axis) => b + step[axis]),
          ),
        );
        return 0;
      });
      return f(values);
    });
  };
}

function softmax({ op, x: [x] }: Call<'softmax'>): NaiveTensor {
  const classes = x.shape.at(-1)!;
  const data = new Float32Array(x.data.length);
  for (let row = 0; row < data.length; row += classes) {
    const values = [...x.data.subarray(row, row + classes)].map((v) => v * op.attrs.beta);
    const largest = Math.max(...values);
    const powers = values.map((v) => Math.exp(v - largest));
    const total = powers.reduce((a, b) => a + b, 0);
    powers.forEach((p, i) => (data[row + i] = p / total));
  }
  return { shape: x.shape, data };
}

/** Each row along the last axis as a whole. */
function rows(f: (row: readonly number[]) => readonly number[]): Kernel<'logSoftmax' | 'l2Normalization'> {
  return ({ x: [x] }) => {
    const length = x.shape.at(-1)!;
    const data = new Float32Array(x.data.length);
    for (let at = 0; at < data.length; at += length) data.set(f([...x.data.subarray(at, at + length)]), at);
    return { shape: x.shape, data };
  };
}

function fullyConnected({ x: [x, weights], optional, shapes }: Call<'fullyConnected'>): NaiveTensor {
  const [units, inputs] = weights.shape as [number, number];
  const data = new Float32Array((x.data.length / inputs) * units);
  for (let i = 0; i < data.length; i++) {
    const [row, unit] = [Math.floor(i / units), i % units];
    const dot = sum(inputs, (k) => x.data[row * inputs + k] * weights.data[unit * inputs + k]);
    data[i] = dot + (optional(2)?.data[unit] ?? 0);
  }
  return { shape: shapes[0], data };
}

function batchNorm({ op, x: [x], optional }: Call<'batchNorm'>): NaiveTensor {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => optional(i)?.data);
  const channels = x.shape.at(-1)!;
  const normalized = x.data.map((v, i) => {
    const c = i % channels;
    const unit = (v - mean![c]) / Math.sqrt(variance![c] + op.attrs.epsilon);
    return unit * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0);
  });
  return { shape: x.shape, data: normalized };
}

/** Rounds to the grid of the output's parameters, halves to even as XNNPACK does. */
function quantize({ x: [x], outputs: [output] }: Call<'quantize'>): NaiveTensor {
  const { scale, zeroPoint } = output.quant!;
  const [s, z] = [scale[0], zeroPoint[0]];
  const [lo, hi] = output.dtype === 'uint8' ? [0, 255] : output.dtype === 'int16' ? [-32768, 32767] : [-128, 127];
  const toEven = (v: number) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  const real = x.data.map((v) => (Math.min(Math.max(toEven(v / s) + z, lo), hi) - z) * s);
  return { shape: x.shape, data: real };
}

const relu = (v: number) => Math.max(v, 0);
const relu6 = (v: number) => Math.min(Math.max(v, 0), 6);

const FUSED: Record<FusedActivation, (v: number) => number> = {
  none: (v) => v,
  relu,
  relu6,
  reluN1To1: (v) => Math.min(Math.max(v, -1), 1),
};

const KERNELS: { readonly [K in OpKind]: Kernel<K> } = {
  conv2d: ({ op, x: [x, w], optional, shapes }) => windows.conv2d(op, x, w, optional(2), shapes[0]),
  depthwiseConv2d: ({ op, x: [x, w], optional, shapes }) => windows.depthwiseConv2d(op, x, w, optional(2), shapes[0]),
  transposeConv2d: ({ op, x: [x, w], optional, shapes }) => windows.transposeConv2d(op, x, w, optional(2), shapes[0]),
  fullyConnected,
  batchNorm,
  lstm: ({ op, x, shapes }) => recurrent.lstm(op, x, shapes[0]),
  add: pairwise((a, b) => a + b),
  sub: pairwise((a, b) => a - b),
  mul: pairwise((a, b) => a * b),
  div: pairwise((a, b) => a / b),
  maximum: pairwise(Math.max),
  minimum: pairwise(Math.min),
  pow: pairwise(Math.pow),
  squaredDifference: pairwise((a, b) => (a - b) ** 2),
  floorDiv: pairwise((a, b) => Math.floor(a / b)),
  floorMod: pairwise((a, b) => a - b * Math.floor(a / b)),
  equal: pairwise((a, b) => Number(a === b)),
  notEqual: pairwise((a, b) => Number(a !== b)),
  less: pairwise((a, b) => Number(a < b)),
  lessEqual: pairwise((a, b) => Number(a <= b)),
  greater: pairwise((a, b) => Number(a > b)),
  greaterEqual: pairwise((a, b) => Number(a >= b)),
  logicalAnd: pairwise((a, b) => Number(a !== 0 && b !== 0)),
  logicalOr: pairwise((a, b) => Number(a !== 0 || b !== 0)),
  logicalNot: each((v) => Number(v === 0)),
  select: ({ x: [condition, a, b], shapes }) =>
    fill(shapes[0], (i) => broadcastAt(broadcastAt(condition, i) !== 0 ? a : b, i)),
  batchMatMul: ({ op, x: [a, b], shapes }) => products.batchMatMul(op, a, b, shapes[0]),
  gather: ({ op, x: [x, indices], shapes }) => layout.gather(op, x, indices, shapes[0]),
  gatherNd: ({ x: [x, indices], shapes }) => layout.gatherNd(x, indices, shapes[0]),
  broadcastTo: ({ x: [x], shapes }) => fill(shapes[0], (i) => broadcastAt(x, i)),
  reverse: ({ op, x: [x], shapes }) => layout.reverse(op, x, shapes[0]),
  tile: ({ x: [x], shapes }) => layout.tile(x, shapes[0]),
  pack: ({ op, x, shapes }) => layout.pack(op, x, shapes[0]),
  unpack: ({ op, x: [x], shapes }) => layout.unpack(op, x, shapes),
  concat: ({ op, x, shapes }) => layout.concat(op, x, shapes[0]),
  split: ({ op, x: [x], shapes }) => layout.split(op, x, shapes),
  averagePool2d: ({ op, x: [x], shapes }) => windows.pool(op, x, shapes[0]),
  maxPool2d: ({ op, x: [x], shapes }) => windows.pool(op, x, shapes[0]),
  mean: reduce((values) => values.reduce((a, b) => a + b, 0) / values.length),
  reduceMax: reduce((values) => values.reduce((a, b) => Math.max(a, b))),
  reduceMin: reduce((values) => values.reduce((a, b) => Math.min(a, b))),
  sum: reduce((values) => values.reduce((a, b) => a + b, 0)),
  reduceProd: reduce((values) => values.reduce((a, b) => a * b, 1)),
  reduceAny: reduce((values) => Number(values.some((v) => v !== 0))),
  reduceAll: reduce((values) => Number(values.every((v) => v !== 0))),
  cumsum: ({ op, x: [x] }) => orders.cumsum(op, x),
  argMax: ({ op, x: [x], shapes }) => orders.position(op, x, shapes[0], (a, b) => a > b),
  argMin: ({ op, x: [x], shapes }) => orders.position(op, x, shapes[0], (a, b) => a < b),
  topK: ({ x: [x], shapes }) => orders.topK(x, shapes[0]),
  reshape: ({ x: [x], shapes }) => ({ shape: shapes[0], data: x.data }),
  identity: each((v) => v),
  pad: ({ op, x: [x], shapes }) => layout.pad(op, x, shapes[0]),
  mirrorPad: ({ op, x: [x], shapes }) => layout.mirrorPad(op, x, shapes[0]),
  transpose: ({ op, x: [x], shapes }) => layout.transpose(op, x, shapes[0]),
  slice: ({ op, x: [x], shapes }) => layout.slice(op, x, shapes[0]),
  stridedSlice: ({ op, x: [x], shapes }) => layout.stridedSlice(op, x, shapes[0]),
  spaceToDepth: ({ op, x: [x], shapes }) => layout.spaceToDepth(op, x, shapes[0]),
  depthToSpace: ({ op, x: [x], shapes }) => layout.depthToSpace(op, x, shapes[0]),
  spaceToBatch: ({ op, x: [x], shapes }) => layout.spaceToBatch(op, x, shapes[0]),
  batchToSpace: ({ op, x: [x], shapes }) => layout.batchToSpace(op, x, shapes[0]),
  resizeBilinear: ({ op, x: [x], shapes }) => windows.resizeBilinear(op, x, shapes[0]),
  resizeNearest: ({ op, x: [x], shapes }) => windows.resizeNearest(op, x, shapes[0]),
  softmax,
  sigmoid: each((v) => 1 / (1 + Math.exp(-v))),
  tanh: each((v) => Math.tanh(v)),
  relu: each(relu),
  relu6: each(relu6),
  leakyRelu: each((v, { attrs }) => (v < 0 ? v * attrs.alpha : v)),
  prelu: pairwise((v, alpha) => (v < 0 ? v * alpha : v)),
  hardSwish: each((v) => (v * relu6(v + 3)) / 6),
  elu: each((v) => (v < 0 ? Math.expm1(v) : v)),
  reluN1To1: each(FUSED.reluN1To1),
  relu0To1: each((v) => Math.min(Math.max(v, 0), 1)),
  gelu: each(products.gelu),
  logSoftmax: rows((row) => {
    const most = row.reduce((a, v) => Math.max(a, v));
    const total = row.reduce((a, v) => a + Math.exp(v - most), 0);
    return row.map((v) => v - most - Math.log(total));
  }),
  l2Normalization: rows((row) => {
    const norm = Math.max(Math.sqrt(row.reduce((a, v) => a + v * v, 0)), 1e-6);
    return row.map((v) => v / norm);
  }),
  exp: each((v) => Math.exp(v)),
  log: each((v) => Math.log(v)),
  sqrt: each((v) => Math.sqrt(v)),
  rsqrt: each((v) => 1 / Math.sqrt(v)),
  square: each((v) => v * v),
  abs: each((v) => Math.abs(v)),
  neg: each((v) => -v),
  floor: each(Math.floor),
  ceil: each(Math.ceil),
  round: each((v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))),
  sign: each(Math.sign),
  sin: each(Math.sin),
  cos: each(Math.cos),
  cast: each((v, { attrs }) => (attrs.to === 'float32' ? v : Math.trunc(v))),
  opaque: ({ op }) => {
    throw new Error(`${op.attrs.operator} is not computed`);
  },
  quantize,
  dequantize: each((v) => v),
};

/** A constant's real values. */
function constantOf({ shape, data, quant }: Tensor): NaiveTensor {
  const numbers = Float32Array.from(data as ArrayLike<number | bigint>, Number);
  if (!quant) return { shape, data: numbers };
  const { scale, zeroPoint, quantizedDimension } = quant;
  const inner = shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1);
  const real = numbers.map((q, i) => {
    const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    return scale[channel] * (q - zeroPoint[channel]);
  });
  return { shape, data: real };
}

/**
 * Every tensor of a validated graph: constants, inputs and what each op computes.
 *
 * @param inputs graph input → `batch` samples, row-major, batch outermost
 */
export function runNaive(
  graph: Graph,
  inputs: ReadonlyMap<TensorId, Float32Array>,
  batch: number,
): Map<TensorId, NaiveTensor> {
  const values = new Map<TensorId, NaiveTensor>();
  for (const tensor of graph.tensors.values()) if (tensor.data) values.set(tensor.id, constantOf(tensor));
  for (const id of graph.inputs) {
    const shape = withBatch(graph.tensors.get(id)!.shape, batch);
    const data = inputs.get(id);
    const wanted = shape.reduce((n, d) => n * d, 1);
    if (data?.length !== wanted) throw new RangeError(`input "${id}" needs ${wanted} values, got ${data?.length}`);
    values.set(id, { shape, data });
  }
  for (const op of graph.ops) {
    const optional = (index: number) => {
      const id = op.inputs[index];
      return id === null || id === undefined ? null : values.get(id)!;
    };
    const outputs = op.outputs.map((id) => graph.tensors.get(id)!);
    const shapes = outputs.map(({ shape }) => withBatch(shape, batch));
    const x = op.inputs.map((_, index) => optional(index)!);
    const kernel = KERNELS[op.kind] as unknown as Kernel<OpKind>;
    const results = [kernel({ op, x, optional, shapes, outputs })].flat();
    op.outputs.forEach((id, i) => {
      const { shape, data } = results[i];
      values.set(id, { shape, data: op.activation === 'none' ? data : data.map(FUSED[op.activation]) });
    });
  }
  return values;
}
