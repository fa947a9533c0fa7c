/** Figures of runs in words. */
import type { Run } from '../../../core/project/manifest';
import type { Score } from '../../../jobs/contract/protocol';
import { scoreText } from '../../parts/format';

export type RunScore = Run['simulated'];

/** What the file itself scored where it was run, else its simulation. */
export function scoreOf({ file, simulated }: Run): RunScore {
  return file ?? simulated;
}

export function runScoreText({ value, ...score }: RunScore): string {
  return value === null ? '–' : scoreText({ ...score, value } as Score);
}

/** Two standard errors of a share of right answers, in points: what chance alone may make of it; null for other metrics. */
export function chanceOf({ metric, value, samples }: RunScore): number | null {
  if ((metric !== 'top1' && metric !== 'agreement') || value === null || samples < 1) return null;
  return 200 * Math.sqrt((value * (1 - value)) / samples);
}
