/**
 * Runs at most one task: a new one aborts the one running and replaces the one waiting, so what finishes is always what
 * was asked for last. For work that follows a pointer.
 */
export class NewestWins {
  private current: { readonly abort: AbortController; done: Promise<void> } | null = null;
  private newest = 0;

  /** Resolves when the task is done, or was replaced before it began; rejects with the task's own failure. */
  async run(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const turn = ++this.newest;
    this.current?.abort.abort();
    while (this.current) {
      await this.current.done;
      if (turn !== this.newest) return;
    }
    const abort = new AbortController();
    const work = task(abort.signal);
    const settled = () => {
      this.current = null;
    };
    this.current = { abort, done: work.then(settled, settled) };
    await work;
  }

  /** Aborts what runs and drops what waits. */
  abort(): void {
    this.newest++;
    this.current?.abort.abort();
  }
}
