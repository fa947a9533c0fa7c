/** What a process that does trials is told and answers. */
import type { ErrorInfo } from '../../base/errors';

/** The trial is parsed by whoever does it: it may have come from anywhere. */
export interface TrialAsked {
  readonly id: number;
  readonly trial: unknown;
}

export type TrialAnswer = { readonly id: number } & ({ readonly report: unknown } | { readonly error: ErrorInfo });
