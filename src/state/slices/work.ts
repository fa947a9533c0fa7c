import type { ErrorInfo } from '../../base/errors';

/** Work that outlives the page: what is kept by itself, and what waits to be taken up again. */
export interface WorkSlice {
  /** Kept from a page that was closed or died: offered, and never taken up unasked. */
  readonly restorable: { readonly key: string; readonly model: string; readonly savedAt: number } | null;
  /** A project or a link is about this model, whose file it does not hold. */
  readonly awaited: { readonly model: string; readonly from: string } | null;
  /** Bytes this page has stored in the browser, where it tells. */
  readonly storedBytes: number | null;
  /** Milliseconds since 1970 of what was kept last. */
  readonly savedAt: number | null;
  /** The app and the engines in use are kept: the page opens without a network. */
  readonly offline: boolean;
  /** A newer version waits to be taken. */
  readonly update: boolean;
  readonly error: ErrorInfo | null;
}

export const NO_WORK: WorkSlice = {
  restorable: null,
  awaited: null,
  storedBytes: null,
  savedAt: null,
  offline: false,
  update: false,
  error: null,
};
