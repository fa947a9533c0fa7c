/**
 * Operators that TensorFlow Lite for Microcontrollers has kernels for, by the method that registers each.
 * Source: tflite-micro, tensorflow/lite/micro/micro_mutable_op_resolver.h.
 */
const METHODS: Readonly<Record<string, string>> = {
  L2_NORMALIZATION: 'L2Normalization',
  L2_POOL_2D: 'L2Pool2D',
  AVERAGE_POOL_2D: 'AveragePool2D',
  MAX_POOL_2D: 'MaxPool2D',
  CONV_2D: 'Conv2D',
  DEPTHWISE_CONV_2D: 'DepthwiseConv2D',
  BATCH_MATMUL: 'BatchMatMul',
  CUMSUM: 'CumSum',
  PADV2: 'PadV2',
  SELECT_V2: 'SelectV2',
  REVERSE_V2: 'ReverseV2',
  UNIDIRECTIONAL_SEQUENCE_LSTM: 'UnidirectionalSequenceLSTM',
};

const REGULAR: ReadonlySet<string> = new Set(
  `ABS ADD ARG_MAX ARG_MIN BATCH_TO_SPACE_ND BROADCAST_TO CAST CEIL CONCATENATION COS DEPTH_TO_SPACE DEQUANTIZE DIV ELU
  EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND GREATER
  GREATER_EQUAL HARD_SWISH LEAKY_RELU LESS LESS_EQUAL LOG LOG_SOFTMAX LOGICAL_AND LOGICAL_NOT LOGICAL_OR LOGISTIC MAXIMUM
  MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK PAD PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6 RESHAPE
  RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR ROUND RSQRT SIN SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V
  SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV UNPACK ZEROS_LIKE`.split(
    /\s+/,
  ),
);

/** "AddConv2D" for CONV_2D; undefined where it has no kernel. */
export function resolverMethod(operator: string): string | undefined {
  const special = Object.hasOwn(METHODS, operator) ? METHODS[operator] : undefined;
  if (special) return `Add${special}`;
  if (!REGULAR.has(operator)) return undefined;
  const words = operator.toLowerCase().split('_');
  return `Add${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}
