/** Holds whoever comes to it while it is closed. A pause is one at either end: a switch for the page, a brake for the job. */
export class Gate {
  private open = true;
  private readonly listeners = new Set<() => void>();

  get isOpen(): boolean {
    return this.open;
  }

  set(open: boolean): void {
    if (open === this.open) return;
    this.open = open;
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls `listener` whenever the gate opens or closes; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Returns once the gate is open; early, for the caller to notice, when `signal` aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    while (!this.open && !signal.aborted)
      await new Promise<void>((resolve) => {
        const done = () => {
          forget();
          signal.removeEventListener('abort', done);
          resolve();
        };
        const forget = this.onChange(done);
        signal.addEventListener('abort', done, { once: true });
      });
  }
}

/** Passes all gates, each of which may close again while another is waited at. */
export async function passAll(gates: readonly Gate[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && gates.some((gate) => !gate.isOpen)) for (const gate of gates) await gate.pass(signal);
}
