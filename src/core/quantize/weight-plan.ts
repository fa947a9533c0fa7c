/** Scales of a weight tensor: for the whole, per channel or per block, symmetric, wide enough for its bias. */
import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type QuantParams, type Tensor } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { chooseQuantParams, SMALLEST_SCALE } from '../numerics/affine';
import { extentOf, INT8_WEIGHT, type AnyFormat, type NumberFormat } from '../number-formats/format';
import { eachChannel } from '../calibration/channels';
import { ofValues } from '../calibration/distribution';
import type { Range } from '../calibration/types';
import { estimateRange, rememberedRanges } from './estimate';
import { chosenWeightFormat } from './format-choice';
import type { WeightPlan } from './plan';
import { rangeChoice } from './range-choice';
import { storedWeights } from './stored-grid';
import { BLOCK, type EstimatorChoice, type Granularity, type QuantSettings } from './settings';

/** A bias code stays below this, half of int32, so that accumulating on top of it cannot overflow. */
const BIAS_LIMIT = 2 ** 30;

const MIN_MAX: EstimatorChoice = { id: 'minmax', params: {} };

/** Ranges of whatever shares a scale, from the constant's own values: all of them, a channel's, or a channel's blocks. */
function estimatedRanges(
  { data, shape }: Tensor,
  granularity: Granularity,
  axis: number,
  format: NumberFormat,
  choice: EstimatorChoice,
): readonly Range[] {
  const values = data as Float32Array; // readers widen weights, a normalized graph has no others
  const find = () => {
    const ranges: Range[] = [];
    const add = (group: Float32Array) => ranges.push(estimateRange(ofValues(group), format, choice));
    if (granularity === 'tensor') add(values);
    else
      eachChannel(values, shape, axis, (_, channel) => {
        const size = granularity === 'block' ? BLOCK : channel.length;
        for (let at = 0; at < channel.length; at += size) add(channel.subarray(at, at + size));
      });
    return ranges;
  };
  // Constants of equal bytes but another shape may share their values.
  return rememberedRanges(values, format, choice, find, `${granularity} ${axis} of ${shape.join()}`);
}

/** A manual range caps what the values reach: a channel narrower than it keeps its own. */
function capped(own: Range, cap: Range): Range {
  return { min: Math.max(own.min, Math.min(cap.min, 0)), max: Math.min(own.max, Math.max(cap.max, 0)) };
}

/**
 * Plans the weights of one op, all channels at once.
 *
 * @param prescribed the granularity that the op's kernel takes alone
 */
export function planWeights(
  graph: Graph,
  op: Op,
  weightId: string,
  axis: number,
  settings: QuantSettings,
  prescribed?: Granularity,
): WeightPlan {
  const tensor = tensorOf(graph, weightId);
  const format = chosenWeightFormat(settings, op.id);
  const own = format === INT8_WEIGHT ? {} : { format };
  if (tensor.quant && format.kind !== 'block') return { ...learntPlan(tensor, tensor.quant, op, format), ...own };
  const wanted = prescribed ?? lookup(settings.layers, op.id)?.granularity ?? settings.weights.granularity;
  const granularity = format.kind === 'block' && wanted === 'block' ? 'channel' : wanted; // they have blocks already
  const { range: cap, channels = {}, estimator } = rangeChoice(settings, weightId, op.id, 'weight');
  const manual = granularity === 'channel' ? channels : {};
  if (!cap && !estimator && Object.keys(manual).length === 0) {
    const kept = keptPlan(tensor, op, axis, granularity, settings);
    if (kept) return kept;
  }
  const choice = cap ? MIN_MAX : (estimator ?? settings.weights.estimator);
  // Blocks find their scales themselves; the extent is for people.
  const grid = format.kind === 'block' ? format.element : format;
  const ranges = estimatedRanges(tensor, granularity, axis, grid, format.kind === 'block' ? MIN_MAX : choice).map(
    (range, c) => manual[c] ?? (cap ? capped(range, cap) : range),
  );
  return {
    tensor: weightId,
    op: op.id,
    ranges,
    params: {
      scale: scalesOf(ranges, format),
      zeroPoint: Int32Array.from(ranges, (range) => zeroPointOf(range, format)),
      quantizedDimension: axis,
    },
    ...own,
    ...(granularity === 'block' && { block: BLOCK }),
    origin: cap || Object.keys(manual).length > 0 ? 'manual' : 'estimated',
  };
}

/** Weights that an algorithm put on a grid already keep it: their codes were chosen one by one. */
function learntPlan({ id }: Tensor, quant: QuantParams, op: Op, format: NumberFormat): WeightPlan {
  const { high } = extentOf(format);
  const ranges = Array.from(quant.scale, (s) => ({ min: -s * high, max: s * high }));
  return { tensor: id, op: op.id, ranges, params: { ...quant, scale: quant.scale.slice() }, origin: 'learnt' };
}

/** Weights of a file that was quantized already keep their codes, unless somebody chose a format, a granularity or ranges. */
function keptPlan(
  tensor: Tensor,
  op: Op,
  axis: number,
  granularity: Granularity,
  { weights, layers, fileRanges }: QuantSettings,
): WeightPlan | undefined {
  if (!tensor.storedAs || fileRanges === 'ignored' || weights.codes !== undefined) return undefined;
  const stored = storedWeights(tensor, axis);
  if (!stored) return undefined;
  const { params, format } = stored;
  const wanted = layers[op.id]?.weightFormat ?? weights.format;
  if (wanted !== undefined && wanted !== `int${format.bits}`) return undefined;
  if (granularity !== (params.scale.length === 1 ? 'tensor' : 'channel') && granularity !== 'channel') return undefined;
  const { low, high } = extentOf(format);
  const ranges = Array.from(params.scale, (s) => ({ min: s * low, max: s * high }));
  return { tensor: tensor.id, op: op.id, ranges, params, ...(format !== INT8_WEIGHT && { format }), origin: 'file' };
}

/**
 * Dead channels, all zeros, fit any scale. Their bias uses it, too: one as fine as the finest of their peers serves it
 * best, and where there are no peers {@link fitBias} finds the finest that fits.
 */
function scalesOf(ranges: readonly Range[], format: AnyFormat): Float32Array {
  if (format.kind === 'block') return Float32Array.from(ranges, () => 1);
  const isDead = ({ min, max }: Range) => min === 0 && max === 0;
  const scales = ranges.map((range) => (isDead(range) ? Infinity : chooseQuantParams(range, format).scale));
  const finest = scales.reduce((least, scale) => Math.min(least, scale), Infinity);
  return Float32Array.from(scales, (scale) => (scale < Infinity ? scale : finest < Infinity ? finest : SMALLEST_SCALE));
}

/** 0 but for asymmetric integers. */
function zeroPointOf(range: Range, format: AnyFormat): number {
  return format.kind === 'int' && !format.symmetric ? chooseQuantParams(range, format).zeroPoint : 0;
}

/**
 * Enlarges the scales of channels whose bias would leave int32; dead batch-norm channels do this.
 * @returns what was changed, in words
 */
export function fitBias(
  { params: { scale } }: WeightPlan,
  inputScale: number,
  bias: Float32Array | undefined,
  name: string,
): string | undefined {
  const enlarged: number[] = [];
  bias?.forEach((value, c) => {
    const at = scale.length === 1 ? 0 : c;
    const least = Math.abs(value) / (inputScale * BIAS_LIMIT);
    if (!(scale[at] < least && Number.isFinite(least))) return;
    scale[at] = Math.fround(least * (1 + 2 ** -23)); // rounding to float32 must not undo it
    enlarged.push(c);
  });
  if (enlarged.length === 0) return undefined;
  const which = enlarged.length === 1 ? `channel ${enlarged[0]}` : `${enlarged.length} channels`;
  return `The weight scale of ${which} of ${name} is enlarged: its bias would overflow int32.`;
}
