/** Questions that the limits of several targets ask of an operator. */
import type { OperatorFacts, TensorFacts } from '../file-facts';

/** What flows: inputs that are no constants, and outputs. */
export function featureMaps(op: OperatorFacts): TensorFacts[] {
  return [...op.inputs.filter((tensor) => tensor !== null && !tensor.constant), ...op.outputs] as TensorFacts[];
}

export function tensors(op: OperatorFacts): TensorFacts[] {
  return [...op.inputs.filter((tensor) => tensor !== null), ...op.outputs];
}

export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Operators with a filter or matrix of weights as second input (of a transposed convolution: the input is the third). */
export const WEIGHTED = words('CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV');

export const CONVOLUTIONS = words('CONV_2D DEPTHWISE_CONV_2D');

/** The activation that weights meet. */
export function dataInput(op: OperatorFacts): TensorFacts | null {
  return op.inputs[op.name === 'TRANSPOSE_CONV' ? 2 : 0] ?? null;
}

export function weightsOf(op: OperatorFacts): TensorFacts | null {
  return op.inputs[1] ?? null;
}

export function biasOf(op: OperatorFacts): TensorFacts | null {
  return op.inputs[op.name === 'TRANSPOSE_CONV' ? 3 : 2] ?? null;
}

const SAME = 0;

/** Whether the operator pads so that its output covers all of its input. */
export const padsSame = (op: OperatorFacts) => op.option('padding') === SAME;

export const isFloat = (type: string) => /^b?float/.test(type);

/**
 * The largest sum of |w| over one output channel of 8-bit weights: what an accumulator meets at most, per unit of input.
 * @returns null where the weights are no 8-bit constants
 */
export function largestWeightSum(op: OperatorFacts): number | null {
  const weights = weightsOf(op);
  if (!weights?.constant || weights.type !== 'int8') return null;
  const values = new Int8Array(weights.data.buffer, weights.data.byteOffset, weights.data.byteLength);
  const { shape } = weights;
  const depthwise = op.name === 'DEPTHWISE_CONV_2D';
  const channels = (depthwise ? shape.at(-1) : shape[0]) ?? 1;
  const sums = new Float64Array(channels);
  const perChannel = values.length / channels;
  for (let i = 0; i < values.length; i++)
    sums[depthwise ? i % channels : Math.floor(i / perChannel)] += Math.abs(values[i]);
  return sums.reduce((most, sum) => Math.max(most, sum), 0);
}
