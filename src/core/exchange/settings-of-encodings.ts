/** Encodings as choices of ours: the range and format of each tensor that the model has under that name. */
import { lookup, put } from '../../base/lookup';
import { tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';
import { formatOf } from '../number-formats/table';
import type { Range } from '../calibration/types';
import type { LayerOverride, QuantSettings, TensorOverride } from '../quantize/settings';
import type { Encoding, Encodings } from './encoding';

export interface Applied {
  readonly settings: QuantSettings;
  /** Tensors whose encodings were taken over. */
  readonly taken: number;
  /** What has no counterpart, in words. */
  readonly left: readonly string[];
}

/** @param graph normalized: its weights and activations are what plans are made of */
export function withEncodings(settings: QuantSettings, { encodings, left: unread }: Encodings, graph: Graph): Applied {
  const tensors: Record<TensorId, TensorOverride> = {};
  const layers: Record<OpId, LayerOverride> = {};
  for (const [id, own] of Object.entries(settings.tensors)) put(tensors, id, own);
  for (const [id, own] of Object.entries(settings.layers)) put(layers, id, own);
  const weights = weightsOf(graph);
  const left = [...unread];
  let taken = 0;
  for (const encoding of encodings) {
    const { tensor: id, bits } = encoding;
    const weight = weights.get(id);
    const why = whyLeft(encoding, graph, weight);
    if (why !== undefined) {
      left.push(`${id}: ${why}`);
      continue;
    }
    taken++;
    const format = `int${bits}`;
    const own = lookup(tensors, id) ?? {};
    if (weight) {
      for (const op of weight.ops)
        put(layers, op, { ...lookup(layers, op), weightFormat: format, granularity: 'channel' });
      const channels = channelRanges(encoding, weight.channels);
      if (channels) put(tensors, id, { ...own, channels });
    } else put(tensors, id, { ...own, format, ...(encoding.scale.length > 0 && { range: activationRange(encoding) }) });
  }
  return { settings: { ...settings, tensors, layers }, taken, left };
}

interface Weight {
  readonly ops: readonly OpId[];
  readonly channels: number;
}

/** Constants that ops weigh with, and how many channels they have. */
function weightsOf(graph: Graph): ReadonlyMap<TensorId, Weight> {
  const weights = new Map<TensorId, Weight>();
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    const id = rule.kind === 'weighted' ? op.inputs[rule.weightInput] : null;
    if (!id || rule.kind !== 'weighted') continue;
    const { data, shape } = tensorOf(graph, id);
    if (data) weights.set(id, { ops: [...(weights.get(id)?.ops ?? []), op.id], channels: shape[rule.axis] ?? 1 });
  }
  return weights;
}

function whyLeft(
  { tensor, bits, scale, zeroPoint }: Encoding,
  graph: Graph,
  weight: Weight | undefined,
): string | undefined {
  const found = graph.tensors.get(tensor);
  if (!found) return 'the model has no tensor of this name';
  if (!weight && found.data) return 'the scale of this constant follows from those around it';
  if (!formatOf(`int${bits}`)) return `codes of ${bits} bits`;
  if (weight && zeroPoint.some((zero) => zero !== 0)) return 'weights with zero points';
  if (weight && scale.length > 1 && scale.length !== weight.channels)
    return `${scale.length} scales for ${weight.channels} channels`;
  return !weight && scale.length > 1 ? 'an activation with a scale for each channel' : undefined;
}

/** The ends of the codes around zero: of this range, a symmetric grid makes the same scale again. */
function channelRanges({ bits, scale }: Encoding, channels: number): Record<number, Range> | undefined {
  if (scale.length === 0) return undefined;
  const highest = 2 ** (bits - 1) - 1;
  const ranges: Record<number, Range> = {};
  for (let c = 0; c < channels; c++) {
    const end = (scale.length === 1 ? scale[0] : scale[c]) * highest;
    ranges[c] = { min: -end, max: end };
  }
  return ranges;
}

/** Codes of 16 bits have no zero point in kernels, and their grid leaves out the lowest. */
function activationRange({ bits, scale, zeroPoint }: Encoding): Range {
  const highest = 2 ** (bits - 1) - 1;
  const lowest = bits === 16 && zeroPoint[0] === 0 ? -highest : -highest - 1;
  return { min: scale[0] * (lowest - zeroPoint[0]), max: scale[0] * (highest - zeroPoint[0]) };
}
