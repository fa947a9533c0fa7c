/** The page's side of the worker: jobs in, promises out, and a worker that may die without taking the session along. */
import { cancelled, RangefinderError, toErrorInfo } from '../../base/errors';
import type { Gate } from '../../base/gate';
import type { JobName, PartialResult, Result, Spec } from '../contract/jobs';
import type { Progress } from '../contract/protocol';
import { ReplayMemory, type SpecSource } from './replay';
import type { StudioWorker } from '../contract/worker-api';

/** A running worker, however it is hosted. `api` crosses a thread, so callbacks given to `run` must survive that. */
export interface WorkerLink {
  readonly api: StudioWorker;
  /** Called at most once, when the worker can no longer answer. */
  onDeath(listener: (reason: string) => void): void;
  terminate(): void;
}

export type WorkerFactory = () => WorkerLink;

export interface RunOptions<N extends JobName> {
  readonly signal?: AbortSignal;
  /** The job is paused while it is closed. */
  readonly pause?: Gate;
  readonly onProgress?: (progress: Progress) => void;
  readonly onPartial?: (partial: PartialResult<N>) => void;
}

export type ClientEvent =
  | { readonly kind: 'ready'; readonly backend: string }
  /** The worker died and a new one stands where it stood. */
  | { readonly kind: 'restarted'; readonly reason: string }
  /** The new one died as well, or could not be brought back to where the old one stood: model and data are gone. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** No worker answers: its script cannot be loaded or run, or has not answered for long. A later 'ready' takes it back. */
  | { readonly kind: 'unavailable'; readonly reason: string };

interface Options {
  /** How long a cancelled job may take to notice before its worker is terminated. */
  readonly graceMs?: number;
  /** How long a worker may take to answer for the first time before that is said. */
  readonly startMs?: number;
  readonly onEvent?: (event: ClientEvent) => void;
}

interface Pending {
  readonly reject: (error: RangefinderError) => void;
  readonly signal: AbortSignal | undefined;
}

/** A connection is a worker past its handshake and its replay; `dead` turns true once and for all. */
interface Connection {
  readonly link: WorkerLink;
  readonly ready: Promise<void>;
  dead: boolean;
  /** It has answered. */
  started: boolean;
  replaying: boolean;
}

const GRACE_MS = 4000;
const START_MS = 10_000;

export class StudioClient {
  private connection: Connection | null = null;
  private readonly pending = new Map<number, Pending>();
  private readonly memory = new ReplayMemory();
  private nextId = 1;

  constructor(
    private readonly createWorker: WorkerFactory,
    private readonly options: Options = {},
  ) {}

  /** Starts the worker ahead of the first job. */
  async warmUp(): Promise<void> {
    await this.connect().ready;
  }

  /** Runs one job. Rejects with RangefinderError only: the job's own, 'cancelled' or 'worker-died'. */
  async run<N extends JobName>(name: N, source: SpecSource<N>, options: RunOptions<N> = {}): Promise<Result<N>> {
    if (options.signal?.aborted) throw cancelled();
    const connection = this.connect();
    await connection.ready;
    if (options.signal?.aborted) throw cancelled();
    let lastPartial: PartialResult<N> | null = null;
    let done = false;
    const onPartial = (partial: PartialResult<N>) => {
      if (done) return; // partials travel on a port of their own, and the result may overtake the last of them
      lastPartial = partial;
      this.memory.arrived(name, partial);
      options.onPartial?.(partial);
    };
    try {
      const result = await this.send(connection, name, source, { ...options, onPartial });
      done = true;
      this.memory.succeeded(name, source, result);
      return result;
    } catch (thrown) {
      const error = asError(thrown);
      this.memory.failed(name, error, lastPartial);
      throw error;
    }
  }

  /** Ends the worker; whatever is pending is rejected as cancelled. */
  dispose(): void {
    const connection = this.connection;
    this.connection = null;
    if (connection) {
      connection.dead = true;
      connection.link.terminate();
    }
    this.rejectAll(cancelled);
  }

  private connect(): Connection {
    if (this.connection) return this.connection;
    const connection = this.open();
    this.connection = connection;
    return connection;
  }

  private open(): Connection {
    const link = this.createWorker();
    let died: (error: RangefinderError) => void = () => {};
    const death = new Promise<never>((_, reject) => (died = reject));
    const handshake = async () => {
      const { backend } = await link.api.ready();
      connection.started = true;
      this.options.onEvent?.({ kind: 'ready', backend });
      connection.replaying = true;
      for (const step of this.memory.steps()) await this.send(connection, step.name, step.source as never, {});
      connection.replaying = false;
    };
    const connection: Connection = {
      link,
      ready: Promise.race([death, handshake()]),
      dead: false,
      started: false,
      replaying: false,
    };
    const startMs = this.options.startMs ?? START_MS;
    const slow = setTimeout(() => {
      const reason = `it has not answered for ${startMs / 1000} seconds`;
      if (!connection.started && !connection.dead) this.options.onEvent?.({ kind: 'unavailable', reason });
    }, startMs);
    const settled = () => clearTimeout(slow);
    connection.ready.then(settled, settled);
    connection.ready.catch(() => {}); // reported through onDeath, and to whoever awaits it
    link.onDeath((reason) => {
      died(workerDied(reason));
      this.died(connection, reason);
    });
    return connection;
  }

  /** Rejects all that is pending and brings up a replacement, unless the replacement itself just died. */
  private died(connection: Connection, reason: string): void {
    if (connection.dead) return;
    connection.dead = true;
    connection.link.terminate();
    if (this.connection !== connection) return;
    this.connection = null;
    this.rejectAll(() => workerDied(reason));
    if (!connection.started) this.options.onEvent?.({ kind: 'unavailable', reason });
    const steps = this.memory.steps().length;
    if (connection.replaying) {
      this.memory.forget();
      this.options.onEvent?.({ kind: 'lost', reason });
    } else if (steps > 0) {
      const next = this.connect();
      next.ready.then(
        () => this.options.onEvent?.({ kind: 'restarted', reason }),
        (thrown) => {
          // A replay that fails without a death (a file that vanished from disk) leaves a worker that knows nothing.
          if (next.dead) return;
          this.memory.forget();
          this.connection = null;
          next.dead = true;
          next.link.terminate();
          this.options.onEvent?.({ kind: 'lost', reason: toErrorInfo(thrown).message });
        },
      );
    }
  }

  private async send<N extends JobName>(
    connection: Connection,
    name: N,
    source: SpecSource<N>,
    { signal, pause, onProgress, onPartial }: RunOptions<N>,
  ): Promise<Result<N>> {
    const spec = typeof source === 'function' ? await (source as () => Promise<Spec<N>>)() : (source as Spec<N>);
    if (connection.dead) throw workerDied('it stopped before the job was sent');
    const id = this.nextId++;
    const steer = () => void (pause?.isOpen ? connection.link.api.resume(id) : connection.link.api.pause(id));
    const forget = pause?.onChange(steer);
    let grace: ReturnType<typeof setTimeout> | undefined;
    const abort = () => {
      void connection.link.api.cancel(id);
      grace = setTimeout(() => {
        this.pending.get(id)?.reject(cancelled());
        this.died(connection, `${name} did not stop within ${this.options.graceMs ?? GRACE_MS} ms`);
      }, this.options.graceMs ?? GRACE_MS);
    };
    try {
      return await new Promise<Result<N>>((resolve, reject) => {
        this.pending.set(id, { reject, signal });
        signal?.addEventListener('abort', abort, { once: true });
        connection.link.api
          .run(
            id,
            name,
            spec,
            (progress) => onProgress?.(progress),
            (partial) => onPartial?.(partial),
          )
          .then((outcome) => {
            if (outcome.ok) resolve(outcome.result);
            else reject(new RangefinderError(outcome.error));
          }, reject);
        if (pause && !pause.isOpen) steer();
        if (signal?.aborted) abort();
      });
    } finally {
      forget?.();
      clearTimeout(grace);
      signal?.removeEventListener('abort', abort);
      this.pending.delete(id);
    }
  }

  /** A job already told to stop has been stopped by the death: that is what its caller asked for. */
  private rejectAll(error: () => RangefinderError): void {
    for (const { reject, signal } of this.pending.values()) reject(signal?.aborted ? cancelled() : error());
    this.pending.clear();
  }
}

function workerDied(reason: string): RangefinderError {
  return new RangefinderError({
    code: 'worker-died',
    message: `The worker stopped: ${reason}.`,
    hint: 'It is restarted with your model and data; run the step again, with fewer samples if it happens once more.',
  });
}

function asError(thrown: unknown): RangefinderError {
  return thrown instanceof RangefinderError ? thrown : new RangefinderError(toErrorInfo(thrown));
}
