/**
 * Where LiteRT's own kernels end the whole process, or refuse to prepare, because a ratio of scales does not fit their fixed
 * point. An op beyond such a limit stays in float.
 */
import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { Op, OpKind } from '../graph/ops/attrs';
import type { ActivationPlan } from './plan';
import { isReal } from './whole-numbers';

type Scales = (id: TensorId) => number | undefined;
type Limit = (inputs: readonly number[], output: number, op: Op) => string | undefined;

const shown = (ratio: number) => ratio.toPrecision(3);

/** QuantizeMultiplierSmallerThanOneExp checks that 2·max(s_in) / (2^shift · s_out) is below 1; ADD and SUB shift by 20. */
const addends: Limit = (inputs, output) => {
  const ratio = Math.max(...inputs) / output;
  return ratio < 2 ** 19 ? undefined : `input scale / output scale is ${shown(ratio)}, from 2^19 up`;
};

/** The same with squares of scales, and a shift of 14 for the squares. */
const differences: Limit = (inputs, output) => {
  const ratio = (2 * Math.max(...inputs)) ** 2 / (2 ** 14 * output);
  return ratio < 1 ? undefined : `squared input scale / output scale is ${shown(ratio)} of what it may be`;
};

/** The output multiplier, with 7 bits of headroom taken off, must not shift to the left. */
const hardSwish: Limit = ([input], output) =>
  input / output < 128 ? undefined : `input scale / output scale is ${shown(input / output)}, from 128 up`;

/** PreprocessSoftmaxScaling wants 26 bits of headroom above the input's step. */
const softmax: Limit = ([input], _, op) => {
  const step = input * (op as Op<'softmax'>).attrs.beta;
  return step * 2 ** 26 > 1 ? undefined : `its input's scale is ${shown(step)}, not above 2^-26`;
};

const LIMITS: Readonly<Partial<Record<OpKind, Limit>>> = {
  add: addends,
  sub: addends,
  squaredDifference: differences,
  hardSwish,
  softmax,
};

/** What of an op's scales its kernel cannot hold, in words; nothing where all is well. */
export function beyondKernel(
  graph: Graph,
  op: Op,
  activations: Readonly<Record<TensorId, ActivationPlan>>,
  constantScale: Scales,
): string | undefined {
  const limit = LIMITS[op.kind];
  const output = activations[op.outputs[0]]?.params.scale[0];
  if (!limit || output === undefined) return undefined;
  const inputs = op.inputs.flatMap((id) => {
    if (id === null || !isReal(graph, id)) return [];
    return lookup(activations, id)?.params.scale[0] ?? (tensorOf(graph, id).data ? constantScale(id) : undefined) ?? [];
  });
  const problem = inputs.length > 0 ? limit(inputs, output, op) : undefined;
  return problem && `LiteRT's int8 kernel cannot hold its scales: ${problem}`;
}
