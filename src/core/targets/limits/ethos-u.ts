/**
 * What keeps an operator off an Ethos-U, as Vela 5.2.0 reports it (`vela --supported-ops-report`). It then runs on the CPU
 * beside the NPU; a file is refused by nothing here.
 */
import type { OperatorFacts, TensorFacts } from '../file-facts';
import type { Constraint } from '../target';
import {
  biasOf,
  dataInput,
  featureMaps,
  isFloat,
  largestWeightSum,
  padsSame,
  tensors,
  WEIGHTED,
  weightsOf,
  words,
} from './checks';

const SOURCE = 'Vela 5.2.0, --supported-ops-report';

const U55_OPERATORS = words(`
  ABS ADD ARG_MAX AVERAGE_POOL_2D BATCH_MATMUL CONCATENATION CONV_2D DEPTHWISE_CONV_2D ELU EXP EXPAND_DIMS FULLY_CONNECTED
  GELU HARD_SWISH LEAKY_RELU LOG LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG PACK PAD PADV2 PRELU QUANTIZE
  REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REVERSE_V2 RSQRT
  SLICE SOFTMAX SPLIT SPLIT_V SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH TILE TRANSPOSE TRANSPOSE_CONV
  UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK
`);

const U85_OPERATORS = new Set([
  ...U55_OPERATORS,
  ...words(`
    ASSIGN_VARIABLE CAST DIV EQUAL GATHER GREATER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND LOGICAL_NOT LOGICAL_OR NOT_EQUAL
    READ_VARIABLE REDUCE_ALL REDUCE_ANY SCATTER_ND SELECT SELECT_V2
  `),
]);

/** These move values about without reading them, and need no scales. */
const UNSCALED = words('ARG_MAX EXPAND_DIMS MIRROR_PAD PAD PADV2 QUANTIZE TRANSPOSE');

/** All but those that copy, and the sums that the NPU does in 32 bits. */
const WIDE = words(
  'ADD ARG_MAX EXPAND_DIMS FULLY_CONNECTED MUL NEG RESHAPE SQUEEZE SUB SUM TRANSPOSE UNPACK BATCH_MATMUL',
);

const WITH_PARAMETERS = words('MEAN MIRROR_PAD PAD PADV2 SLICE STRIDED_SLICE TRANSPOSE');

const POOLS = words('AVERAGE_POOL_2D MAX_POOL_2D');

const MOST_WEIGHT_SUM = 127 * 65536;
const MOST_WEIGHT_SUM_16_BIT_U85 = 2_130_706_432;
const MOST_KERNEL = 256;
const MOST_KERNEL_SAME = 8;

const MEAN_ELEMENTS = new Map([
  ['int8', 16_777_216],
  ['uint8', 8_388_608],
  ['int16', 65_536],
]);

type Check = Constraint['check'];

/** What Vela itself has compiled: all of it runs on the NPU. */
const COMPILED = 'CUSTOM NPU_OP';

const row = (rule: string, operators: ReadonlySet<string> | undefined, check: Check): Constraint => ({
  rule: `ethos-u/${rule}`,
  severity: 'warning',
  source: SOURCE,
  ...(operators && { operators }),
  check: (op, file) => (op.name === COMPILED ? null : check(op, file)),
});

const supported = (operators: ReadonlySet<string>) =>
  row('operator', undefined, ({ name }) =>
    operators.has(name) ? null : `The NPU has no ${name}; it runs on the CPU.`,
  );

function types(allowed: ReadonlySet<string>): Constraint {
  const limit = row('type', undefined, (op) => {
    const odd = featureMaps(op).find(({ type }) => !allowed.has(type));
    return odd ? `"${odd.name}" is ${odd.type}; the NPU computes ${[...allowed].join(', ')}.` : null;
  });
  return { ...limit, fix: { label: 'int8 throughout, inputs and outputs included', options: ['--io', 'int8'] } };
}

const constantShapes = row('open-shape', undefined, (op) => {
  const open = tensors(op).find(({ openShape }) => openShape);
  return open ? `"${open.name}" leaves a dimension open besides the first.` : null;
});

/** Of whole numbers without a scale, too: the U85 computes 32 bits, but not of tensors that say nothing of their grid. */
const scaled = row('scales', undefined, (op) => {
  if (UNSCALED.has(op.name) || op.name === 'RESHAPE' || op.name === 'SQUEEZE') return null;
  const bare = featureMaps(op).find(({ type, scales }) => /^u?int(?:8|16|32)$/.test(type) && scales.length === 0);
  return bare ? `"${bare.name}" has no scale.` : null;
});

const positive = row('positive-scale', undefined, (op) => {
  if (UNSCALED.has(op.name)) return null;
  const odd = tensors(op).find(({ scales }) =>
    Array.from(scales).some((scale) => !(scale > 0) || !Number.isFinite(scale)),
  );
  return odd ? `"${odd.name}" has a scale that is not positive.` : null;
});

const perAxis = row('per-axis', undefined, (op) => {
  if (WEIGHTED.has(op.name)) return null;
  const odd = tensors(op).find(({ scales }) => scales.length > 1);
  return odd ? `"${odd.name}" has ${odd.scales.length} scales; ${op.name} takes one.` : null;
});

/** Constants of 32 bits are parameters and biases; what flows is meant. */
const narrow = row('width', undefined, (op) => {
  if (WIDE.has(op.name)) return null;
  const odd = featureMaps(op).find(({ type }) => type === 'int32');
  return odd ? `"${odd.name}" has 32 bits.` : null;
});

const no64 = row('width', undefined, (op) => {
  if (op.name === 'ARG_MAX') return null;
  const odd = featureMaps(op).find(({ type }) => type === 'int64');
  return odd ? `"${odd.name}" has 64 bits.` : null;
});

const weights8 = row('weights', WEIGHTED, (op) => {
  const weights = weightsOf(op);
  if (!weights || weights.type === 'int8' || weights.type === 'uint8' || isFloat(weights.type)) return null;
  return `Weights are ${weights.type}; the NPU takes 8 bits.`;
});

const bias = (most: bigint) =>
  row('bias', WEIGHTED, (op) => {
    const tensor = biasOf(op);
    if (!tensor || isFloat(tensor.type)) return null;
    if (!tensor.constant) return `The bias "${tensor.name}" is computed; it has to be a constant.`;
    if (tensor.type !== 'int32' && tensor.type !== 'int64')
      return `The bias is ${tensor.type}; it has to be int32 or int64.`;
    if (tensor.type === 'int64' && bias64(tensor).some((value) => value > most || -value > most))
      return `A bias of 64 bits is beyond ${most}.`;
    return null;
  });

function bias64({ data }: TensorFacts): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength >> 3 }, (_, i) => view.getBigInt64(8 * i, true));
}

const weightSums = (most16: number) =>
  row('weight-sum', WEIGHTED, (op) => {
    const sum = largestWeightSum(op);
    const most = dataInput(op)?.type === 'int16' ? most16 : MOST_WEIGHT_SUM;
    return sum !== null && sum > most ? `Σ|w| of a channel is ${sum}; the accumulator holds ${most}.` : null;
  });

/** A stride of more than three is turned into another shape, which works without padding and dilation alone. */
const strides = row('stride', words('AVERAGE_POOL_2D MAX_POOL_2D CONV_2D DEPTHWISE_CONV_2D'), (op) => {
  const [width, height] = [op.option('strideW') ?? 1, op.option('strideH') ?? 1];
  if (width <= 3 && height <= 3) return null;
  if (op.name === 'DEPTHWISE_CONV_2D') return `Strides are ${height}×${width}; the NPU takes up to 3.`;
  const dilated = (op.option('dilationW') ?? 1) > 1 || (op.option('dilationH') ?? 1) > 1;
  if (!padsSame(op) && !dilated) return null;
  return `Strides are ${height}×${width}: beyond 3 only without padding (VALID) and dilation.`;
});

const kernels = row('kernel', POOLS, (op) => {
  const [width, height] = [op.option('filterW') ?? 1, op.option('filterH') ?? 1];
  if (op.name === 'AVERAGE_POOL_2D' && padsSame(op))
    return width <= MOST_KERNEL_SAME && height <= MOST_KERNEL_SAME
      ? null
      : `The window is ${height}×${width}; with padding (SAME) the NPU averages up to 8×8.`;
  return height <= MOST_KERNEL && width * height <= MOST_KERNEL ** 2
    ? null
    : `The window is ${height}×${width}; the NPU takes heights of 256 and 65,536 values.`;
});

const parameters = row('parameters', WITH_PARAMETERS, (op) => {
  const computed = op.inputs.slice(1).find((tensor) => tensor && !tensor.constant);
  return computed ? `"${computed.name}" is computed; it has to be a constant.` : null;
});

const matMul = row('matmul', words('BATCH_MATMUL'), (op) => {
  const odd = op.inputs.find((tensor) => tensor && tensor.type !== 'int8');
  return odd && !isFloat(odd.type) ? `"${odd.name}" is ${odd.type}; matrices that are computed have to be int8.` : null;
});

const softmax = row('softmax', words('SOFTMAX'), (op) => {
  const size = (op.inputs[0]?.shape ?? []).slice(0, -1).reduce((product, dimension) => product * dimension, 1);
  return size < 65_536 ? null : `Softmax over ${size} places; the NPU takes fewer than 65,536.`;
});

const sameGrid = row('same-parameters', words('MAXIMUM MINIMUM'), (op) => {
  const [output] = op.outputs;
  const other = op.inputs.find((tensor) => tensor && output && !sameParameters(tensor, output));
  return other ? `"${other.name}" has another scale or zero point than the output.` : null;
});

function sameParameters(a: TensorFacts, b: TensorFacts): boolean {
  return a.scales[0] === b.scales[0] && (a.zeroPoints[0] ?? 0n) === (b.zeroPoints[0] ?? 0n);
}

const mean = row('mean', words('MEAN'), (op) => {
  const [input] = op.inputs;
  const most = MEAN_ELEMENTS.get(input?.type ?? '');
  if (!input || most === undefined) return null;
  const axes = axesOf(op, input.shape.length);
  const reduced = axes.map((axis) => input.shape[axis] ?? 1);
  const product = reduced.reduce((a, b) => a * b, 1);
  if (product > most) return `A mean over ${product} values; the NPU takes ${most} of ${input.type}.`;
  if (input.shape.length === 4 && (input.shape[0] ?? 1) > 1) return 'The batch is not 1.';
  return null;
});

function axesOf(op: OperatorFacts, rank: number): number[] {
  const axes = op.inputs[1];
  if (!axes?.constant) return [];
  const view = new DataView(axes.data.buffer, axes.data.byteOffset, axes.data.byteLength);
  return Array.from({ length: axes.data.byteLength >> 2 }, (_, i) => (view.getInt32(4 * i, true) + rank) % rank);
}

/** Factors of 2, 4 and 8 alike in both directions; of half-pixel centres 2 alone. */
const resize = row('resize', words('RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR'), (op) => {
  const [from, to] = [op.inputs[0]?.shape, op.outputs[0]?.shape];
  if (!from || !to || from.length !== 4 || to.length !== 4) return null;
  const [h, w, H, W] = [from[1], from[2], to[1], to[2]];
  if ((h === 1 && w === 1) || (h === H && w === W)) return null;
  const aligned = op.option('alignCorners') === 1;
  const factor = (a: number, b: number) => (aligned ? (b - 1) / (a - 1) : b / a);
  const factors = [
    [h, H],
    [w, W],
  ]
    .filter(([a, b]) => a !== 1 || b !== 1)
    .map(([a, b]) => factor(a, b));
  const halfPixel = op.name === 'RESIZE_BILINEAR' && op.option('halfPixelCenters') === 1;
  const allowed = halfPixel ? [2] : [2, 4, 8];
  if (factors.every((f) => allowed.includes(f) && f === factors[0])) return null;
  return `It scales by ${factors.map((f) => +f.toFixed(3)).join('×')}; the NPU by ${allowed.join(', ')}.`;
});

const transposed = row('transposed-stride', words('TRANSPOSE_CONV'), (op) => {
  const [width, height] = [op.option('strideW') ?? 1, op.option('strideH') ?? 1];
  if (width === height && width <= 2) return null;
  return `Strides are ${height}×${width}; the NPU takes 1×1 and 2×2.`;
});

const argMax = row('argmax', words('ARG_MAX'), (op) => {
  const depth = op.inputs[0]?.shape.at(-1) ?? 0;
  return depth <= 127 ? null : `The largest of ${depth} values; the NPU compares 127.`;
});

const INT_MAPS = ['int8', 'int16', 'int32', 'int64', 'uint8'];

const COMMON: readonly Constraint[] = [
  constantShapes,
  scaled,
  positive,
  perAxis,
  no64,
  weights8,
  kernels,
  parameters,
  softmax,
  mean,
];

/** 2⁴⁰ − 1 and 2⁴⁸ − 1. */
const [MOST_BIAS_U55, MOST_BIAS_U85] = [1_099_511_627_775n, 281_474_976_710_655n];

export const ETHOS_U55: readonly Constraint[] = [
  supported(U55_OPERATORS),
  types(new Set(INT_MAPS)),
  ...COMMON,
  narrow,
  bias(MOST_BIAS_U55),
  weightSums(MOST_WEIGHT_SUM),
  strides,
  matMul,
  sameGrid,
  resize,
  transposed,
  argMax,
];

export const ETHOS_U85: readonly Constraint[] = [
  supported(U85_OPERATORS),
  types(new Set([...INT_MAPS, 'bool'])),
  ...COMMON,
  bias(MOST_BIAS_U85),
  weightSums(MOST_WEIGHT_SUM_16_BIT_U85),
];
