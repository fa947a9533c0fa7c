/** Makes files of the forms that people ask for, one after the other, each run in its own runtime as it is made. */
import { toErrorInfo } from '../../base/errors';
import { NewestWins } from '../../base/newest-wins';
import type { PageJobQueue } from '../page-job-queue';
import { patch, settingsOf, type StudioStore } from '../store';

export class FormWriter {
  private readonly offers = new NewestWins();
  private stopped = new AbortController();
  private busy = false;

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
  ) {}

  /** Asks which forms the model can have under the settings of this moment. */
  async offer(): Promise<void> {
    const { basis } = this.store.getState().results;
    const settings = settingsOf(this.store.getState());
    await this.offers
      .run(async (signal) => {
        const value = await this.jobs.run('formOffers', { settings }, { signal });
        if (this.store.getState().results.basis === basis)
          patch(this.store, 'forms', { offers: { value, settings, basis, partial: false } });
      })
      .catch(() => undefined); // a model that cannot be quantized says so elsewhere
  }

  /** Queues forms; what waits already is not queued twice. */
  async make(forms: readonly string[]): Promise<void> {
    const { waiting, errors } = this.store.getState().forms;
    const added = forms.filter((form) => !waiting.includes(form));
    const left = Object.fromEntries(Object.entries(errors).filter(([form]) => !added.includes(form)));
    patch(this.store, 'forms', { waiting: [...waiting, ...added], errors: left });
    if (this.busy) return;
    this.busy = true;
    this.stopped = new AbortController();
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) await this.one(next);
    } finally {
      this.busy = false;
    }
  }

  /** Makes none of those that wait. */
  stop(): void {
    this.stopped.abort();
    patch(this.store, 'forms', { waiting: [] });
  }

  private next(): string | undefined {
    return this.store.getState().forms.waiting[0];
  }

  private async one(form: string): Promise<void> {
    const { basis } = this.store.getState().results;
    const settings = settingsOf(this.store.getState());
    try {
      const value = await this.jobs.run('exportForm', { settings, form }, { signal: this.stopped.signal });
      const { made } = this.store.getState().forms;
      patch(this.store, 'forms', { made: { ...made, [form]: { value, settings, basis, partial: false } } });
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code === 'cancelled') this.stop();
      else patch(this.store, 'forms', { errors: { ...this.store.getState().forms.errors, [form]: error } });
    }
    const { waiting } = this.store.getState().forms;
    patch(this.store, 'forms', { waiting: waiting.filter((waits) => waits !== form) });
  }
}
