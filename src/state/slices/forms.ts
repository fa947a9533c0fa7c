/** Other forms of the file than int8: what is offered, what was made and run, and the target that files are held against. */
import type { ErrorInfo } from '../../base/errors';
import type { Budget } from '../../core/targets/target';
import type { FormOffer, FormResult } from '../../jobs/contract/form-protocol';
import type { Stamped } from './results';

export interface FormsSlice {
  readonly offers: Stamped<readonly FormOffer[]> | null;
  /** By form. Files of other settings are kept until they are made again, and shown as what they are. */
  readonly made: Readonly<Record<string, Stamped<FormResult>>>;
  /** Why a form could not be made, by form. */
  readonly errors: Readonly<Record<string, ErrorInfo>>;
  /** Forms that are being made, or wait to be. */
  readonly waiting: readonly string[];
  /** Row of the table of targets; null: none chosen. */
  readonly target: string | null;
  readonly budget: Budget;
}

export const NO_FORMS: FormsSlice = { offers: null, made: {}, errors: {}, waiting: [], target: null, budget: {} };
