import type { ErrorInfo } from '../../base/errors';
import type { ModelView } from '../../jobs/contract/protocol';

/** The open model. A failed or running open keeps the one before. */
export interface ModelSlice {
  readonly view: ModelView | null;
  /** Name of what is being opened. */
  readonly opening: string | null;
  readonly error: ErrorInfo | null;
}

export const NO_MODEL: ModelSlice = { view: null, opening: null, error: null };

/** Whether anything in the open model can be quantized; others open for viewing. */
export function isTunable({ view }: ModelSlice): boolean {
  return view !== null && view.computable && !view.alreadyQuantized;
}
