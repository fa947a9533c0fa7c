import type { ErrorInfo } from '../../base/errors';
import type { DataSetView } from '../../jobs/contract/protocol';

export interface DataSlice {
  readonly view: DataSetView | null;
  readonly opening: string | null;
  /** Data that came before any model: it is opened with the first, whose input says how to prepare it. */
  readonly waiting: string | null;
  readonly error: ErrorInfo | null;
  /** The view is not what the choices ask for, because preparing it failed: nothing may be computed from it. */
  readonly outdated: boolean;
  /** It was opened for the model before: nothing is computed from it until a person says that it is for this one, too. */
  readonly fromBefore: boolean;
}

export const NO_DATA: DataSlice = {
  view: null,
  opening: null,
  waiting: null,
  error: null,
  outdated: false,
  fromBefore: false,
};
