/** Scales of a weight tensor: per channel or for the whole, symmetric, wide enough for its bias. */
import type { Graph, Tensor } from '../graph/graph';
import { tensorOf } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { chooseQuantParams, SMALLEST_SCALE } from '../numerics/affine';
import { INT8_WEIGHT } from '../numerics/format';
import { ofValues } from '../ranges/distribution';
import { estimatorOf } from '../ranges/estimators/table';
import type { Range } from '../ranges/types';
import type { WeightPlan } from './plan';
import type { EstimatorChoice, QuantSettings, TensorOverride } from './settings';

/** A bias code stays below this, so that accumulating on top of it cannot overflow int32. */
const BIAS_LIMIT = 2 ** 30;

/** The values of each index of `axis`, in order; all of them as one channel where `axis` is null. */
export function channelValues({ data, shape }: Tensor, axis: number | null): Float32Array[] {
  const values = data as Float32Array;
  if (axis === null) return [values];
  const channels = shape[axis];
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const size = values.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    const own = new Float32Array(size);
    for (let to = 0, from = c * inner; to < size; from += channels * inner)
      for (let i = 0; i < inner; i++) own[to++] = values[from + i];
    return own;
  });
}

function estimated(values: Float32Array, { id, params }: EstimatorChoice): Range {
  return estimatorOf(id).estimate(ofValues(values), INT8_WEIGHT, params);
}

/** A manual range caps what the values reach: a channel narrower than it keeps its own. */
function capped(values: Float32Array, cap: Range): Range {
  let min = 0;
  let max = 0;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min: Math.max(min, cap.min), max: Math.min(max, cap.max) };
}

function rangesOf(channels: readonly Float32Array[], choice: EstimatorChoice, override: TensorOverride): Range[] {
  const { range, channels: single } = override;
  return channels.map((values, c) => {
    const own = single?.[c];
    if (own) return own;
    return range ? capped(values, range) : estimated(values, override.estimator ?? choice);
  });
}

/** Plans the weights of one op, all channels at once. */
export function planWeights(graph: Graph, op: Op, weightId: string, axis: number, settings: QuantSettings): WeightPlan {
  const override = settings.tensors[weightId] ?? {};
  const isPerChannel = settings.weights.granularity === 'channel';
  const channels = channelValues(tensorOf(graph, weightId), isPerChannel ? axis : null);
  const ranges = rangesOf(channels, settings.weights.estimator, override);
  const scale = Float32Array.from(ranges, (range) => chooseQuantParams(range, INT8_WEIGHT).scale);
  giveDeadChannelsAScale(scale, channels);
  return {
    tensor: weightId,
    op: op.id,
    ranges,
    params: { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: axis },
    origin: override.range || override.channels ? 'manual' : 'estimated',
  };
}

/** A channel of zeros fits any scale; its bias, which uses that scale too, is best served by one as fine as its peers'. */
function giveDeadChannelsAScale(scale: Float32Array, channels: readonly Float32Array[]): void {
  const dead = channels.flatMap((values, c) => (values.every((value) => value === 0) ? [c] : []));
  if (dead.length === 0 || dead.length === channels.length) return;
  const finest = scale.reduce((least, s, c) => (dead.includes(c) ? least : Math.min(least, s)), Infinity);
  for (const c of dead) scale[c] = finest;
}

/**
 * Enlarges the scales of channels whose bias would leave int32 (dead batch-norm channels do this), or whose product with
 * the input's scale would leave float32's normal numbers.
 * @returns what was changed, in words
 */
export function fitBias(
  plan: WeightPlan,
  inputScale: number,
  bias: Float32Array | undefined,
  name: string,
): string | undefined {
  const { scale } = plan.params;
  const enlarged: number[] = [];
  const channels = bias?.length ?? 0;
  for (let c = 0; c < channels; c++) {
    const at = scale.length === 1 ? 0 : c;
    const least = Math.max(Math.abs(bias![c]) / (inputScale * BIAS_LIMIT), SMALLEST_SCALE);
    if (scale[at] >= least) continue;
    scale[at] = Math.fround(least * (1 + 2 ** -23));
    enlarged.push(c);
  }
  if (enlarged.length === 0) return undefined;
  const which = enlarged.length === 1 ? `channel ${enlarged[0]}` : `${enlarged.length} channels`;
  return `The weight scale of ${which} of ${name} is enlarged: its bias would overflow int32.`;
}
