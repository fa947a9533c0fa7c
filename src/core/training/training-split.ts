import { Random } from '../../base/random';
import type { SampleSource, Split } from '../data/types';
import { RangefinderError } from '../../base/errors';
import type { QatSettings } from './settings';

export interface TrainingSplit {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/** Fewer samples than this teach nothing but themselves. */
export const LEAST_SAMPLES = 16;
/** Validation is repeated after every epoch; more samples than this say little more. */
const MOST_VALIDATION = 1000;

/**
 * Parts what is not evaluated on, calibration samples included, into samples that are trained on and samples that the best
 * epoch is chosen by. Of two data sets in one, that which is evaluated on is not trained on; of samples that are made as they
 * are read there are as many as are asked for.
 * @throws RangefinderError 'invalid-data' where too few are left
 */
export function trainingSplit(
  { size, evaluationStart, endless = false }: Pick<SampleSource, 'size' | 'evaluationStart' | 'endless'>,
  { evaluation }: Split,
  { samples, validationShare, seed }: Pick<QatSettings, 'samples' | 'validationShare' | 'seed'>,
): TrainingSplit {
  const evaluated = new Set(evaluation);
  const trainable = evaluationStart ?? (endless ? Math.max(size, evaluation.length + samples) : size);
  const free = Uint32Array.from({ length: trainable }, (_, i) => i).filter((i) => !evaluated.has(i));
  const chosen = new Random(seed, 11).shuffle(free).subarray(0, samples > 0 ? samples : free.length);
  const held = Math.min(MOST_VALIDATION, Math.max(1, Math.round(chosen.length * validationShare)));
  if (chosen.length - held < LEAST_SAMPLES)
    throw new RangefinderError({
      code: 'invalid-data',
      message: `${chosen.length} samples are left to train on; ${evaluation.length} of ${size} are kept for evaluation.`,
      hint: `Add data or evaluate on fewer samples: training needs at least ${LEAST_SAMPLES}, some hundreds to be of use.`,
    });
  return { validation: chosen.slice(0, held), train: chosen.slice(held) };
}
