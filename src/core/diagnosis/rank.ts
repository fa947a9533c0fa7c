/** How much a finding costs, and so how loudly it is said. */
import type { Finding } from './finding';

export type Severity = 'severe' | 'moderate' | 'minor';

/** What a fix did when it was tried, against the settings as they are. */
export interface Gain {
  /** Of the output's distance to float. */
  readonly gainDb: number;
  /** Of the share of right answers; null for metrics that count none. */
  readonly gainShare: number | null;
}

/** Share of the output's noise that went away; 0 where it grew. */
export function noiseRemoved(gainDb: number): number {
  return Math.max(0, 1 - 10 ** (-gainDb / 10));
}

/**
 * Of the output's noise, what a finding costs: measured, by the fix that helped most, or guessed where none was tried.
 *
 * @param gains of the fixes tried
 */
export function costOf({ estimate }: Pick<Finding, 'estimate'>, gains: readonly Gain[]): number {
  return gains.length > 0 ? Math.max(...gains.map(({ gainDb }) => noiseRemoved(gainDb))) : estimate;
}

/** A change of accuracy counts only with one of the output: a few samples flip by chance. */
const HEARD_DB = 1;

/** An output that far from float gives other answers. */
const POOR_DB = 20;

/**
 * By accuracy where there is one: a point is severe, a quarter of one moderate. Else by the output: half of its noise, 3 dB,
 * is moderate, of a poor output 2 dB are; 6 dB of a poor output are severe where nothing counts answers.
 *
 * @param sqnrDb of the output as it is
 */
export function severityOf(
  finding: Pick<Finding, 'estimate' | 'layers'>,
  gains: readonly Gain[],
  sqnrDb: number,
): Severity {
  if (gains.length === 0) {
    if (finding.estimate >= 0.5 && (finding.layers.length === 0 || sqnrDb < POOR_DB)) return 'severe';
    return finding.estimate >= 0.2 ? 'moderate' : 'minor';
  }
  const heard = gains.filter(({ gainDb }) => gainDb >= HEARD_DB);
  const gainDb = heard.reduce((most, gain) => Math.max(most, gain.gainDb), 0);
  const points = heard.reduce((most, { gainShare }) => Math.max(most, gainShare ?? 0), 0);
  const counts = gains.some(({ gainShare }) => gainShare !== null);
  if (points >= 0.01 || (!counts && gainDb >= 6 && sqnrDb < POOR_DB)) return 'severe';
  return points >= 0.0025 || gainDb >= (sqnrDb < POOR_DB ? 2 : 3) ? 'moderate' : 'minor';
}
