/** How much a finding costs, and so how loudly it is said. */
import type { Finding } from './finding';

export type Severity = 'severe' | 'moderate' | 'minor';

/** What a change of the settings did when it was tried, against the settings as they are. */
export interface Gain {
  /** Of the worst output's distance to float. */
  readonly gainDb: number;
  /** Of the share that is right, beyond chance; null where nothing is counted, or on too few samples to tell. */
  readonly gainShare: number | null;
  /** Of the answers that quantizing lost, the share that came back; 0 where that may be chance. */
  readonly recovered: number;
}

/** What was measured of a finding. */
export interface Trials {
  /** With its place in float. */
  readonly place: Gain | null;
  readonly fixes: readonly Gain[];
}

/** Share of the output's noise that went away; 0 where it grew. */
export function noiseRemoved(gainDb: number): number {
  return Math.max(0, 1 - 10 ** (-gainDb / 10));
}

/** Less than a tenth of the noise, half a decibel, is not worth a button. */
const HELPS = 0.1;

/** Whether a fix is worth being offered, now that it was tried. */
export function helps(gain: Gain): boolean {
  return worth(gain) >= HELPS || (gain.gainShare ?? 0) > 0;
}

/** Of what is lost, noise or answers: a clip may cost the squared error dearly and bring the answers back. */
export function worth({ gainDb, recovered }: Gain): number {
  return Math.max(noiseRemoved(gainDb), recovered);
}

/**
 * Of the output's noise, what a finding costs: what its place in float takes away, as far as it is to blame there, or the
 * fix that helped most where that is more; guessed where neither was tried. A fix that does nothing makes no cause cheap.
 */
export function costOf({ estimate, blame = 1 }: Pick<Finding, 'estimate' | 'blame'>, { place, fixes }: Trials): number {
  if (!place && fixes.length === 0) return estimate;
  return Math.max(0, ...fixes.map(worth), place ? blame * worth(place) : 0);
}

/** A change of accuracy counts only with one of the output: a few samples flip by chance. */
const HEARD_DB = 1;
/** Or with a good part of the answers that were lost. */
const HEARD_SHARE = 0.25;

/** An output that far from float gives other answers. */
const POOR_DB = 20;

/** The model as it is quantized. */
export interface Condition {
  /** Of the worst output against float. */
  readonly sqnrDb: number;
  /** Whether its score is below float’s by no more than chance explains, or by too little to matter. */
  readonly isWithinChance: boolean;
}

/** Where no answer is lost and no output is poor, nothing is worse than minor. */
export function isHealthy({ sqnrDb, isWithinChance }: Condition): boolean {
  return isWithinChance && sqnrDb >= POOR_DB / 2;
}

/**
 * By the score where there is one: a point is severe, a quarter of one moderate. Else by the output: half of its noise, 3 dB,
 * is moderate, of a poor output 2 dB are; 6 dB of a poor output are severe where nothing counts answers.
 */
export function severityOf(
  finding: Pick<Finding, 'estimate' | 'layers' | 'blame'>,
  { place, fixes }: Trials,
  condition: Condition,
): Severity {
  const { sqnrDb } = condition;
  const gains = place && (finding.blame ?? 1) > 0.5 ? [...fixes, place] : fixes;
  if (gains.length === 0) {
    if (isHealthy(condition) && finding.layers.length > 0) return 'minor';
    if (finding.estimate >= 0.5 && (finding.layers.length === 0 || sqnrDb < POOR_DB)) return 'severe';
    return finding.estimate >= 0.2 ? 'moderate' : 'minor';
  }
  const heard = gains.filter(({ gainDb, recovered }) => gainDb >= HEARD_DB || recovered >= HEARD_SHARE);
  const gainDb = heard.reduce((most, gain) => Math.max(most, gain.gainDb), 0);
  const points = heard.reduce((most, { gainShare }) => Math.max(most, gainShare ?? 0), 0);
  const counts = gains.some(({ gainShare }) => gainShare !== null);
  if (points >= 0.01) return 'severe';
  if (isHealthy(condition)) return 'minor';
  if (!counts && gainDb >= 6 && sqnrDb < POOR_DB) return 'severe';
  return points >= 0.0025 || gainDb >= (sqnrDb < POOR_DB ? 2 : 3) ? 'moderate' : 'minor';
}
