/** Which preprocessing the float model does best with, by what a trial on some samples measured. */
import { isPlausibleResponse } from './response';
import type { OutputScore } from './score-outputs';

export interface CandidateScore extends OutputScore {
  readonly id: string;
  /** For people: "0 … 1". */
  readonly label: string;
  readonly samples: number;
  /** Of the first layer, see `responseDeviation`; absent where the model has no single first layer. */
  readonly response?: number;
}

/** Below this share of the possible information a model gives one answer to everything. */
const MUTE = 0.02;
const TELLING = 0.2;

/**
 * The candidate that is clearly better than `current`, if there is one. In this order:
 * 1. labels: the most accurate, if it wins by more than a standard error;
 * 2. where labels do not tell, a first layer that is overdriven or hardly reacts: the first candidate it reacts to as usual;
 * 3. without either, a model that gives one answer to everything: the candidate it says most with. Saying much is no proof
 *    (an overdriven model is sure of everything), so that it never unseats a candidate for less.
 */
export function betterCandidate<C extends CandidateScore>(
  scores: readonly C[],
  current: CandidateScore,
): C | undefined {
  const [best] = [...scores].sort((a, b) => b.score - a.score);
  if (!best) return undefined;
  if (current.metric === 'accuracy' && isMoreAccurate(best, current)) return best;
  if (current.response !== undefined) {
    if (isPlausibleResponse(current.response)) return undefined;
    return scores.find(({ response }) => response !== undefined && isPlausibleResponse(response));
  }
  return current.metric === 'information' && current.score < MUTE && best.score > TELLING ? best : undefined;
}

/** Whether `a` beats `b` by more than so many standard errors of `b`. */
export function isMoreAccurate(a: CandidateScore, b: CandidateScore, errors = 1): boolean {
  const p = Math.min(0.95, Math.max(0.05, b.score));
  return a.metric === 'accuracy' && a.score - b.score > errors * Math.sqrt((p * (1 - p)) / Math.max(1, b.samples));
}

/** The guessed candidate, or the one that is clearly better, and why in words (no full stop). */
export function chooseCandidate(scores: readonly CandidateScore[], guessed: string): { id: string; reason: string } {
  const guess = scores.find(({ id }) => id === guessed) ?? scores[0];
  const chosen = betterCandidate(scores, guess) ?? guess;
  if (chosen !== guess) return { id: chosen.id, reason: comparison(chosen, guess) };
  const [rival] = scores.filter(({ id }) => id !== chosen.id).sort((a, b) => b.score - a.score);
  if (chosen.metric === 'accuracy' && rival) return { id: chosen.id, reason: comparison(chosen, rival) };
  return { id: chosen.id, reason: reaction(chosen) };
}

/** "raw 0 … 255 gives 76 % on 64 samples, 0 … 1 gives 12 %", or what else made the difference. */
export function comparison(better: CandidateScore, worse: CandidateScore): string {
  const byReaction = better.response !== undefined && worse.response !== undefined && !isMoreAccurate(better, worse);
  if (!byReaction) return `${figure(better)}, ${worse.label} gives ${percent(worse.score)}`;
  return `${reaction(better)}; ${reaction(worse)}`;
}

function figure({ label, metric, score, samples }: CandidateScore): string {
  const unit = metric === 'accuracy' ? '' : ' of the possible information';
  return `${label} gives ${percent(score)}${unit} on ${samples} samples`;
}

function reaction(candidate: CandidateScore): string {
  const { label, response } = candidate;
  if (response === undefined) return figure(candidate);
  const strength = isPlausibleResponse(response) ? 'reacts as usual' : response > 1 ? 'is overdriven' : 'hardly reacts';
  return `with ${label} the first layer ${strength} (deviation ${Number(response.toPrecision(2))})`;
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
