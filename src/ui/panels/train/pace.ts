import type { TrainingRun } from '../../../state/slices/training';

/** Milliseconds a step takes, over all steps so far; null before there are enough to say. */
export function paceOf({ progress, milliseconds }: TrainingRun): number | null {
  return progress && progress.step >= 3 ? milliseconds / progress.step : null;
}
