/** A session on Node's engines, and jobs run to their end, for tests of src/jobs. */
import { memory } from '@tensorflow/tfjs-core';
import { nodeHost } from '../../cli/node-host';
import type { JobName, PartialResult, Result, Spec } from '../../jobs/contract/jobs';
import type { JobControls, Progress } from '../../jobs/contract/protocol';
import { StudioSession } from '../../jobs/session/studio-session';
import { jobOf } from '../../jobs/host/table';

export interface Ran<N extends JobName> {
  readonly result: Result<N>;
  readonly stages: string[];
  readonly progress: Progress[];
  readonly partials: PartialResult<N>[];
}

export class TestSession {
  readonly session = new StudioSession(nodeHost());

  /** Runs a job to its end; `signal` cancels it. */
  async run<N extends JobName>(
    name: N,
    spec: Spec<N>,
    { signal = new AbortController().signal, onProgress }: Partial<JobControls> = {},
  ): Promise<Ran<N>> {
    const progress: Progress[] = [];
    const partials: PartialResult<N>[] = [];
    const job = jobOf(name);
    const result = await job(this.session, spec, {
      signal,
      onProgress: (report) => {
        progress.push(report);
        onProgress?.(report);
      },
      onPartial: (partial) => partials.push(partial),
    });
    return { result, partials, progress, stages: [...new Set(progress.map(({ stage }) => stage))] };
  }

  /** Frees the session; answers how many tensors it left behind on tfjs. */
  close(before: number): number {
    this.session.dispose();
    return memory().numTensors - before;
  }
}

/** Tensors alive now; call after the backend started. */
export function liveTensors(): number {
  return memory().numTensors;
}
