/**
 * LiteRT.js reports failures on stderr only: `run()` of a model that could not be prepared returns zeros or garbage,
 * and what compile errors throw is a file name and a line. This keeps the last lines and finds the reason in them.
 */
import { RangefinderError } from '../../base/errors';

/** Printed by good runs of good models: a missing build stamp is reported as an error, and is none. */
const HARMLESS = [/\[build_stamp\.cc/];
/** Everything that failed in trials started with this, or is one of Emscripten's and XNNPACK's own words. */
const FAILURE = [/^ERROR\b/, /^Aborted\(/, /failed to reshape runtime/, /Failed to (allocate|invoke|create|apply)/];
const ABORTED = /^Aborted\(|^RuntimeError|unreachable|memory access out of bounds/;
const KEPT_LINES = 200;

export class StderrLog {
  #lines: string[] = [];
  #dead = false;

  readonly write = (line: string): void => {
    const text = line.trim();
    if (text === '') return;
    if (ABORTED.test(text)) this.#dead = true;
    if (this.#lines.length >= KEPT_LINES) this.#lines.shift();
    this.#lines.push(text);
  };

  /** Starts a new step: what was printed before it does not count against it. */
  clear(): void {
    this.#lines = [];
  }

  /** The lines of this step that say it failed, oldest first; the first one is usually the cause. */
  failures(): string[] {
    return this.#lines.filter((line) => FAILURE.some((p) => p.test(line)) && !HARMLESS.some((p) => p.test(line)));
  }

  /** The module aborted: its memory is in an unknown state, only a new boot helps. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Error for a step that failed, with stderr's reason. `thrown` is what the call threw, where it threw. */
  error(what: string, thrown?: unknown): RangefinderError {
    const failures = this.failures();
    // Emscripten throws texts and addresses, too.
    const message =
      thrown instanceof Error ? thrown.message : thrown === undefined ? undefined : `${thrown as string | number}`;
    if (message !== undefined && ABORTED.test(message)) this.#dead = true;
    const reasons = failures.length > 0 ? failures : message ? [message] : [];
    const reason = (reasons[0] ?? 'no reason given').replace(/^ERROR: /, '').split('\n')[0];
    return new RangefinderError(
      {
        code: 'runtime-failed',
        message: `LiteRT.js could not ${what}: ${reason}`,
        hint: this.#dead
          ? 'The runtime aborted and has to be started again.'
          : 'The file uses something this runtime does not support; see the details for its own words.',
        details: message && !reasons.includes(message) ? [...reasons, message] : reasons,
      },
      thrown instanceof Error ? { cause: thrown } : undefined,
    );
  }
}
