/**
 * Two runtimes that requantize in fixed point: LiteRT's built-in kernels, which run where no delegate does, and TensorFlow Lite
 * for Microcontrollers, whose reference kernels CMSIS-NN promises to equal. Each knows the ops that goldens hold it to, and
 * refuses the others.
 */
import { RangefinderError } from '../../../base/errors';
import {
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierTiesUp,
  quantizeMultiplier,
  type FixedPoint,
} from '../../../core/numerics/requantize';
import {
  saturate,
  type Affine,
  type CodeRange,
  type Profile,
  type Requantizer,
  type RequantizerSpec,
} from '../profile';
import * as builtin from './builtin-rules';
import { fixedPointSoftmax } from './fixed-point-softmax';
import { xnnpack } from './xnnpack';

const f32 = Math.fround;

/** Dense layers with one scale multiply scales in float32 first; all others, channel by channel, in float64. */
function factorsOf({ op, inputScale, weightScales, channels, output }: RequantizerSpec): FixedPoint[] {
  const single = op === 'fullyConnected' && weightScales.length === 1;
  const product = (c: number) => {
    const scale = weightScales[weightScales.length === 1 ? 0 : c];
    return single ? f32(inputScale * scale) : inputScale * scale;
  };
  return Array.from({ length: channels }, (_, c) => quantizeMultiplier(product(c) / output.scale));
}

type Multiply = (accumulator: number, factor: FixedPoint) => number;

function requantizing(spec: RequantizerSpec, multiply: Multiply): Requantizer {
  const factors = factorsOf(spec);
  const { zeroPoint } = spec.output;
  return (accumulators, out, offset) => {
    for (let c = 0; c < factors.length; c++)
      out[offset + c] = saturate(multiply(accumulators[c], factors[c]) + zeroPoint, spec.range);
  };
}

/** Operands are brought to twice the larger scale with 20 more bits. */
function sumRule(sign: 1 | -1): Profile['binary']['add'] {
  return (a: Affine, b: Affine, output: Affine, range: CodeRange) => {
    const common = 2 * Math.max(a.scale, b.scale);
    const [factorA, factorB] = [quantizeMultiplier(a.scale / common), quantizeMultiplier(b.scale / common)];
    const toOutput = quantizeMultiplier(common / (2 ** 20 * output.scale));
    return (x, y) => {
      const left = multiplyByQuantizedMultiplier((x - a.zeroPoint) * 2 ** 20, factorA);
      const right = multiplyByQuantizedMultiplier((y - b.zeroPoint) * 2 ** 20, factorB);
      return saturate(multiplyByQuantizedMultiplier(left + sign * right, toOutput) + output.zeroPoint, range);
    };
  };
}

function refused(name: string) {
  return (op: string) => (): never => {
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `The arithmetic of ${op} in ${name} is not known here.`,
      hint: 'Compare with LiteRT on XNNPACK, or look at the layers before it.',
    });
  };
}

/** What values that are only moved, and floats at the borders, have in common with every other runtime. */
function profile(name: string, own: Pick<Profile, 'requantizer' | 'softmax'>): Profile {
  const no = refused(name);
  const { maximum, minimum } = xnnpack.binary;
  return {
    name,
    activationRange: (op, output) => builtin.activationRange(op.activation, output),
    ...own,
    unary: {
      sigmoid: no('sigmoid'),
      tanh: no('tanh'),
      relu: builtin.relu('relu'),
      relu6: builtin.relu('relu6'),
      reluN1To1: no('relu_n1_to_1'),
      relu0To1: no('relu_0_to_1'),
      leakyRelu: no('leaky ReLU'),
      hardSwish: no('hard swish'),
      elu: no('ELU'),
      gelu: no('GELU'),
      exp: no('exp'),
      abs: no('abs'),
      quantize: (input, output) => builtin.rescale(input, output),
    },
    binary: {
      add: sumRule(1),
      sub: sumRule(-1),
      mul: no('multiplication'),
      prelu: no('PReLU'),
      squaredDifference: no('squared difference'),
      maximum,
      minimum,
    },
    mean: no('mean'),
    averagePool: builtin.averagePool,
    sum: no('sum'),
    logSoftmax: no('log softmax'),
    l2Normalization: no('L2 normalization'),
    bilinearTaps: no('bilinear resizing'),
    bilinear: no('bilinear resizing'),
    quantize: xnnpack.quantize,
    dequantize: xnnpack.dequantize,
  };
}

/** TensorFlow Lite for Microcontrollers: every product rounded, then every shift. */
export const tflm = profile('TensorFlow Lite Micro (gemmlowp, two roundings)', {
  requantizer: (spec) => requantizing(spec, multiplyByQuantizedMultiplier),
  softmax: (input, _output, beta) => fixedPointSoftmax(input, beta),
});

/** LiteRT without delegates on x86: ties of ruy's matrix products go up; softmax is a float table. */
export const litertBuiltin = profile('LiteRT without delegates (ruy on x86)', {
  requantizer: (spec) =>
    requantizing(
      spec,
      spec.op === 'depthwiseConv2d' ? multiplyByQuantizedMultiplier : multiplyByQuantizedMultiplierTiesUp,
    ),
  softmax: builtin.softmax,
});
