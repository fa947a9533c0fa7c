import { lookup } from '../../../../base/lookup';
/**
 * First TensorFlow Lite release that runs version 1, 2, … of an operator; later versions than we write are left out.
 * Source: TensorFlow, tools/versioning/runtime_version.cc.
 */
const FIRST_RUNTIME: Readonly<Record<string, readonly string[]>> = {
  ABS: ['1.13.0', '2.4.0', '2.5.0'],
  ADD: ['1.5.0', '1.14.0', '2.4.0'],
  ARG_MAX: ['1.9.0', '1.14.0'],
  ARG_MIN: ['1.9.0', '1.14.0'],
  AVERAGE_POOL_2D: ['1.5.0', '1.14.0', '2.3.0'],
  BATCH_MATMUL: ['2.3.0', '2.3.0', '2.4.0', '2.5.0'],
  BATCH_TO_SPACE_ND: ['1.6.0', '1.14.0', '2.3.0'],
  BROADCAST_TO: ['2.5.0', '2.5.0', '2.5.0'],
  CAST: ['1.5.0'],
  CEIL: ['1.14.0'],
  CONCATENATION: ['1.5.0', '1.14.0', '2.3.0'],
  CONV_2D: ['1.5.0', '1.14.0', '1.14.0', '2.3.0', '2.4.0', '2.9.0', '2.11.0', '2.15.0'],
  COS: ['1.14.0'],
  CUMSUM: ['2.4.0'],
  DEPTHWISE_CONV_2D: ['1.5.0', '1.12.0', '1.14.0', '2.2.0', '2.3.0', '2.3.0', '2.11.0'],
  DEPTH_TO_SPACE: ['2.1.0', '2.5.0'],
  DEQUANTIZE: ['1.13.1', '1.14.0', '1.15.0', '2.2.0', '2.7.0', '2.18.0'],
  DIV: ['1.6.0', '2.3.0'],
  ELU: ['1.14.0'],
  EQUAL: ['1.14.0', '1.14.0'],
  EXP: ['1.7.0', '2.12.0'],
  FLOOR: ['1.9.0'],
  FLOOR_DIV: ['1.14.0', '1.14.0'],
  FLOOR_MOD: ['1.13.0'],
  FULLY_CONNECTED: [
    '1.5.0',
    '1.10.0',
    '1.14.0',
    '1.14.0',
    '2.0.0',
    '2.1.0',
    '2.3.0',
    '2.3.0',
    '2.3.0',
    '2.11.0',
    '2.15.0',
    '2.17.0',
    '2.18.0',
  ],
  GATHER: ['1.6.0', '1.14.0', '1.15.0', '2.4.0'],
  GATHER_ND: ['1.14.0'],
  GELU: ['2.9.0', '2.9.0'],
  GREATER: ['1.14.0', '1.14.0'],
  GREATER_EQUAL: ['1.14.0', '1.14.0'],
  HARD_SWISH: ['1.15.0'],
  L2_NORMALIZATION: ['1.5.0', '1.14.0'],
  LEAKY_RELU: ['1.13.1', '2.3.0'],
  LESS: ['1.14.0', '1.14.0'],
  LESS_EQUAL: ['1.14.0', '1.14.0'],
  LOG: ['1.14.0'],
  LOGICAL_AND: ['1.11.0'],
  LOGICAL_NOT: ['1.11.0'],
  LOGICAL_OR: ['1.11.0'],
  LOGISTIC: ['1.14.0', '1.14.0', '2.3.0'],
  LOG_SOFTMAX: ['1.14.0', '1.14.0'],
  MAXIMUM: ['1.14.0', '1.14.0', '2.3.0', '2.3.0'],
  MAX_POOL_2D: ['1.5.0', '1.14.0', '2.3.0'],
  MEAN: ['1.6.0', '1.14.0', '2.4.0'],
  MINIMUM: ['1.14.0', '1.14.0', '2.3.0', '2.3.0'],
  MIRROR_PAD: ['1.13.1', '2.3.0', '2.12.0'],
  MUL: ['1.5.0', '1.14.0', '1.15.0', '2.3.0'],
  NEG: ['1.9.0'],
  NOT_EQUAL: ['1.14.0', '1.14.0'],
  PACK: ['1.11.0', '1.14.0', '2.3.0'],
  PAD: ['1.5.0', '1.14.0', '2.4.0', '2.6.0'],
  PADV2: ['1.9.0', '1.14.0', '2.4.0', '2.6.0'],
  POW: ['1.10.0'],
  PRELU: ['1.8.0'],
  QUANTIZE: ['1.14.0', '1.15.0', '2.7.0'],
  REDUCE_ALL: ['2.6.0'],
  REDUCE_ANY: ['1.11.0'],
  REDUCE_MAX: ['1.11.0', '1.14.0', '2.5.0'],
  REDUCE_MIN: ['1.11.0', '1.14.0', '2.5.0'],
  REDUCE_PROD: ['1.11.0', '2.6.0'],
  RELU: ['1.5.0', '2.1.0', '2.5.0'],
  RELU6: ['1.5.0', '1.14.0', '2.5.0'],
  RELU_0_TO_1: ['2.10.0'],
  RELU_N1_TO_1: ['1.5.0'],
  RESHAPE: ['1.5.0'],
  RESIZE_BILINEAR: ['1.7.0', '1.14.0', '2.2.0', '2.5.0'],
  RESIZE_NEAREST_NEIGHBOR: ['1.13.1', '1.14.0', '2.3.0', '2.4.0'],
  REVERSE_V2: ['1.14.0', '2.2.0', '2.5.0'],
  ROUND: ['1.14.0'],
  RSQRT: ['1.10.0', '2.5.0', '2.15.0'],
  SELECT_V2: ['2.2.0'],
  SIGN: ['2.11.0'],
  SIN: ['1.9.0'],
  SLICE: ['1.14.0', '1.14.0', '1.14.0', '2.4.0', '2.5.0'],
  SOFTMAX: ['1.5.0', '1.14.0', '2.3.0'],
  SPACE_TO_BATCH_ND: ['1.6.0', '1.14.0', '2.3.0'],
  SPACE_TO_DEPTH: ['1.5.0', '1.14.0'],
  SPLIT: ['1.5.0', '1.14.0', '1.14.0', '2.3.0'],
  SPLIT_V: ['1.13.1', '2.3.0'],
  SQRT: ['1.10.0'],
  SQUARE: ['1.12.0'],
  SQUARED_DIFFERENCE: ['1.13.1', '2.5.0'],
  STRIDED_SLICE: ['1.6.0', '1.14.0', '2.1.0', '2.2.0'],
  SUB: ['1.6.0', '1.14.0', '2.3.0', '2.4.0', '2.4.0'],
  SUM: ['1.10.0', '1.15.0'],
  TANH: ['1.14.0', '1.14.0', '2.3.0'],
  TILE: ['1.10.1', '2.2.0', '2.8.0'],
  TOPK_V2: ['1.7.0', '1.14.0'],
  TRANSPOSE: ['1.6.0', '1.14.0', '1.15.0', '2.3.0', '2.4.0', '2.12.0'],
  TRANSPOSE_CONV: ['1.9.0', '2.2.0', '2.3.0', '2.13.0', '2.15.0'],
  UNIDIRECTIONAL_SEQUENCE_LSTM: ['1.13.1', '1.14.0'],
  UNPACK: ['1.11.0', '1.14.0', '2.2.0', '2.3.0'],
};

interface Versioned {
  readonly builtin: string;
  readonly version: number;
  /** Passed on from a file: it may be of a version that is not listed here. */
  readonly carried?: object;
}

/** The release that first ran all of these operators; `source` is what the file they were passed on from says. */
export function firstRuntime(operators: readonly Versioned[], source?: Uint8Array): string {
  let latest = '1.5.0';
  const consider = (release: string) => {
    if (compareReleases(release, latest) > 0) latest = release;
  };
  for (const { builtin, version, carried } of operators) {
    const release = lookup(FIRST_RUNTIME, builtin)?.[version - 1];
    if (release !== undefined) consider(release);
    else if (!carried) throw new Error(`no runtime known for ${builtin} version ${version}`);
  }
  const named = source && new TextDecoder().decode(source).replace(/\0.*$/s, '');
  if (named && /^\d+\.\d+\.\d+$/.test(named) && operators.some(({ carried }) => carried)) consider(named);
  return latest;
}

function compareReleases(a: string, b: string): number {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)];
  const first = x.findIndex((part, i) => part !== y[i]);
  return first < 0 ? 0 : x[first] - y[first];
}
