import type { JobName } from '../../jobs/contract/jobs';
import type { Progress } from '../../jobs/contract/protocol';

export interface RunningJob {
  readonly key: number;
  readonly name: JobName;
  readonly progress: Progress;
  /** Low priority: gives way to anything a person does. */
  readonly background: boolean;
  readonly paused?: boolean;
}

export interface Notice {
  readonly key: number;
  readonly tone: 'info' | 'warning';
  readonly text: string;
}

export interface JobsSlice {
  readonly running: readonly RunningJob[];
  readonly backend: string | null;
  /** Why no worker answers, while none does. */
  readonly unavailable: string | null;
  /** A person or an error stopped the automatic pipeline: what is missing stays so until the next change or on demand. */
  readonly stopped: boolean;
  readonly notices: readonly Notice[];
  /** Milliseconds the last finished run of each job took, for the report. */
  readonly timings: Readonly<Partial<Record<JobName, number>>>;
}

export const NO_JOBS: JobsSlice = {
  running: [],
  backend: null,
  unavailable: null,
  stopped: false,
  notices: [],
  timings: {},
};

export function started(jobs: JobsSlice, job: RunningJob): JobsSlice {
  return { ...jobs, running: [...jobs.running, job] };
}

export function progressed(jobs: JobsSlice, key: number, progress: Progress): JobsSlice {
  return { ...jobs, running: jobs.running.map((job) => (job.key === key ? { ...job, progress } : job)) };
}

export function paused(jobs: JobsSlice, key: number, isPaused: boolean): JobsSlice {
  return { ...jobs, running: jobs.running.map((job) => (job.key === key ? { ...job, paused: isPaused } : job)) };
}

export function ended(jobs: JobsSlice, key: number): JobsSlice {
  return { ...jobs, running: jobs.running.filter((job) => job.key !== key) };
}

/** The job the header shows: the newest one a person waits for, else the newest in the background. */
export function shownJob(jobs: JobsSlice): RunningJob | null {
  return jobs.running.findLast((job) => !job.background) ?? jobs.running.at(-1) ?? null;
}
