import { elementCount, type Tensor, type TensorId } from '../graph';
import type { Op } from '../ops/attrs';

/** A value for each channel, computed when asked for: before there are weights to fold into, nothing is allocated. */
type PerChannel = (channel: number) => number;

/** y[…,c] = scale(c) · x[…,c] + shift(c) over the last axis; null stands for ones and for zeros. */
export interface ChannelAffine {
  readonly x: TensorId;
  readonly channels: number;
  readonly scale: PerChannel | null;
  readonly shift: PerChannel | null;
}

export function channelValues(values: PerChannel | null, channels: number): Float64Array | null {
  return values && Float64Array.from({ length: channels }, (_, channel) => values(channel));
}

type TensorAt = (id: TensorId) => Tensor;

/** Values of a float constant. */
export function floatsOf(id: TensorId | null | undefined, tensorAt: TensorAt): Float32Array | null {
  const tensor = id === null || id === undefined ? null : tensorAt(id);
  return tensor?.data instanceof Float32Array && !tensor.quant ? tensor.data : null;
}

function batchNorm(op: Op<'batchNorm'>, channels: number, tensorAt: TensorAt): ChannelAffine | null {
  const [x, ...params] = op.inputs;
  const values = params.map((id) => floatsOf(id, tensorAt));
  const [gamma, beta, mean, variance] = values;
  if (!x || !mean || !variance || params.some((id, i) => id !== null && !values[i])) return null;
  const scale = (c: number) => (gamma?.[c] ?? 1) / Math.sqrt(variance[c] + op.attrs.epsilon);
  return { x, channels, scale, shift: (c) => (beta?.[c] ?? 0) - mean[c] * scale(c) };
}

/** A constant that is the same for all positions, as one value per channel. */
function perChannel(tensor: Tensor, rank: number, channels: number, sign = 1): PerChannel | null {
  if (!(tensor.data instanceof Float32Array) || tensor.quant || tensor.shape.length > rank) return null;
  const values = tensor.data;
  const count = elementCount(tensor.shape);
  if (count === 1) return () => sign * values[0];
  return count === channels && tensor.shape.at(-1) === channels ? (c) => sign * values[c] : null;
}

function withConstant(op: Op<'add' | 'sub' | 'mul'>, tensorAt: TensorAt): ChannelAffine | null {
  const [a, b] = op.inputs.map((id) => tensorAt(id!));
  const [x, constant] = a.data && op.kind !== 'sub' ? [b, a] : [a, b];
  const channels = x.shape.at(-1);
  if (channels === undefined || channels < 1 || x.data) return null;
  const values = perChannel(constant, x.shape.length, channels, op.kind === 'sub' ? -1 : 1);
  if (!values) return null;
  const scales = op.kind === 'mul';
  return { x: x.id, channels, scale: scales ? values : null, shift: scales ? null : values };
}

/** The op as a map of each channel by itself; null where it is none, or its parameters are no float constants. */
export function asChannelAffine(op: Op, tensorAt: TensorAt): ChannelAffine | null {
  if (op.kind === 'batchNorm') return batchNorm(op, tensorAt(op.inputs[0]!).shape.at(-1)!, tensorAt);
  return op.kind === 'add' || op.kind === 'sub' || op.kind === 'mul' ? withConstant(op, tensorAt) : null;
}
