import { lookup } from '../../../base/lookup';
import { driftSinceHalf, growthSinceHalf } from '../../calibration/convergence';
import type { Check, Examined } from '../finding';
import type { Fix } from '../fix';
import { brief, count, share } from '../words';
import { ownRanges, ownShare, type OwnRange } from './shared';

/** Extrema of bell curves grow by some 3 % each time the samples double, of heavy tails by 5 to 10 %. */
const STILL_GROWING = 0.1;
const STILL_DRIFTING = 0.05;
/** Fewer say nothing about how a range settles. */
const FEWEST = 32;
const MORE = 4;

/** Estimators that follow the extrema; all others are carried by the bulk of the values. */
const BY_EXTREMA = new Set(['auto', 'minmax', 'moving-average']);

/** Of what a tensor brings to the output's noise, the part that is clipped because it had not been seen. */
function clippedPart(examined: Examined, range: OwnRange): number {
  const { clipping = 0, rounding = 0 } = lookup(examined.splits, range.tensor) ?? {};
  return clipping > 0 ? (ownShare(examined, range, 'activation') * clipping) / (clipping + rounding) : 0;
}

/** A range that still grows when the last samples come has not seen what will come. */
export const fewSamples: Check = {
  id: 'few-samples',
  looksFor: 'Ranges that still move when calibration ends, or that new data leaves: too few samples.',
  find(examined) {
    const { calibration, settings, splits, data } = examined;
    if (data.isRandom) return [];
    const moving = ownRanges(examined)
      .flatMap((range) => {
        const { convergence } = range.stats;
        if (!convergence || range.planned.origin !== 'estimated') return [];
        const { id } = lookup(settings.tensors, range.tensor)?.estimator ?? settings.activations.estimator;
        const byExtrema = BY_EXTREMA.has(id);
        const moved = byExtrema ? growthSinceHalf(convergence) : driftSinceHalf(convergence);
        // Of a handful of samples nobody knows how their range settles.
        const moves = calibration.samples < FEWEST || moved >= (byExtrema ? STILL_GROWING : STILL_DRIFTING);
        // A range that still moves and that no new value leaves has moved as far as it needs to.
        const { clippedShare = 0 } = lookup(splits, range.tensor) ?? {};
        return moves && clippedShare > 0 ? [{ ...range, moved }] : [];
      })
      .map((range) => ({ ...range, cost: clippedPart(examined, range) }))
      .sort((a, b) => b.cost - a.cost || b.moved - a.moved);
    const available = data.samples - data.evaluationSamples;
    const wanted = Math.min(available, Math.max(MORE * calibration.samples, FEWEST));
    const fixes: Fix[] =
      wanted > calibration.samples
        ? [{ kind: 'calibration', label: `Calibrate on ${wanted} samples`, samples: wanted }]
        : [];
    const [worst] = moving;
    if (!worst || fixes.length === 0) return [];
    const outside = lookup(splits, worst.tensor)?.clippedShare ?? 0;
    return [
      {
        title: 'Too few samples to calibrate',
        sentence:
          calibration.samples < FEWEST
            ? `${share(outside)} of new values of ${brief(worst.tensor)} lie outside the range that ${count(calibration.samples, 'sample')} gave it.`
            : `Over the last half of ${count(calibration.samples, 'sample')} the range of ${brief(worst.tensor)} still moved by ` +
              `${share(worst.moved)}, and ${share(outside)} of new values lie outside it.`,
        layers: moving.flatMap(({ layer }) => layer ?? []),
        evidence: [
          { label: 'Samples', value: String(calibration.samples) },
          { label: 'Ranges not settled', value: String(moving.length) },
          { label: 'Moved since half', value: share(worst.moved) },
          { label: 'Clipped of new data', value: share(outside) },
        ],
        chart: { kind: 'convergence' as const, tensor: worst.tensor },
        fixes,
        ablation: null,
        estimate: moving.reduce((sum, { cost }) => sum + cost, 0),
      },
    ];
  },
};
