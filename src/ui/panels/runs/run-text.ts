/** Figures of runs in words. */
import { sureText } from '../../../core/metrics/words';
import type { Run } from '../../../core/project/manifest';

export type RunScore = Run['simulated'];

/** What the file itself scored where it was run, else its simulation. */
export function scoreOf({ file, simulated }: Run): RunScore {
  return file ?? simulated;
}

/** "97.90 ± 0.6 %" */
export function runScoreText({ metric, value, interval }: RunScore): string {
  return value === null ? '–' : sureText(metric, value, interval);
}
