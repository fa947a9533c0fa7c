/**
 * Where XNNPACK, LiteRT's fast path, refuses an op that the 8-bit specification allows. LiteRT then runs its own kernel,
 * slower and with other rounding: worth a note, no reason to change a range.
 */
import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { Op, OpKind } from '../graph/ops/attrs';
import type { ActivationPlan, WeightPlan } from './plan';
import { isReal } from './whole-numbers';

interface Scales {
  /** Of the activations among the inputs. */
  readonly inputs: readonly number[];
  readonly output: number;
  /** Of all channels; empty for ops without weights. */
  readonly weights: ArrayLike<number>;
}

/** Says what is outside, or nothing. */
type Limit = (scales: Scales, op: Op) => string | undefined;

function outside(ratio: number, low: number, high: number, what: string): string | undefined {
  if (ratio >= low && ratio < high) return undefined;
  const limit = ratio >= high ? `not below ${high}` : `below ${low.toPrecision(3)}`;
  return `${what} is ${ratio.toPrecision(3)}, ${limit}`;
}

const eachInput: Limit = ({ inputs, output }) =>
  inputs.map((s) => outside(s / output, 2 ** -10, 256, 'input scale / output scale')).find(Boolean);

const accumulator: Limit = ({ inputs, output, weights }) => {
  const largest = Array.from(weights).reduce((a, b) => Math.max(a, b), 0);
  return outside((inputs[0] * largest) / output, 0, 256, 'input scale × weight scale / output scale');
};

const LIMITS: Readonly<Partial<Record<OpKind, Limit>>> = {
  conv2d: accumulator,
  depthwiseConv2d: accumulator,
  transposeConv2d: accumulator,
  fullyConnected: accumulator,
  add: eachInput,
  sub: eachInput,
  mul: ({ inputs: [a, b], output }) =>
    b === undefined
      ? undefined
      : outside((a * b) / output, 2 ** -16, 256, 'product of the input scales / output scale'),
  leakyRelu: ({ inputs: [input], output }) => outside(input / output, 2 ** -8, 128, 'input scale / output scale'),
  concat: (_, op) => (op.inputs.length > 4 ? `it joins ${op.inputs.length} tensors, more than 4` : undefined),
};

export function runtimeNotes(
  graph: Graph,
  ops: readonly Op[],
  activations: Readonly<Record<TensorId, ActivationPlan>>,
  weights: Readonly<Record<TensorId, WeightPlan>>,
): string[] {
  return ops.flatMap((op) => {
    const isActivation = (id: TensorId | null): id is TensorId =>
      id !== null && !tensorOf(graph, id).data && isReal(graph, id);
    if (op.kind === 'lstm')
      return [
        `${op.sourceName || op.id} is one LSTM operator, which keeps its state from run to run: reset the interpreter's variables before each sequence. LiteRT.js loads no files with variables.`,
      ];
    const output = lookup(activations, op.outputs[0]);
    if (!output) return []; // positions and truth values have no scale
    const weight = op.inputs.find((id) => id !== null && Object.hasOwn(weights, id));
    const scales: Scales = {
      inputs: op.inputs.filter(isActivation).map((id) => lookup(activations, id)!.params.scale[0]),
      output: output.params.scale[0],
      weights: weight ? lookup(weights, weight)!.params.scale : [],
    };
    const problem = LIMITS[op.kind]?.(scales, op);
    return problem ? [`XNNPACK leaves ${op.sourceName || op.id} to LiteRT's own kernel: ${problem}.`] : [];
  });
}
