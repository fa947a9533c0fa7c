import type { ErrorInfo } from '../../base/errors';
import type { JobName, PartialResult, Result, Spec } from './jobs';
import type { Progress } from './protocol';

export type JobOutcome<N extends JobName> =
  { readonly ok: true; readonly result: Result<N> } | { readonly ok: false; readonly error: ErrorInfo };

/**
 * What `workers/studio.worker.ts` exposes through Comlink. Outcomes are data, not exceptions: Comlink flattens errors to
 * message and stack, and the codes would be lost on the way.
 */
export interface StudioWorker {
  /**
   * Handshake: calls made before the worker exposes its API would hang. `life` names the lock it holds until it ends
   * (worker-life.ts), where there are locks.
   */
  ready(): Promise<{ readonly backend: string; readonly life?: string | null }>;
  run<N extends JobName>(
    id: number,
    name: N,
    spec: Spec<N>,
    onProgress: (progress: Progress) => void,
    onPartial: (partial: PartialResult<N>) => void,
  ): Promise<JobOutcome<N>>;
  /** Asks the job to stop after its current batch; unknown ids are ignored. */
  cancel(id: number): void;
  /** Holds the job after its current batch; other jobs go on. A paused job can be cancelled. */
  pause(id: number): void;
  resume(id: number): void;
}
