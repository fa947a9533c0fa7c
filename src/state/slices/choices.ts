import { DEFAULT_SPLIT } from '../../core/data/defaults';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import type { DataChange } from '../../jobs/protocol';
import { startHistory, type History } from '../history';

/** Everything a person decides, and all that undo goes back through. */
export interface Choices {
  readonly settings: QuantSettings;
  /** Preprocessing is absent as long as it is the guessed one. */
  readonly data: DataChange;
}

export type ChoicesSlice = History<Choices>;

export const DEFAULT_CHOICES: Choices = {
  settings: DEFAULT_SETTINGS,
  data: DEFAULT_SPLIT,
};

export const FRESH_CHOICES: ChoicesSlice = startHistory(DEFAULT_CHOICES);
