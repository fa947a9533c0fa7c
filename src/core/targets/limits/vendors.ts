/** Published limits of NPUs and libraries whose compilers cannot be had here: they are read, not tried. */
import type { Constraint, Severity } from '../target';
import { CONVOLUTIONS, dataInput, featureMaps, isFloat, tensors, WEIGHTED, weightsOf, words } from './checks';

type Check = Constraint['check'];

const rowsOf =
  (prefix: string, source: string, severity: Severity) =>
  (rule: string, operators: ReadonlySet<string> | undefined, check: Check): Constraint => ({
    rule: `${prefix}/${rule}`,
    severity,
    source,
    ...(operators && { operators }),
    check,
  });

const PER_TENSOR = { label: 'One scale per tensor', options: ['--granularity', 'tensor'] };
const INT8 = { label: 'int8 throughout, inputs and outputs included', options: ['--io', 'int8'] };

const onlyOperators =
  (known: ReadonlySet<string>, who: string): Check =>
  ({ name }) =>
    known.has(name) ? null : `${who} has no ${name}.`;

const integersOnly: Check = (op) => {
  const odd = featureMaps(op).find(({ type }) => isFloat(type));
  return odd ? `"${odd.name}" is ${odd.type}.` : null;
};

const rankUpTo =
  (most: number): Check =>
  (op) => {
    const odd = tensors(op).find(({ shape }) => shape.length > most);
    return odd ? `"${odd.name}" has ${odd.shape.length} dimensions; ${most} are the most.` : null;
  };

const edgeTpu = rowsOf('edge-tpu', 'Coral, TensorFlow models on the Edge TPU', 'warning');

const EDGE_TPU_OPERATORS = words(`
  ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D EXPAND_DIMS FULLY_CONNECTED L2_NORMALIZATION LOGISTIC
  UNIDIRECTIONAL_SEQUENCE_LSTM MAX_POOL_2D MAXIMUM MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6
  RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQUEEZE STRIDED_SLICE
  SUB SUM SQUARED_DIFFERENCE TANH TRANSPOSE TRANSPOSE_CONV
`);

export const EDGE_TPU: readonly Constraint[] = [
  edgeTpu('operator', undefined, onlyOperators(EDGE_TPU_OPERATORS, 'The Edge TPU')),
  {
    ...edgeTpu('type', undefined, (op) => {
      const odd = featureMaps(op).find(({ type }) => !/^u?int8$/.test(type) && type !== 'int32');
      return odd ? `"${odd.name}" is ${odd.type}; the Edge TPU computes 8 bits.` : null;
    }),
    fix: INT8,
  },
  edgeTpu('dimensions', undefined, (op) => {
    const odd = featureMaps(op).find(({ shape }) => shape.slice(0, -3).some((size) => size > 1));
    return odd ? `"${odd.name}" is ${odd.shape.join('×')}: only the three innermost dimensions may exceed 1.` : null;
  }),
  edgeTpu('fused-activation', words('CONCATENATION AVERAGE_POOL_2D MAX_POOL_2D'), (op) =>
    (op.option('fusedActivation') ?? 0) > 0 ? `${op.name} with a fused activation is not mapped.` : null,
  ),
  edgeTpu('open-shape', undefined, (op) => {
    const open = tensors(op).find(({ openShape }) => openShape);
    return open ? `"${open.name}" leaves a dimension open.` : null;
  }),
];

const cmsis = rowsOf('cmsis-nn', 'CMSIS-NN, README: supported operators', 'warning');

/** On top of TensorFlow Lite Micro's own: where it falls back from the fast kernels. */
export const CMSIS_NN: readonly Constraint[] = [
  cmsis('int16', words('TRANSPOSE_CONV SVDF MINIMUM MAXIMUM PAD TRANSPOSE'), (op) =>
    featureMaps(op).some(({ type }) => type === 'int16')
      ? `${op.name} has no 16-bit kernel; the reference one runs.`
      : null,
  ),
];

const espNn = rowsOf('esp-nn', 'esp-nn, src/convolution', 'note');

export const ESP_NN: readonly Constraint[] = [
  espNn('depth-multiplier', words('DEPTHWISE_CONV_2D'), (op) =>
    (op.option('depthMultiplier') ?? 1) > 1 ? 'The fast kernel takes a depth multiplier of 1.' : null,
  ),
  espNn('channels', CONVOLUTIONS, (op) => {
    const channels = dataInput(op)?.shape.at(-1) ?? 0;
    return channels % 8 === 0 ? null : `${channels} input channels: the fast kernel takes multiples of 8.`;
  }),
  {
    ...rowsOf('esp-nn', 'esp-nn, issue 34', 'error')('dense-two-outputs', words('FULLY_CONNECTED'), (op) => {
      const weights = weightsOf(op);
      return weights?.shape[0] === 2 && weights.scales.length > 1
        ? 'A dense layer with two outputs and a scale for each is computed wrongly.'
        : null;
    }),
    fix: PER_TENSOR,
  },
];

const espDl = rowsOf('esp-dl', 'esp-dl, operator_support_state.md', 'error');

export const ESP_DL: readonly Constraint[] = [
  espDl('symmetric', undefined, (op) => {
    const odd = tensors(op).find(({ zeroPoints }) => Array.from(zeroPoints).some((zeroPoint) => zeroPoint !== 0n));
    return odd ? `"${odd.name}" has a zero point; ESP-DL's grids are symmetric.` : null;
  }),
  espDl('power-of-two', undefined, (op) => {
    const odd = tensors(op).find(({ scales }) => Array.from(scales).some((scale) => Math.log2(scale) % 1 !== 0));
    return odd ? `A scale of "${odd.name}" is no power of two.` : null;
  }),
  espDl('rank', undefined, rankUpTo(4)),
];

const hexagon = (version: 'v68' | 'v73', source: string) => rowsOf(`hexagon-${version}`, source, 'error');

/** Weights per channel: convolutions alone on v68, dense layers, too, from v69 on. */
function hexagonRows(version: 'v68' | 'v73', perChannel: ReadonlySet<string>): readonly Constraint[] {
  const row = hexagon(version, `AIMET, htp_quantsim_config_${version}.json`);
  return [
    row('symmetric-weights', WEIGHTED, (op) => {
      const weights = weightsOf(op);
      const odd = weights?.constant && Array.from(weights.zeroPoints).some((zeroPoint) => zeroPoint !== 0n);
      return odd ? 'Weights have a zero point; they have to be symmetric.' : null;
    }),
    {
      ...row('per-channel', WEIGHTED, (op) => {
        const count = weightsOf(op)?.scales.length ?? 0;
        return count > 1 && !perChannel.has(op.name) ? `${op.name} has ${count} scales; it takes one.` : null;
      }),
      fix: PER_TENSOR,
    },
    row('least-range', undefined, (op) => {
      const odd = featureMaps(op).find(({ type, scales }) => type === 'int8' && 255 * (scales[0] ?? 1) < 1e-4);
      return odd ? `The range of "${odd.name}" is below 0.0001.` : null;
    }),
  ];
}

export const HEXAGON_V68 = hexagonRows('v68', words('CONV_2D DEPTHWISE_CONV_2D TRANSPOSE_CONV PRELU'));
export const HEXAGON_V73 = hexagonRows('v73', WEIGHTED);

const nnapi = rowsOf('nnapi', 'LiteRT, NNAPI delegate (ended)', 'warning');

export const NNAPI: readonly Constraint[] = [
  nnapi('rank', undefined, rankUpTo(4)),
  nnapi('bias', CONVOLUTIONS, (op) => (op.inputs[2] ? null : `${op.name} lacks the bias that the delegate asks for.`)),
  nnapi('stride', CONVOLUTIONS, (op) => {
    const [width, height] = [op.option('strideW') ?? 1, op.option('strideH') ?? 1];
    return Math.max(width, height) > 3 ? `Strides are ${height}×${width}; the old delegates take up to 3.` : null;
  }),
];

const stm = rowsOf('stm32n6', 'ST, ST Edge AI Core: quantized models on the Neural-ART', 'warning');

export const STM32N6: readonly Constraint[] = [
  { ...stm('type', undefined, integersOnly), fix: INT8 },
  stm('weights', WEIGHTED, (op) => {
    const weights = weightsOf(op);
    if (!weights || isFloat(weights.type)) return null;
    return weights.type === 'int8' ? null : `Weights are ${weights.type}; the NPU takes 8 bits.`;
  }),
];

const stmMp2 = rowsOf('stm32mp2', 'ST, deep learning on the STM32MP2 NPU', 'warning');

export const STM32MP2: readonly Constraint[] = [
  { ...stmMp2('type', undefined, integersOnly), fix: INT8 },
  {
    ...stmMp2('per-channel', WEIGHTED, (op) => {
      const count = weightsOf(op)?.scales.length ?? 0;
      return count > 1
        ? `${op.name} has ${count} scales; the NPU takes one and runs the rest on the CPU or GPU.`
        : null;
    }),
    fix: PER_TENSOR,
  },
];
