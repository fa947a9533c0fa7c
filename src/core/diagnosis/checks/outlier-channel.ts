import { lookup } from '../../../base/lookup';
import { outputRanges } from '../../algorithms/equalize';
import { weightedLayers, type WeightedLayer } from '../../algorithms/layer';
import { INT8_WEIGHT, codeRange } from '../../number-formats/format';
import type { Check, Examined } from '../finding';
import { figure, share } from '../words';
import { equalizing, medianOf, shareOf, settingsFixes } from './shared';

/** The widest channel against the median one: three bits of the median one are lost. */
const RATIO = 8;

interface Outlier {
  readonly layer: WeightedLayer;
  readonly ranges: Float64Array;
  readonly widest: number;
  readonly typical: number;
  readonly codes: number;
}

function outlierOf(layer: WeightedLayer, { plan }: Examined): Outlier | null {
  const planned = lookup(plan.weights, layer.weightId);
  const { format = INT8_WEIGHT, ranges: scales } = planned ?? {};
  if (!planned || !scales || scales.length > 1 || layer.outputs < 2 || format.kind !== 'int') return null;
  const ranges = outputRanges(layer);
  const widest = ranges.reduce((best, r, c) => (r > ranges[best] ? c : best), 0);
  const typical = medianOf(ranges.filter((r) => r > 0));
  if (!(typical > 0) || ranges[widest] < RATIO * typical) return null;
  return { layer, ranges, widest, typical, codes: (codeRange(format).qmax * typical) / ranges[widest] };
}

/** Weights that share one scale: the widest channel sets it, and all others make do with what codes are left to them. */
export const outlierChannel: Check = {
  id: 'outlier-channel',
  looksFor: 'One scale for all weights of a layer, set by a channel that reaches far beyond the others.',
  find(examined) {
    const found = weightedLayers(examined.graph)
      .flatMap((layer) => outlierOf(layer, examined) ?? [])
      .sort((a, b) => shareOf(examined, b.layer.op.id) - shareOf(examined, a.layer.op.id) || a.codes - b.codes);
    if (found.length === 0) return [];
    const [{ ranges, widest, typical, codes, layer }] = found;
    const layers = found.map((outlier) => outlier.layer.op.id);
    const estimate = layers.reduce((sum, op) => sum + shareOf(examined, op), 0);
    return [
      {
        title: 'One channel takes the scale of all',
        sentence:
          `Channel ${widest} has weights up to ${figure(ranges[widest])}, half of the ${layer.outputs} channels none beyond ` +
          `${figure(typical)}. They share one scale, so those channels are left with ${figure(codes)} codes on either side of 0.`,
        layers,
        evidence: [
          { label: 'Widest channel', value: figure(ranges[widest]) },
          { label: 'Median channel', value: figure(typical) },
          { label: 'Codes left to it', value: figure(codes) },
          ...(layers.length > 1 ? [{ label: 'Layers affected', value: String(layers.length) }] : []),
          { label: 'Of the output’s noise', value: share(estimate) },
        ],
        chart: { kind: 'bars', label: 'Largest weight of each channel', values: [...ranges], marked: [widest] },
        fixes: settingsFixes(examined, [
          ...equalizing(examined, layers),
          { label: 'One scale per channel', patch: { granularity: 'channel' } },
        ]),
        estimate,
      },
    ];
  },
};
