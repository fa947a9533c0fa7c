import { inputSpikes } from './checks/input-spikes';
import { unevenInput } from './checks/uneven-input';
import { placeInFloat } from './ablation';
import { biasOverflow } from './checks/bias-overflow';
import { concatRanges } from './checks/concat-ranges';
import { dataRange } from './checks/data-range';
import { dominantLayer } from './checks/dominant-layer';
import { fewSamples } from './checks/few-samples';
import { heavyTails } from './checks/heavy-tails';
import { needsTraining } from './checks/needs-training';
import { idleCodes } from './checks/idle-codes';
import { outlierChannel } from './checks/outlier-channel';
import { saturation } from './checks/saturation';
import { unevenActivations } from './checks/uneven-activations';
import { unevenOutput } from './checks/uneven-output';
import { wideHead } from './checks/wide-head';
import type { Check, Examined, Finding } from './finding';

/** Everything a diagnosis looks for. A new check is a file in `checks` and its line here. */
export const CHECKS: readonly Check[] = [
  dataRange,
  unevenInput,
  inputSpikes,
  outlierChannel,
  unevenActivations,
  heavyTails,
  saturation,
  idleCodes,
  concatRanges,
  unevenOutput,
  wideHead,
  biasOverflow,
  fewSamples,
  dominantLayer,
  needsTraining,
];

/** Its layers, where it does not say what would have to be in float. */
function placeOf(examined: Examined, { layers, ablation }: Omit<Finding, 'check'>): Pick<Finding, 'ablation'> {
  return {
    ablation: ablation === undefined && layers.length > 0 ? placeInFloat(examined, layers) : (ablation ?? null),
  };
}

/** What stands out, what may cost most first. */
export function findAll(examined: Examined): Finding[] {
  return CHECKS.flatMap(({ id, find }) =>
    find(examined).map((finding) => ({ check: id, ...finding, ...placeOf(examined, finding) })),
  ).sort((a, b) => b.estimate - a.estimate);
}
