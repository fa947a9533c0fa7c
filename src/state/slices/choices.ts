import { DEFAULT_SPLIT, RANDOM_SPLIT } from '../../core/data/defaults';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { DEFAULT_QAT, type QatSettings } from '../../core/training/settings';
import type { DataChange } from '../../jobs/contract/protocol';
import { startHistory, type History } from '../history/history';

/** Everything a person decides, and all that undo goes back through. */
export interface Choices {
  readonly settings: QuantSettings;
  /** Preprocessing is absent as long as it is the guessed one. */
  readonly data: DataChange;
  /** For the next training; what is trained is a matter of `settings`. */
  readonly training: QatSettings;
}

export type ChoicesSlice = History<Choices>;

/** The split to open data with: a person's own, else what suits the kind of data. */
export function splitFor(kind: 'random' | 'real', chosen: DataChange): DataChange {
  const [usual, other] = kind === 'random' ? [RANDOM_SPLIT, DEFAULT_SPLIT] : [DEFAULT_SPLIT, RANDOM_SPLIT];
  const untouched =
    chosen.calibrationSamples === other.calibrationSamples && chosen.evaluationSamples === other.evaluationSamples;
  return untouched ? { ...usual, seed: chosen.seed } : chosen;
}

export const DEFAULT_CHOICES: Choices = {
  settings: DEFAULT_SETTINGS,
  data: DEFAULT_SPLIT,
  training: DEFAULT_QAT,
};

export const FRESH_CHOICES: ChoicesSlice = startHistory(DEFAULT_CHOICES);
