import { cancelled } from '../../base/errors';
import type { Progress } from '../contract/protocol';

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

/**
 * Lets messages in: a cancel can only arrive while the worker's event loop turns. A message to oneself is a full turn of
 * it without the 4 ms that browsers add to nested timers.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A job that computes longer than this without turning the event loop would keep a cancel waiting, ms. */
const BREATH_EVERY = 8;

interface Controls {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly turn?: () => Promise<void>;
}

/** A wait shorter than this is the event loop's own. */
const LEAST_WAIT = 4;

/** Progress of a job made of named stages, each with a weight in the whole and a count of units. */
export class Stages {
  private done = 0;
  private weight = 0;
  private name = '';
  private unitsDone = 0;
  private unitsTotal = 1;
  private started = 0;
  private steps = 0;
  private lastReport = -Infinity;
  private lastBreath = -Infinity;
  private waited = 0;

  /** `total` is the sum of the weights that {@link enter} will be given. */
  constructor(
    private readonly controls: Controls,
    private readonly total: number,
  ) {}

  /** Milliseconds of some clock that stands still while the job is paused or gives way: what the work itself takes. */
  now(): number {
    return performance.now() - this.waited;
  }

  /** Starts a stage of `weight` (roughly its share of the time) and `units` steps. */
  async enter(name: string, weight: number, units = 1): Promise<void> {
    this.done += this.weight;
    this.name = name;
    this.weight = weight;
    this.unitsDone = 0;
    this.unitsTotal = Math.max(1, units);
    this.started = this.now();
    this.steps = 0;
    this.lastReport = -Infinity;
    this.report();
    await this.breathe();
    await this.turn();
    throwIfCancelled(this.controls.signal);
  }

  /**
   * Reports `units` more done, turns the event loop when it is time and throws 'cancelled' when asked to stop. Cheap
   * enough to be called after every sample.
   */
  async step(units = 1): Promise<void> {
    this.unitsDone += units;
    this.steps++;
    if (performance.now() - this.lastReport > 50 || this.unitsDone >= this.unitsTotal) this.report();
    throwIfCancelled(this.controls.signal);
    if (performance.now() - this.lastBreath < BREATH_EVERY) return;
    await this.breathe();
    await this.turn();
    throwIfCancelled(this.controls.signal);
  }

  private async turn(): Promise<void> {
    const from = performance.now();
    await this.controls.turn?.();
    const waited = performance.now() - from;
    if (waited > LEAST_WAIT) this.waited += waited;
  }

  private async breathe(): Promise<void> {
    await breathe();
    this.lastBreath = performance.now();
    throwIfCancelled(this.controls.signal);
  }

  private report(): void {
    this.lastReport = performance.now();
    const inStage = Math.min(1, this.unitsDone / this.unitsTotal);
    const elapsed = this.now() - this.started;
    const stageLeft = inStage > 0 ? (elapsed * (1 - inStage)) / inStage : 0;
    const later = this.weight > 0 ? ((this.total - this.done - this.weight) / this.weight) * (elapsed + stageLeft) : 0;
    this.controls.onProgress({
      stage: this.name,
      fraction: Math.min(1, (this.done + this.weight * inStage) / this.total),
      // One batch says little: the first pays for compiling and caches.
      ...(this.steps >= 2 && { remainingMs: Math.max(0, stageLeft + later) }),
    });
  }
}
