/** What TensorFlow Lite Micro refuses in AllocateTensors, and what it takes and then computes wrongly. */
import type { Constraint } from '../target';
import { CONVOLUTIONS, dataInput, isFloat, tensors, WEIGHTED, weightsOf, words } from './checks';

const SOURCE = 'tflite-micro, tensorflow/lite/micro/kernels';

/** Kernels that exist; a program also has to name them in its resolver. */
export const TFLM_OPERATORS = words(`
  ABS ADD ADD_N ARG_MAX ARG_MIN ASSIGN_VARIABLE AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND BROADCAST_ARGS BROADCAST_TO
  CALL_ONCE CAST CEIL CONCATENATION CONV_2D COS CUMSUM DEPTH_TO_SPACE DEPTHWISE_CONV_2D DEQUANTIZE DIV DYNAMIC_UPDATE_SLICE
  ELU EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND GREATER
  GREATER_EQUAL HARD_SWISH IF L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL LOG LOG_SOFTMAX LOGICAL_AND LOGICAL_NOT
  LOGICAL_OR LOGISTIC MAX_POOL_2D MAXIMUM MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK PAD PADV2 PRELU QUANTIZE
  READ_VARIABLE REDUCE_MAX REDUCE_MIN RELU RELU6 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REVERSE_V2 ROUND RSQRT
  SELECT_V2 SHAPE SIN SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE
  STRIDED_SLICE SUB SUM SVDF TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK VAR_HANDLE WHILE ZEROS_LIKE
`);

type Check = Constraint['check'];

const row = (rule: string, operators: ReadonlySet<string> | undefined, check: Check): Constraint => ({
  rule: `tflm/${rule}`,
  severity: 'error',
  source: SOURCE,
  ...(operators && { operators }),
  check,
});

const operator = row('operator', undefined, ({ name }) =>
  TFLM_OPERATORS.has(name) ? null : `TensorFlow Lite Micro has no kernel for ${name}.`,
);

const hybrid: Constraint = {
  ...row('hybrid', WEIGHTED, (op) => {
    const [input, weights] = [dataInput(op), weightsOf(op)];
    if (!input || !weights || input.type !== 'float32' || isFloat(weights.type)) return null;
    return `Activations are float32 and weights ${weights.type}: hybrid models are not supported.`;
  }),
  fix: { label: 'Integer activations, too', options: ['--form', 'int8'] },
};

/** Weights by the type of the activations that they meet. */
const PAIRS = new Map([
  ['float32', words('float32')],
  ['int8', words('int8 int4')],
  ['int16', words('int8')],
]);

const pair = row('weights', new Set([...CONVOLUTIONS, 'FULLY_CONNECTED']), (op) => {
  const [input, weights] = [dataInput(op), weightsOf(op)];
  if (!input || !weights || (input.type === 'float32' && !isFloat(weights.type))) return null;
  if (PAIRS.get(input.type)?.has(weights.type)) return null;
  return `${op.name} with ${input.type} activations and ${weights.type} weights has no kernel.`;
});

/** The kernel unpacks 4-bit weights into one scale. */
const int4Dense: Constraint = {
  ...row('int4-dense', words('FULLY_CONNECTED'), (op) => {
    const weights = weightsOf(op);
    if (weights?.type !== 'int4' || weights.scales.length <= 1) return null;
    return `4-bit weights have ${weights.scales.length} scales; the kernel takes one.`;
  }),
  fix: { label: 'One scale per tensor', options: ['--granularity', 'tensor'] },
};

const float16 = row('float16', words('DEQUANTIZE'), (op) =>
  op.inputs[0]?.type === 'float16' ? 'DEQUANTIZE of float16 is not supported.' : null,
);

/** The kernel reads the first scale and uses it for all channels: the file runs, and its answers are wrong. */
const perChannelDequantize: Constraint = {
  ...row('dequantize-scales', words('DEQUANTIZE'), (op) => {
    const [input] = op.inputs;
    if (!input || input.scales.length <= 1) return null;
    return `"${input.name}" has ${input.scales.length} scales and the kernel reads the first: answers are wrong without a word.`;
  }),
  fix: { label: 'Integer arithmetic', options: ['--form', 'int8'] },
};

const strings = row('type', undefined, (op) => {
  const odd = tensors(op).find(({ type }) => type === 'string' || type === 'float16' || type === 'float64');
  return odd && op.name !== 'DEQUANTIZE' ? `"${odd.name}" is ${odd.type}, which no kernel computes.` : null;
});

const broadcast = row('broadcast-rank', words('BROADCAST_TO'), (op) => {
  const rank = op.outputs[0]?.shape.length ?? 0;
  return rank > 5 ? `BROADCAST_TO to ${rank} dimensions; the kernel takes 5.` : null;
});

export const TFLM: readonly Constraint[] = [
  operator,
  hybrid,
  pair,
  int4Dense,
  float16,
  perChannelDequantize,
  strings,
  broadcast,
];
