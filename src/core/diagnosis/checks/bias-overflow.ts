import { lookup } from '../../../base/lookup';
import { outputRanges } from '../../algorithms/equalize';
import { weightedLayers, type WeightedLayer } from '../../algorithms/layer';
import { chooseQuantParams } from '../../numerics/affine';
import { INT8_WEIGHT } from '../../number-formats/format';
import type { Check, Examined } from '../finding';
import { count, figure, namesOf } from '../words';
import { keptInFloat, settingsFixes, shareOf } from './shared';

/** As equalization has it: channels this much smaller than their peers compute nothing but their bias. */
const DEAD = 1e-7;
/** The worst tell what is wrong with the rest. */
const MOST = 3;

interface Crowded {
  readonly layer: WeightedLayer;
  readonly channel: number;
  readonly bias: number;
  readonly range: number;
  /** How much larger than its weights ask for the scale became. */
  readonly factor: number;
  readonly codes: number;
}

/** The channel whose scale was enlarged most, for its bias to fit into int32; see fitBias. */
function crowdedOf(layer: WeightedLayer, { plan }: Examined): Crowded | null {
  const planned = lookup(plan.weights, layer.weightId);
  const { format = INT8_WEIGHT } = planned ?? {};
  if (!planned || planned.origin === 'learnt' || format.kind !== 'int' || !layer.bias) return null;
  const ranges = outputRanges(layer);
  const { scale } = planned.params;
  const dead = deadBelow(ranges);
  let worst: Crowded | null = null;
  ranges.forEach((range, channel) => {
    const at = scale.length === 1 ? 0 : channel;
    const asked = planned.ranges[at];
    if (range <= dead || !(Math.max(-asked.min, asked.max) > 0)) return;
    const factor = scale[at] / chooseQuantParams(asked, format).scale;
    if (factor < 1.01 || factor <= (worst?.factor ?? 0)) return;
    worst = { layer, channel, bias: layer.bias![channel], range, factor, codes: range / scale[at] };
  });
  return worst;
}

function deadBelow(ranges: Float64Array): number {
  return DEAD * ranges.reduce((largest, range) => Math.max(largest, range), 0);
}

function deadChannels(layer: WeightedLayer): number {
  const ranges = outputRanges(layer);
  const dead = deadBelow(ranges);
  return ranges.filter((range) => range <= dead).length;
}

/**
 * A bias is an int32 at the scale s_in · s_w of its channel. Weights next to nothing, which training leaves in channels it
 * gave up, ask for a scale at which it does not fit.
 */
export const biasOverflow: Check = {
  id: 'bias-overflow',
  looksFor: 'Channels whose weights are so small beside their bias that int32 cannot hold it at their scale.',
  find(examined) {
    const layers = weightedLayers(examined.graph).filter(({ weightId }) => lookup(examined.plan.weights, weightId));
    const crowded = layers
      .flatMap((layer) => crowdedOf(layer, examined) ?? [])
      .sort((a, b) => b.factor - a.factor)
      .slice(0, MOST);
    const findings = crowded.map((row) => ({
      title: 'A bias too large for its scale',
      sentence:
        `Channel ${row.channel} has weights up to ${figure(row.range)} beside a bias of ${figure(row.bias)}. For the bias to fit ` +
        `into int32 the scale was made ${figure(row.factor)} times larger; ${figure(row.codes)} codes are left to those weights.`,
      layers: [row.layer.op.id],
      evidence: [
        { label: 'Bias', value: figure(row.bias) },
        { label: 'Largest weight', value: figure(row.range) },
        { label: 'Scale enlarged', value: `${figure(row.factor)}×` },
        { label: 'Codes left', value: figure(row.codes) },
      ],
      fixes: settingsFixes(examined, [
        ...(lookup(examined.plan.weights, row.layer.weightId)!.ranges.length === 1
          ? [{ label: 'One scale per channel', patch: { granularity: 'channel' as const } }]
          : []),
        { label: 'Keep the layer in float', patch: keptInFloat([row.layer.op.id]) },
      ]),
      estimate: shareOf(examined, row.layer.op.id) * Math.max(0, 1 - row.codes / 127),
    }));
    const dead = layers.map((layer) => ({ op: layer.op.id, channels: deadChannels(layer) })).filter(({ channels }) => channels > 0); // prettier-ignore
    if (dead.length === 0) return findings;
    const channels = dead.reduce((sum, row) => sum + row.channels, 0);
    const ops = dead.sort((a, b) => b.channels - a.channels).map(({ op }) => op);
    return [
      ...findings,
      {
        title: channels === 1 ? 'A dead channel' : 'Dead channels',
        sentence:
          `In ${namesOf(examined.graph, ops)}, ${count(channels, 'channel has', 'channels have')} no weights worth the name: ` +
          'always the bias, whatever comes in. Quantizing loses nothing there; leaving them out would make the model smaller.',
        layers: ops,
        evidence: [{ label: 'Dead channels', value: String(channels) }],
        fixes: [],
        estimate: 0,
      },
    ];
  },
};
