import type { AlgorithmChoice } from '../quantize/settings';
import type { Algorithm, Params } from './algorithm';
import { adaRounding, gptqRounding, randomRounding } from './rows/roundings';
import { analyticCorrection, batchNormCorrection, empiricalCorrection } from './rows/corrections';
import { crossLayerEqualization, highBiasAbsorption, levelledJoins, smoothQuant } from './rows/rewritings';

/** Every algorithm, in the order in which those that are switched on are applied. */
export const ALGORITHMS: readonly Algorithm[] = [
  crossLayerEqualization,
  levelledJoins,
  highBiasAbsorption,
  smoothQuant,
  randomRounding,
  gptqRounding,
  adaRounding,
  analyticCorrection,
  empiricalCorrection,
  batchNormCorrection,
];

export function algorithmOf(id: string): Algorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm.id === id);
}

/** The parameters of a choice, with defaults where it names none. */
export function paramsOf({ params }: Algorithm, choice: AlgorithmChoice): Params {
  return { ...Object.fromEntries(params.map((param) => [param.id, param.default])), ...choice.params };
}
