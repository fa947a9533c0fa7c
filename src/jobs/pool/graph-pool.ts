/**
 * Runs batches of graphs on several threads. Answers are taken in the order of the batches, so that whatever is made of
 * them is the same in every bit, however many threads there are. A thread that dies has its batch done again by another.
 */
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../../core/graph/graph';
import type { Simulation } from '../../engine/tfjs/simulation';
import type { ThreadAnswers, ThreadMessage, ThreadQuestions, ThreadReply, ThreadTask } from './thread-protocol';

/** A thread with a {@link GraphThread} on it. */
export interface ThreadPort {
  post(message: ThreadMessage): void;
  /** @param died is called at most once, whatever ended the thread */
  listen(replied: (reply: ThreadReply) => void, died: (reason: string) => void): void;
  terminate(): void;
}

export interface ThreadHost {
  /** Threads at a time. */
  readonly count: number;
  /** Multiply-accumulates from which threads are worth being started. */
  readonly worthwhile: number;
  /** Threads that memory holds of a model with so many bytes of constants; absent where a person has chosen their number. */
  readonly fitting?: (modelBytes: number) => number;
  start(): ThreadPort;
}

/** Threads that die with the same batch: it is the batch. */
const ATTEMPTS = 3;

class Thread {
  private next = 1;
  private death: RangefinderError | null = null;
  private readonly pending = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();

  constructor(private readonly port: ThreadPort) {
    port.listen(
      (reply) => {
        const asked = this.pending.get(reply.id);
        this.pending.delete(reply.id);
        if ('error' in reply) asked?.reject(new RangefinderError(reply.error));
        else asked?.resolve(reply.answer);
      },
      (reason) => {
        const error = (this.death = new RangefinderError({
          code: 'worker-died',
          message: `A thread ended: ${reason}.`,
          hint: 'The device may have run out of memory: try again with fewer workers.',
        }));
        for (const { reject } of this.pending.values()) reject(error);
        this.pending.clear();
      },
    );
  }

  ask<T extends ThreadTask>(task: T, question: ThreadQuestions[T]): Promise<ThreadAnswers[T]> {
    if (this.death) return Promise.reject(this.death);
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.pending.set(id, { resolve: resolve, reject });
      this.port.post({ id, task, question });
    });
  }

  terminate(): void {
    this.port.terminate();
  }
}

/** Where a thread is, or its successor. */
interface Place {
  thread: Promise<Thread>;
}

const isDeath = (thrown: unknown) => thrown instanceof RangefinderError && thrown.code === 'worker-died';

export class GraphPool {
  private readonly idle: Place[];
  private readonly waiting: ((place: Place) => void)[] = [];
  private readonly all = new Set<Thread>();
  /** What a thread that starts has to load. */
  private readonly loaded = new Map<string, ThreadQuestions['load']>();
  private isOver = false;

  constructor(private readonly host: ThreadHost) {
    this.idle = Array.from({ length: host.count }, () => ({ thread: this.started() }));
  }

  get size(): number {
    return this.host.count;
  }

  /** Has all threads compute the graph by this name. */
  async load(model: string, graph: Graph, simulation: Simulation): Promise<void> {
    const question = { model, graph, simulation };
    this.loaded.set(model, question);
    await this.everywhere((thread) => thread.ask('load', question));
  }

  async simulate(model: string, simulation: Simulation): Promise<void> {
    this.loaded.set(model, { ...this.loaded.get(model)!, simulation });
    await this.everywhere((thread) => thread.ask('simulate', { model, simulation }));
  }

  async unload(model: string): Promise<void> {
    this.loaded.delete(model);
    if (!this.isOver) await this.everywhere((thread) => thread.ask('unload', { model }));
  }

  /**
   * Answers to questions, in their order. As many are under way as there are threads, and one more waits to be sent.
   * @throws RangefinderError of the first question that fails
   */
  async *inOrder<T extends 'statistics' | 'values'>(
    task: T,
    questions: AsyncIterable<ThreadQuestions[T]>,
  ): AsyncGenerator<ThreadAnswers[T]> {
    const underWay: Promise<ThreadAnswers[T]>[] = [];
    try {
      for await (const question of questions) {
        const answer = this.answered(task, question);
        answer.catch(() => undefined); // it is awaited in its turn
        underWay.push(answer);
        if (underWay.length > this.size) yield await underWay.shift()!;
      }
      while (underWay.length > 0) yield await underWay.shift()!;
    } finally {
      // Whoever looks away early leaves threads at rest, too.
      await Promise.allSettled(underWay);
    }
  }

  dispose(): void {
    this.isOver = true;
    for (const thread of this.all) thread.terminate();
    this.all.clear();
  }

  private async answered<T extends ThreadTask>(task: T, question: ThreadQuestions[T]): Promise<ThreadAnswers[T]> {
    for (let attempt = 1; ; attempt++) {
      const place = this.idle.pop() ?? (await new Promise<Place>((resolve) => this.waiting.push(resolve)));
      try {
        return await (await place.thread).ask(task, question);
      } catch (thrown) {
        if (!isDeath(thrown) || this.isOver) throw thrown;
        place.thread = this.started();
        if (attempt === ATTEMPTS) throw thrown;
      } finally {
        const waiting = this.waiting.shift();
        if (waiting) waiting(place);
        else this.idle.push(place);
      }
    }
  }

  /** All threads at rest: nothing is loaded while batches are under way. */
  private async everywhere(ask: (thread: Thread) => Promise<unknown>): Promise<void> {
    await Promise.all(
      this.idle.map(async (place) => {
        try {
          await ask(await place.thread);
        } catch (thrown) {
          if (!isDeath(thrown) || this.isOver) throw thrown;
          // One that starts loads all there is.
          await (place.thread = this.started());
        }
      }),
    );
  }

  private async started(): Promise<Thread> {
    const thread = new Thread(this.host.start());
    this.all.add(thread);
    for (const question of this.loaded.values()) await thread.ask('load', question);
    return thread;
  }
}
