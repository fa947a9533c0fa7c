/** LiteRT on a CPU, natively and in a browser: nothing of the format is refused; what is slow or not built in is said. */
import type { Constraint } from '../target';
import { CONVOLUTIONS, dataInput, featureMaps, weightsOf, words } from './checks';

const SOURCE = 'LiteRT, xnnpack_delegate.cc and builtin kernels';
const BROWSER_SOURCE = 'measured with LiteRT.js 2.5.3 on ResNet8';

const custom: Constraint = {
  rule: 'litert/custom',
  severity: 'error',
  source: 'LiteRT, BuiltinOpResolver',
  check: ({ name }) => {
    if (!name.startsWith('CUSTOM')) return null;
    return name.includes('Flex')
      ? `${name} needs TensorFlow's own kernels (the Flex delegate), which are not built in.`
      : `${name} needs a kernel that the application registers.`;
  },
};

/** XNNPACK joins two to five inputs in one node; more are joined by the built-in kernel. */
const concat: Constraint = {
  rule: 'xnnpack/concatenation',
  severity: 'note',
  source: SOURCE,
  operators: words('CONCATENATION'),
  check: (op) =>
    op.inputs.length > 4 ? `${op.inputs.length} inputs: XNNPACK joins up to 4, the built-in kernel more.` : null,
};

/** Ratios of scales that XNNPACK's operators take: below and above, the built-in kernel runs. */
const ratio: Constraint = {
  rule: 'xnnpack/scale-ratio',
  severity: 'note',
  source: SOURCE,
  operators: words('ADD SUB'),
  check: (op) => {
    const out = op.outputs[0]?.scales[0];
    const odd = op.inputs.find((tensor) => {
      const scale = tensor?.scales[0];
      return out !== undefined && scale !== undefined && (scale / out < 1 / 1024 || scale / out >= 256);
    });
    return odd ? `The scale of "${odd.name}" is ${(odd.scales[0] / out).toPrecision(3)} of the output's.` : null;
  },
};

const int4Conv: Constraint = {
  rule: 'litert/int4-convolution',
  severity: 'warning',
  source: BROWSER_SOURCE,
  operators: CONVOLUTIONS,
  fix: { label: '8-bit weights', options: ['--weight-bits', '8'] },
  check: (op) =>
    weightsOf(op)?.type === 'int4' && dataInput(op)?.type === 'int8'
      ? 'Convolutions with 4-bit weights run on the reference kernel, about 160 times slower; natively they round twice.'
      : null,
};

const int16: Constraint = {
  rule: 'litert/int16',
  severity: 'warning',
  source: BROWSER_SOURCE,
  fix: { label: '8-bit activations', options: ['--form', 'int8'] },
  check: (op) =>
    featureMaps(op).some(({ type }) => type === 'int16')
      ? '16-bit activations run on reference kernels, some 50 times slower than 8-bit ones.'
      : null,
};

export const LITERT: readonly Constraint[] = [custom, concat, ratio];
export const LITERT_JS: readonly Constraint[] = [custom, int4Conv, int16, concat, ratio];
