/** Runs the search for mixed precision beside everything else; what it found outlives edits, so that points can be tried. */
import { toErrorInfo } from '../../base/errors';
import type { SearchResult, SearchSpec } from '../../jobs/contract/search-protocol';
import type { PageJobQueue } from '../page-job-queue';
import { patch, settingsOf, type StudioState, type StudioStore } from '../store';

export class Searcher {
  private running: AbortController | null = null;

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
  ) {}

  /** Searches from the settings of this moment; one at a time, the newest. Every partial is a result to keep. */
  async start(spec: Omit<SearchSpec, 'settings'>): Promise<void> {
    this.stop();
    const { results } = this.store.getState();
    const { basis } = results;
    const settings = settingsOf(this.store.getState());
    const abort = (this.running = new AbortController());
    const file = (partial: boolean) => (value: SearchResult) => {
      if (this.running === abort && this.store.getState().results.basis === basis)
        patch(this.store, 'results', { search: { value, settings, basis, partial } });
    };
    // Another model or other data wait for what runs: a search that nobody can use any more must not keep them waiting.
    const outdated = ({ results: { basis: now }, model, data }: StudioState) =>
      now !== basis || model.opening !== null || data.opening !== null;
    const forget = this.store.subscribe((state) => outdated(state) && abort.abort());
    patch(this.store, 'results', { searchError: null });
    try {
      const options = { signal: abort.signal, onPartial: file(true) };
      file(false)(await this.jobs.run('searchPrecision', { ...spec, settings }, options));
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code !== 'cancelled' && this.running === abort) patch(this.store, 'results', { searchError: error });
    } finally {
      forget();
      if (this.running === abort) this.running = null;
    }
  }

  /** Keeps what was found. */
  stop(): void {
    this.running?.abort();
    this.running = null;
  }
}
