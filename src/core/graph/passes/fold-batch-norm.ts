/**
 * Folds what maps each channel by itself into the weights of a neighbour: batch normalization, and the multiplications
 * and additions of constants that converters leave of it. A batch normalization without such a neighbour becomes one
 * multiplication and one addition. Sums are taken in float64 and rounded once.
 */
import type { Graph, StoredAs } from '../graph';
import type { Op } from '../ops/attrs';
import { definitionOf } from '../ops/table';
import { stridesOf } from '../broadcast';
import { slideWindow } from '../spatial';
import { asChannelAffine, channelValues, floatsOf, type ChannelAffine } from './channel-affine';
import { Rewrite } from './rewrite';

interface Weights {
  readonly weights: Float32Array;
  readonly bias: Float32Array | null;
  readonly axis: number;
  readonly weightInput: number;
  readonly biasInput: number;
}

/** Weights and bias of an op, where they are float constants. */
function weightsOf(op: Op, rewrite: Rewrite): Weights | null {
  const rule = definitionOf(op).quant;
  if (rule.kind !== 'weighted') return null;
  const tensorAt = rewrite.tensor.bind(rewrite);
  const biasId = op.inputs[rule.biasInput];
  const weights = floatsOf(op.inputs[rule.weightInput], tensorAt);
  const bias = floatsOf(biasId, tensorAt);
  return weights && (bias || !biasId) ? { ...rule, weights, bias } : null;
}

/** The op's inputs with other weights and bias; null keeps what it has. */
function withWeights(
  op: Op,
  rewrite: Rewrite,
  old: Weights,
  weights: Float32Array | null,
  bias: Float32Array | null,
  storedAs?: StoredAs,
) {
  const inputs = [...op.inputs];
  if (weights) inputs[old.weightInput] = rewrite.changed(op.inputs[old.weightInput]!, weights, storedAs);
  const biasId = op.inputs[old.biasInput];
  if (bias && biasId) inputs[old.biasInput] = rewrite.changed(biasId, bias);
  else if (bias)
    inputs[old.biasInput] = rewrite.add(`${op.id}/bias`, { dtype: 'float32', shape: [bias.length], data: bias });
  return inputs;
}

/** Codes stay what they are where each channel's values are multiplied by a positive number: its scale is. */
function rescaled({ dtype, quant }: StoredAs, factors: Float64Array, axis: number): StoredAs | undefined {
  const { scale, zeroPoint, quantizedDimension } = quant;
  const perChannel = scale.length === factors.length && quantizedDimension === axis;
  if ((scale.length > 1 && !perChannel) || factors.some((factor) => !(factor > 0))) return undefined;
  const of = <T>(values: ArrayLike<T>, channel: number) => values[values.length === 1 ? 0 : channel];
  const single = scale.length === 1 && factors.every((factor) => factor === factors[0]);
  const used = single ? factors.subarray(0, 1) : factors;
  return {
    dtype,
    quant: {
      scale: Float32Array.from(used, (factor, channel) => of(scale, channel) * factor),
      zeroPoint: Int32Array.from(used, (_, channel) => of(zeroPoint, channel)),
      quantizedDimension: single ? 0 : axis,
    },
  };
}

/** Into the op before, when nothing else reads its output. */
function foldBackward(op: Op, affine: ChannelAffine, rewrite: Rewrite): boolean {
  const before = rewrite.writer(affine.x);
  if (!before || before.activation !== 'none' || rewrite.onlyReader(affine.x) !== op) return false;
  const old = weightsOf(before, rewrite);
  if (!old) return false;
  const { shape } = rewrite.tensor(before.inputs[old.weightInput]!);
  if (shape[old.axis] !== affine.channels) return false;

  const { channels } = affine;
  const [scale, shift] = [channelValues(affine.scale, channels), channelValues(affine.shift, channels)];
  const inner = stridesOf(shape)[old.axis];
  const weights = scale && old.weights.map((w, i) => w * scale[Math.floor(i / inner) % channels]);
  const bias = new Float32Array(channels);
  for (let c = 0; c < channels; c++) bias[c] = (old.bias?.[c] ?? 0) * (scale?.[c] ?? 1) + (shift?.[c] ?? 0);
  const stored = rewrite.tensor(before.inputs[old.weightInput]!).storedAs;
  const storedAs = stored && scale ? rescaled(stored, scale, old.axis) : undefined;
  const inputs = withWeights(before, rewrite, old, weights, old.bias || shift ? bias : null, storedAs);
  rewrite.replace(op);
  rewrite.replace(before, { ...before, inputs, outputs: op.outputs, activation: op.activation });
  return true;
}

/** Which output and which input channel each weight connects; null where a shift would not be the same everywhere. */
function connections(
  op: Op,
  rewrite: Rewrite,
  channels: number,
): ((i: number) => [output: number, input: number]) | null {
  const x = rewrite.tensor(op.inputs[0]!).shape;
  const w = rewrite.tensor(op.inputs[1]!).shape as [number, number, number, number];
  if (op.kind === 'fullyConnected') return (i) => [Math.floor(i / w[1]), (i % w[1]) % channels];
  if (op.kind !== 'conv2d' && op.kind !== 'depthwiseConv2d') return null;
  const { strides, dilations, padding } = op.attrs;
  const { pads } = slideWindow([x[1], x[2]], [w[1], w[2]], strides, dilations, padding);
  if (pads.flat().some((zeros) => zeros > 0)) return null;
  if (op.kind === 'depthwiseConv2d') {
    const { multiplier } = op.attrs;
    return (i) => [i % w[3], Math.floor((i % w[3]) / multiplier)];
  }
  const perFilter = w[1] * w[2] * w[3];
  const perGroup = w[0] / op.attrs.groups;
  return (i) => {
    const output = Math.floor(i / perFilter);
    return [output, Math.floor(output / perGroup) * w[3] + (i % w[3])];
  };
}

/** Into the op after, when nothing else reads the normalized values and none of its windows sees padding. */
function foldForward(op: Op, affine: ChannelAffine, rewrite: Rewrite): boolean {
  const after = rewrite.onlyReader(op.outputs[0]);
  if (!after || op.activation !== 'none' || after.inputs[0] !== op.outputs[0]) return false;
  const old = weightsOf(after, rewrite);
  const connection = old && connections(after, rewrite, affine.channels);
  if (!connection) return false;

  const [scale, shift] = [affine.scale, affine.shift].map((values) => channelValues(values, affine.channels));
  const weights = new Float32Array(old.weights.length);
  const sums = new Float64Array(rewrite.tensor(after.inputs[old.weightInput]!).shape[old.axis]);
  for (let i = 0; i < weights.length; i++) {
    const [output, input] = connection(i);
    weights[i] = old.weights[i] * (scale?.[input] ?? 1);
    sums[output] += old.weights[i] * (shift?.[input] ?? 0);
  }
  const bias = Float32Array.from(sums, (sum, o) => (old.bias?.[o] ?? 0) + sum);
  const inputs = withWeights(after, rewrite, old, weights, bias);
  rewrite.replace(op);
  rewrite.replace(after, { ...after, inputs: inputs.with(0, affine.x) });
  return true;
}

/** y = x·scale + shift, spelled out. */
function spellOut(op: Op, { x, channels, scale, shift }: ChannelAffine, rewrite: Rewrite): void {
  const [y] = op.outputs as [string];
  const vector = (name: string, values: ChannelAffine['scale']) => {
    const data = Float32Array.from(channelValues(values, channels)!);
    return rewrite.add(`${op.id}/${name}`, { dtype: 'float32', shape: [channels], data });
  };
  const { dtype, shape } = rewrite.tensor(y);
  const scaled = rewrite.add(`${y}/scaled`, { dtype, shape });
  const common = { sourceName: op.sourceName, attrs: {} };
  rewrite.replace(
    op,
    {
      ...common,
      id: rewrite.opName(`${op.id}/scale`),
      kind: 'mul',
      inputs: [x, vector('multiplier', scale)],
      outputs: [scaled],
      activation: 'none',
    },
    {
      ...common,
      id: op.id,
      kind: 'add',
      inputs: [scaled, vector('offset', shift)],
      outputs: [y],
      activation: op.activation,
    },
  );
}

export function foldBatchNorm(graph: Graph): Graph {
  const rewrite = new Rewrite(graph);
  for (const op of graph.ops) {
    const affine = asChannelAffine(op, rewrite.tensor.bind(rewrite));
    if (!affine || foldBackward(op, affine, rewrite)) continue;
    if (op.kind === 'batchNorm' && !foldForward(op, affine, rewrite)) spellOut(op, affine, rewrite);
  }
  return rewrite.done();
}
