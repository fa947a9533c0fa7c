import { lookup } from '../../../base/lookup';
import type { FusedActivation } from '../../graph/ops/attrs';
import type { TensorStats } from '../../calibration/types';
import type { Check, Examined, Finding } from '../finding';
import { figure, namesOf, share } from '../words';
import { ownRanges, ownShare, settingsFixes, type OwnRange } from './shared';

/** Of a tensor's values; fewer are the rare ones that clipping is for. */
const PILED = 0.001;
/** Of its values at the end where a fused activation cuts. */
const CUT = 0.02;

const CUTS: Readonly<Partial<Record<FusedActivation, number>>> = { relu6: 6, reluN1To1: 1 };

type Found = Omit<Finding, 'check'>;

/** A range narrower than its values: more error comes from the end code than from all rounding. */
function clippedBy(examined: Examined, range: OwnRange): Found[] {
  const { tensor, planned, layer, stats } = range;
  const split = lookup(examined.splits, tensor);
  if (!split || split.clippedShare < PILED || split.clipping <= split.rounding) return [];
  const manual = planned.origin === 'manual';
  const minmax = { id: 'minmax', params: {} };
  const current = lookup(examined.settings.tensors, tensor)?.estimator ?? examined.settings.activations.estimator;
  // What lies outside the extrema had not been seen: that is no matter of the range, but of the samples.
  if (!manual && (current.id === 'minmax' || current.id === 'auto')) return [];
  return [
    {
      title: 'Values pile up at the end of the range',
      sentence:
        `${share(split.clippedShare)} of the values lie outside ${figure(planned.range.min)} … ${figure(planned.range.max)} and ` +
        `become its end codes; they reach ${figure(stats.min)} … ${figure(stats.max)}. That costs ` +
        `${figure(split.clipping / split.rounding)} times as much as all rounding.`,
      layers: layer === undefined ? [] : [layer],
      evidence: [
        { label: 'Clipped', value: share(split.clippedShare) },
        { label: 'Clipping to rounding', value: `${figure(split.clipping / split.rounding)}×` },
        { label: manual ? 'Range by' : 'Estimator', value: manual ? 'hand' : current.id },
      ],
      chart: { kind: 'distribution', tensor },
      fixes: settingsFixes(examined, [
        ...(manual ? [{ label: 'Use the estimated range', patch: { tensors: { [tensor]: {} } } }] : []),
        { label: 'Take the whole range', patch: { tensors: { [tensor]: { estimator: minmax } } } },
      ]),
      estimate: (ownShare(examined, range, 'activation') * split.clipping) / (split.clipping + split.rounding),
    },
  ];
}

/** Share of the values in the bins that touch `end`. */
function shareAt({ histogram: { lo, width, counts }, count }: TensorStats, end: number): number {
  const bin = Math.floor((end - lo) / width);
  // A cut lands on the end itself, or a rounding below it.
  return ((counts[bin] ?? 0) + (counts[bin - 1] ?? 0)) / Math.max(1, count);
}

export const saturation: Check = {
  id: 'saturation',
  looksFor: 'Values piled up on an end code, because the range or a fused activation cuts them.',
  find(examined) {
    const ranges = ownRanges(examined);
    const clipped = ranges.flatMap((range) => clippedBy(examined, range));
    const cut = ranges
      .flatMap(({ producer, stats, tensor }) => {
        const end = producer && CUTS[producer.activation];
        const piled = end === undefined ? 0 : shareAt(stats, end);
        return producer && piled >= CUT ? [{ op: producer.id, tensor, end: end!, piled }] : [];
      })
      .sort((a, b) => b.piled - a.piled);
    if (cut.length === 0) return clipped;
    const [worst] = cut;
    const layers = cut.map(({ op }) => op);
    return [
      ...clipped,
      {
        title: 'A fused activation saturates',
        sentence:
          `${share(worst.piled)} of the values of ${namesOf(examined.graph, [worst.op])} stand at ${worst.end}, where its activation ` +
          'cuts them. Quantizing loses nothing there, but equalization leaves such layers alone: scaled, they would be cut elsewhere.',
        layers,
        evidence: [
          { label: `Values at ${worst.end}`, value: share(worst.piled) },
          { label: 'Layers', value: String(layers.length) },
        ],
        chart: { kind: 'distribution', tensor: worst.tensor },
        fixes: [],
        estimate: 0,
      },
    ];
  },
};
