/** Scales of a weight tensor: per channel or for the whole, symmetric, wide enough for its bias. */
import { tensorOf, type Graph, type QuantParams, type Tensor } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { chooseQuantParams, SMALLEST_SCALE } from '../numerics/affine';
import { extentOf, INT8_WEIGHT, type AnyFormat, type NumberFormat } from '../numerics/format';
import { eachChannel } from '../ranges/channels';
import { ofValues } from '../ranges/distribution';
import type { Range } from '../ranges/types';
import { estimateRange, rememberedRanges } from './estimate';
import { chosenWeightFormat } from './format-choice';
import type { WeightPlan } from './plan';
import type { EstimatorChoice, QuantSettings } from './settings';

/** A bias code stays below this, half of int32, so that accumulating on top of it cannot overflow. */
const BIAS_LIMIT = 2 ** 30;

const MIN_MAX: EstimatorChoice = { id: 'minmax', params: {} };

/** Ranges of each channel's own values, from the constant itself; of all of them at once where `axis` is null. */
function estimatedRanges(
  { data, shape }: Tensor,
  axis: number | null,
  format: NumberFormat,
  choice: EstimatorChoice,
): readonly Range[] {
  const values = data as Float32Array; // readers widen weights, a normalized graph has no others
  // Constants of equal bytes but another shape may share their values.
  const find = () => {
    const ranges: Range[] = [];
    const add = (_: number, channel: Float32Array) => ranges.push(estimateRange(ofValues(channel), format, choice));
    if (axis === null) add(0, values);
    else eachChannel(values, shape, axis, add);
    return ranges;
  };
  return rememberedRanges(values, format, choice, find, `axis ${axis} of ${shape.join()}`);
}

/** A manual range caps what the values reach: a channel narrower than it keeps its own. */
function capped(own: Range, cap: Range): Range {
  return { min: Math.max(own.min, Math.min(cap.min, 0)), max: Math.min(own.max, Math.max(cap.max, 0)) };
}

/** Plans the weights of one op, all channels at once. */
export function planWeights(graph: Graph, op: Op, weightId: string, axis: number, settings: QuantSettings): WeightPlan {
  const tensor = tensorOf(graph, weightId);
  const format = chosenWeightFormat(settings, op.id);
  const own = format === INT8_WEIGHT ? {} : { format };
  if (tensor.quant && format.kind !== 'block') return { ...learntPlan(tensor, tensor.quant, op, format), ...own };
  const perChannel = settings.weights.granularity === 'channel';
  const { range: cap, channels = {}, estimator } = settings.tensors[weightId] ?? {};
  const manual = perChannel ? channels : {};
  const choice = cap ? MIN_MAX : (estimator ?? settings.weights.estimator);
  // Blocks find their scales themselves; the extent is for people.
  const grid = format.kind === 'block' ? format.element : format;
  const ranges = estimatedRanges(
    tensor,
    perChannel ? axis : null,
    grid,
    format.kind === 'block' ? MIN_MAX : choice,
  ).map((range, c) => manual[c] ?? (cap ? capped(range, cap) : range));
  return {
    tensor: weightId,
    op: op.id,
    ranges,
    params: { scale: scalesOf(ranges, format), zeroPoint: new Int32Array(ranges.length), quantizedDimension: axis },
    ...own,
    origin: cap || Object.keys(manual).length > 0 ? 'manual' : 'estimated',
  };
}

/** Weights that an algorithm put on a grid already keep it: their codes were chosen one by one. */
function learntPlan({ id }: Tensor, quant: QuantParams, op: Op, format: NumberFormat): WeightPlan {
  const { high } = extentOf(format);
  const ranges = Array.from(quant.scale, (s) => ({ min: -s * high, max: s * high }));
  return { tensor: id, op: op.id, ranges, params: { ...quant, scale: quant.scale.slice() }, origin: 'learnt' };
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
    if (scale[at] >= least) return;
    scale[at] = Math.fround(least * (1 + 2 ** -23)); // rounding to float32 must not undo it
    enlarged.push(c);
  });
  if (enlarged.length === 0) return undefined;
  const which = enlarged.length === 1 ? `channel ${enlarged[0]}` : `${enlarged.length} channels`;
  return `The weight scale of ${which} of ${name} is enlarged: its bias would overflow int32.`;
}
