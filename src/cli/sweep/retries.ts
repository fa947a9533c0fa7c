import type { ErrorCode } from '../../base/errors';

/** How often a trial is begun before it is given up. */
export const ATTEMPTS = 3;

/** Failures that another attempt may not meet; the same settings on the same data meet all others again. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['worker-died', 'runtime-failed', 'missing-file', 'internal']);

export function isWorthRetrying(code: ErrorCode): boolean {
  return PASSING.has(code);
}
