/** Scales of a weight tensor: per channel or for the whole, symmetric, wide enough for its bias. */
import type { Graph } from '../graph/graph';
import { tensorOf } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { chooseQuantParams, SMALLEST_SCALE } from '../numerics/affine';
import { INT8_WEIGHT } from '../numerics/format';
import { eachChannel } from '../ranges/channels';
import { ofValues } from '../ranges/distribution';
import type { Range } from '../ranges/types';
import { estimateRange } from './estimate';
import type { WeightPlan } from './plan';
import type { QuantSettings } from './settings';

/** A bias code stays below this, so that accumulating on top of it cannot overflow int32. */
const BIAS_LIMIT = 2 ** 30;

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

/** Plans the weights of one op, all channels at once. */
export function planWeights(graph: Graph, op: Op, weightId: string, axis: number, settings: QuantSettings): WeightPlan {
  const { data, shape } = tensorOf(graph, weightId);
  const override = settings.tensors[weightId] ?? {};
  const choice = override.estimator ?? settings.weights.estimator;
  const ranges: Range[] = [];
  const dead = new Set<number>();
  const plan = (c: number, values: Float32Array) => {
    if (values.every((value) => value === 0)) dead.add(c);
    ranges.push(
      override.channels?.[c] ??
        (override.range ? capped(values, override.range) : estimateRange(ofValues(values), INT8_WEIGHT, choice)),
    );
  };
  if (settings.weights.granularity === 'channel') eachChannel(data as Float32Array, shape, axis, plan);
  else plan(0, data as Float32Array);
  const scale = Float32Array.from(ranges, (range) => chooseQuantParams(range, INT8_WEIGHT).scale);
  giveDeadChannelsAScale(scale, dead);
  return {
    tensor: weightId,
    op: op.id,
    ranges,
    params: { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: axis },
    origin: override.range || override.channels ? 'manual' : 'estimated',
  };
}

/** A channel of zeros fits any scale; its bias, which uses that scale too, is best served by one as fine as its peers'. */
function giveDeadChannelsAScale(scale: Float32Array, dead: ReadonlySet<number>): void {
  if (dead.size === 0 || dead.size === scale.length) return;
  const finest = scale.reduce((least, s, c) => (dead.has(c) ? least : Math.min(least, s)), Infinity);
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
