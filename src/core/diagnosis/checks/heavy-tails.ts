import { lookup } from '../../../base/lookup';
import { weightedLayers } from '../../algorithms/layer';
import { INT8_WEIGHT, codeRange } from '../../number-formats/format';
import { clipFigures } from '../../quantize/clip-figures';
import { estimateRange } from '../../quantize/estimate';
import type { EstimatorChoice } from '../../quantize/settings';
import { weightError } from '../../quantize/weight-error';
import { planWeights } from '../../quantize/weight-plan';
import { ofHistogram } from '../../calibration/distribution';
import type { Check, Examined, Finding } from '../finding';
import { decibels, figure, share } from '../words';
import { ownRanges, ownShare, settingsFixes, shareOf, type OwnRange } from './shared';

/** What another range must win for this tensor, dB. */
const WORTH = 2;
/** Of the codes, what may be left to nearly everything: with more, the rare values do not take most of them. */
const MOST_LEFT = 0.5;
/** Findings of one kind; the worst tell what is wrong with the rest. */
const MOST = 4;

const MSE: EstimatorChoice = { id: 'mse', params: {} };
const PERCENTILE: EstimatorChoice = { id: 'percentile', params: { p: 99.9 } };

type Found = Omit<Finding, 'check'>;

/** Of the noise, what a gain takes away. */
const removed = (gainDb: number) => 1 - 10 ** (-gainDb / 10);

function ofActivations(examined: Examined): Found[] {
  return ownRanges(examined).flatMap((range) => {
    const { tensor, planned, format, stats, layer } = range;
    if (planned.origin !== 'estimated') return [];
    const now = clipFigures(stats, planned.range, format);
    const at = (choice: EstimatorChoice) => {
      const chosen = estimateRange(ofHistogram(stats), format, choice);
      return { ...clipFigures(stats, chosen, format), range: chosen };
    };
    const [least, percentile] = [at(MSE), at(PERCENTILE)];
    const gain = least.sqnrDb - now.sqnrDb;
    if (!(gain >= WORTH)) return [];
    const { qmin, qmax } = codeRange(format);
    const bulk = at(PERCENTILE).range;
    const codes = Math.min(qmax - qmin, (bulk.max - bulk.min) / now.scale);
    // What is rare takes few codes, or is cut off already; nothing is rare where 99.9 % reach as far as all do.
    if (codes > MOST_LEFT * (qmax - qmin)) return [];
    if (figure(bulk.min) === figure(stats.min) && figure(bulk.max) === figure(stats.max)) return [];
    const fix = (label: string, estimator: EstimatorChoice) => ({
      label,
      patch: { tensors: { [tensor]: { estimator } } },
    });
    return [
      {
        title: 'Rare values take most of the codes',
        sentence: sentenceOf(range, bulk, codes, qmax - qmin + 1),
        layers: layer === undefined ? [] : [layer],
        evidence: [
          { label: 'This tensor', value: decibels(now.sqnrDb) },
          { label: 'Least squared error', value: decibels(least.sqnrDb) },
          { label: 'Codes for 99.9 %', value: figure(codes) },
          { label: 'Of the output’s noise', value: share(shareOf(examined, layer)) },
        ],
        chart: { kind: 'distribution' as const, tensor },
        fixes: settingsFixes(examined, [
          fix('Range of least error', MSE),
          ...(percentile.sqnrDb - now.sqnrDb >= WORTH / 2 ? [fix('Leave out 0.1 %', PERCENTILE)] : []),
        ]),
        estimate: ownShare(examined, range, 'activation') * removed(gain),
      },
    ];
  });
}

function sentenceOf({ stats }: OwnRange, bulk: { min: number; max: number }, codes: number, all: number): string {
  return (
    `99.9 % of the values lie within ${figure(bulk.min)} … ${figure(bulk.max)}, the rest reaches ${figure(stats.min)} … ` +
    `${figure(stats.max)}. The range holds them all, and leaves ${figure(codes)} of ${all} codes to nearly everything.`
  );
}

function ofWeights(examined: Examined): Found[] {
  const { graph, plan, settings } = examined;
  return weightedLayers(graph).flatMap((layer) => {
    const { weightId, weights, shape, axis, op, output } = layer;
    const planned = lookup(plan.weights, weightId);
    if (planned?.origin !== 'estimated' || (planned.format ?? INT8_WEIGHT).kind !== 'int') return [];
    const patch = { tensors: { [weightId]: { estimator: MSE } } };
    const trial = planWeights(graph, op, weightId, axis, {
      ...settings,
      tensors: { ...settings.tensors, ...patch.tensors },
    });
    const noise = ({ clipping, rounding }: { clipping: number; rounding: number }) => clipping + rounding;
    const [now, then] = [planned, trial].map((candidate) => noise(weightError(weights, weights, shape, candidate)));
    const gain = 10 * Math.log10(now / then);
    if (!(gain >= WORTH)) return [];
    const { signal } = weightError(weights, weights, shape, planned);
    const own = { tensor: output, layer: op.id } as OwnRange;
    return [
      {
        title: 'Rare weights take most of the codes',
        sentence:
          `Scales that hold every weight leave ${decibels(10 * Math.log10(signal / now))} of this layer’s weights; ` +
          `clipping the few largest would leave ${decibels(10 * Math.log10(signal / then))}.`,
        layers: [op.id],
        evidence: [
          { label: 'Weights', value: decibels(10 * Math.log10(signal / now)) },
          { label: 'Least squared error', value: decibels(10 * Math.log10(signal / then)) },
          { label: 'Of the output’s noise', value: share(shareOf(examined, op.id)) },
        ],
        fixes: settingsFixes(examined, [{ label: 'Range of least error', patch }]),
        estimate: ownShare(examined, own, 'weights') * removed(gain),
      },
    ];
  });
}

/** Min–max keeps a value that comes once in a million; every other pays for it with its step. */
export const heavyTails: Check = {
  id: 'heavy-tails',
  looksFor: 'Ranges stretched by rare values, which leave few codes to all others.',
  find: (examined) =>
    [ofActivations, ofWeights].flatMap((find) =>
      find(examined)
        .sort((a, b) => b.estimate - a.estimate)
        .slice(0, MOST),
    ),
};
