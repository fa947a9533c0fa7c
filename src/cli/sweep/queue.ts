/**
 * Sweeps over BullMQ: retries, stalled jobs, backpressure and progress are its own. A job is named by its trial's key, so
 * that a trial that two sweeps share is done once. Whatever comes out of the queue is data, and parsed as such.
 */
import { setTimeout } from 'node:timers/promises';
import type { Job, Queue, RedisOptions } from 'bullmq';
import { RangefinderError, toErrorInfo, type ErrorInfo } from '../../base/errors';
import type { Trial } from '../../core/sweep/trial';
import type { Outlet, SweepEngine, TrialDoer } from './engine';
import { readTrial, readTrialReport } from './read-trial';
import { ATTEMPTS, isWorthRetrying } from './retries';
import { trialKey } from './trial-key';

/** How long a farewell may take, ms. */
const CLOSING = 2000;

const QUEUE = 'rangefinder';
/** BullMQ takes whole numbers for ids of its own. */
const PREFIX = 'trial-';

/** How often the queue is asked for what no event told of: Redis may have been away, ms. */
const LOOK_EVERY = 2000;
/** A worker that has not been heard of for so long is gone, and its trial another's, ms. */
const LOCK = 20_000;
/** A trial that so many workers were lost with is given up; one that kills its process counts among the attempts. */
const MOST_STALLED = 20;
/** What is done stays in the queue for a day, for sweeps that share it. */
const KEPT = { age: 24 * 3600, count: 100_000 };

/** Commands wait for a Redis that is away, however long, and go on when it is back. */
function connection(url: string): RedisOptions {
  return { url, maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(200 * times, 2000) };
}

/** @throws RangefinderError 'invalid-settings' for what is no address of a Redis */
export function checkQueueUrl(url: string): void {
  if (/^rediss?:\/\/\S+$/i.test(url) && URL.canParse(url)) return;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: 'A queue is at an address of Redis or Valkey.',
    hint: 'Write redis://HOST:PORT, or rediss://:PASSWORD@HOST:PORT for TLS.',
  });
}

export class QueueEngine implements SweepEngine {
  constructor(
    private readonly url: string,
    private readonly say: (line: string) => void,
  ) {}

  async run(trials: ReadonlyMap<string, Trial>, outlet: Outlet, signal: AbortSignal): Promise<void> {
    const { Queue, QueueEvents } = await import('bullmq');
    const queue = new Queue(QUEUE, { connection: connection(this.url) });
    const events = new QueueEvents(QUEUE, { connection: connection(this.url) });
    const complain = ({ message }: Error) => this.say(`  ! Redis: ${message}`);
    queue.on('error', complain);
    events.on('error', complain);
    try {
      await new Course(queue, trials, outlet).untilDone(signal, (look) => {
        events.on('completed', ({ jobId }) => look(jobId));
        events.on('failed', ({ jobId }) => look(jobId));
      });
    } finally {
      // A Redis that is away is not waited for.
      await Promise.race([Promise.allSettled([events.close(), queue.close()]), setTimeout(CLOSING)]);
    }
  }
}

/** Trials in the queue until each is done or given up. */
class Course {
  private readonly open: Map<string, Trial>;

  constructor(
    private readonly queue: Queue,
    trials: ReadonlyMap<string, Trial>,
    private readonly outlet: Outlet,
  ) {
    this.open = new Map(trials);
  }

  /** @param listen is told what to call with the id of a job that has ended */
  async untilDone(signal: AbortSignal, listen: (look: (jobId: string) => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = () => end(() => reject(new RangefinderError({ code: 'cancelled', message: 'Cancelled.' })));
      const end = (how: () => void) => {
        clearInterval(timer);
        signal.removeEventListener('abort', stop);
        how();
      };
      const look = (keys: readonly string[]) =>
        Promise.all(keys.map((key) => this.look(key))).then(
          () => this.open.size === 0 && end(resolve),
          (thrown: unknown) => end(() => reject(thrown instanceof Error ? thrown : new Error(String(thrown)))),
        );
      const timer = setInterval(() => void look([...this.open.keys()]), LOOK_EVERY);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      listen((jobId) => void look([jobId.slice(PREFIX.length)]));
      const jobs = [...this.open].map(([key, trial]) => this.jobOf(key, trial));
      this.queue.addBulk(jobs).then(
        () => look([...this.open.keys()]),
        (thrown: unknown) => end(() => reject(thrown instanceof Error ? thrown : new Error(String(thrown)))),
      );
    });
  }

  private jobOf(key: string, trial: Trial) {
    const opts = {
      jobId: PREFIX + key,
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: 500 },
      removeOnComplete: KEPT,
      removeOnFail: KEPT,
    };
    return { name: 'trial', data: trial, opts };
  }

  private async look(key: string): Promise<void> {
    const trial = this.open.get(key);
    if (!trial) return;
    // The state first: what is read of a job that is still under way has no outcome.
    const state = await this.queue.getJobState(PREFIX + key);
    const job = (await this.queue.getJob(PREFIX + key)) as Job | undefined;
    // Redis was restarted without what it held.
    if (!job) return void (await this.queue.addBulk([this.jobOf(key, trial)]));
    if ((state !== 'completed' && state !== 'failed') || !this.open.delete(key)) return;
    const error = state === 'failed' ? errorOf(job) : this.handOver(key, job);
    if (!error) return;
    this.outlet.givenUp({ key, attempts: Math.max(job.attemptsMade, job.attemptsStarted), error });
    // The next sweep that asks for it begins anew.
    await job.remove();
  }

  /** @returns what is wrong with the report; what the outlet throws is thrown */
  private handOver(key: string, { returnvalue, finishedOn, processedOn }: Job): ErrorInfo | null {
    let report;
    try {
      report = readTrialReport(returnvalue, key);
    } catch (thrown) {
      return toErrorInfo(thrown);
    }
    this.outlet.done(key, report, finishedOn && processedOn ? finishedOn - processedOn : null);
    return null;
  }
}

/** What a job says of its end is text from elsewhere. */
function errorOf({ failedReason }: Job): ErrorInfo {
  return { code: 'runtime-failed', message: String(failedReason ?? 'It failed.').slice(0, 4000) };
}

/**
 * Takes trials from the queue until it is told to stop; those under way are finished first.
 * @param doer does them
 */
export async function work(
  url: string,
  doer: TrialDoer,
  workers: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { UnrecoverableError, Worker } = await import('bullmq');
  const settled = new AbortController();
  const worker = new Worker(
    QUEUE,
    async (job: Job) => {
      try {
        const trial = readTrial(job.data, 'the queue');
        if (job.id !== PREFIX + trialKey(trial)) throw new UnrecoverableError('The job is not named by its trial.');
        const report = await doer.run(trial, settled.signal);
        say(`  ${job.id.slice(PREFIX.length, PREFIX.length + 8)} done`);
        return report;
      } catch (thrown) {
        if (thrown instanceof UnrecoverableError) throw thrown;
        const { code, message, where, hint } = toErrorInfo(thrown);
        const words = [message, where && `At ${where}.`, hint].filter(Boolean).join(' ');
        say(`  ${job.id?.slice(PREFIX.length, PREFIX.length + 8)}: ${words}`);
        throw isWorthRetrying(code) ? new Error(words) : new UnrecoverableError(words);
      }
    },
    {
      connection: connection(url),
      concurrency: workers,
      lockDuration: LOCK,
      stalledInterval: LOCK / 2,
      maxStalledCount: MOST_STALLED,
    },
  );
  worker.on('error', ({ message }) => say(`  ! ${message}`));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  await worker.close();
  settled.abort();
}
