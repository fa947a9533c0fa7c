/**
 * Every failure a user can cause or meet is one of these: what is wrong (`message`), where (`where`) and what to do
 * next (`hint`). Codes are stable and listed here once, so that tests, the page and the command line agree on them.
 */
export type ErrorCode =
  | 'unknown-format' // the bytes are not a model or data set we read; the message names what they are
  | 'corrupt-file' // the right format, but truncated, out of bounds or contradicting itself
  | 'unsupported-op' // ops or layers we do not model; `details` lists all of them
  | 'unsupported-feature' // a valid file that uses something we do not read (external data, sub-byte types, …)
  | 'missing-file' // a shard, a label file, an entry that another file refers to
  | 'invalid-graph' // dangling, cyclic or wrongly shaped graph
  | 'invalid-data' // data that cannot be fed to the model
  | 'invalid-settings' // a setting outside what it may be
  | 'too-large' // a size over a limit, checked before allocating
  | 'runtime-failed' // LiteRT or a tfjs backend refused or failed
  | 'diverged' // training left all bounds; the best before is kept
  | 'cancelled'
  | 'worker-died'
  | 'internal';

export interface ErrorInfo {
  readonly code: ErrorCode;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** File, op, tensor or byte offset the problem sits at. */
  readonly where?: string;
  /** What the user can do next, one sentence. */
  readonly hint?: string | undefined;
  /** Everything found at once, for instance each unsupported op. */
  readonly details?: readonly string[];
  /** Names of dimensions whose size the file leaves open; the model opens once they are given. */
  readonly openSizes?: readonly string[];
}

/** The only error class that crosses a layer boundary; survives structured clone through {@link toErrorInfo}. */
export class RangefinderError extends Error implements ErrorInfo {
  override readonly name = 'RangefinderError';
  readonly code: ErrorCode;
  readonly where?: string;
  readonly hint?: string;
  readonly details?: readonly string[];
  readonly openSizes?: readonly string[];

  constructor(info: ErrorInfo, options?: ErrorOptions) {
    super(info.message, options);
    this.code = info.code;
    if (info.where !== undefined) this.where = info.where;
    if (info.hint !== undefined) this.hint = info.hint;
    if (info.details !== undefined) this.details = info.details;
    if (info.openSizes !== undefined) this.openSizes = info.openSizes;
  }
}

/** Plain data of any thrown value, for messages between threads and for reports. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof RangefinderError) {
    const { code, message, where, hint, details, openSizes } = thrown;
    return {
      code,
      message,
      ...(where && { where }),
      ...(hint && { hint }),
      ...(details && { details }),
      ...(openSizes && { openSizes }),
    };
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    message: `Unexpected failure: ${message}`,
    hint: 'This is a defect in Rangefinder; please report it with the file that caused it.',
  };
}

/** What a job that was asked to stop ends with. */
export function cancelled(): RangefinderError {
  return new RangefinderError({ code: 'cancelled', message: 'Cancelled.' });
}
