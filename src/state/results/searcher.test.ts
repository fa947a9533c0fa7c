import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import type { SearchResult, SearchSpec } from '../../jobs/contract/search-protocol';
import type { JobClient } from '../page-job-queue';
import { PageJobQueue } from '../page-job-queue';
import { Searcher } from './searcher';
import { createStudioStore, patch, settingsOf } from '../store';
import { until } from '../../testing/until';

const SPEC: Omit<SearchSpec, 'settings'> = {
  precisions: ['int4', 'int8'],
  cost: 'size',
  quality: 'score',
  accumulator: 'fp16',
  budget: null,
  measurements: 10,
  seed: 1,
};
const found = (measured: number) => ({ measured, front: [] }) as unknown as SearchResult;

/** A job that ends when it is told to, or is cancelled. */
function setUp() {
  const store = createStudioStore();
  const jobs: { partial: (value: SearchResult) => void; end: (how: SearchResult | Error) => void }[] = [];
  const client: JobClient = {
    run: (_name, _spec, options) =>
      new Promise((resolve, reject) => {
        options!.signal!.addEventListener('abort', () =>
          reject(new RangefinderError({ code: 'cancelled', message: 'Cancelled.' })),
        );
        jobs.push({
          partial: (value) => options!.onPartial!(value),
          end: (how) => (how instanceof Error ? reject(how) : resolve(how)),
        });
      }),
  };
  const searcher = new Searcher(store, new PageJobQueue(store, client));
  const search = () => store.getState().results.search;
  return { store, searcher, jobs, search };
}

describe('Searcher', () => {
  it('files every partial result with the settings it rests on, in the background, and keeps it through edits', async () => {
    const { store, searcher, jobs, search } = setUp();
    const run = searcher.start(SPEC);
    const settings = settingsOf(store.getState());
    jobs[0].partial(found(3));
    expect(search()).toMatchObject({ value: { measured: 3 }, settings, partial: true });
    expect(store.getState().jobs.running).toMatchObject([{ name: 'searchPrecision', background: true }]);
    jobs[0].end(found(10));
    await run;
    expect(search()).toMatchObject({ value: { measured: 10 }, partial: false });
    store.setState(({ choices }) => ({
      choices: { ...choices, present: { ...choices.present, settings: { ...settings, io: 'float32' } } },
    }));
    expect(search()).toMatchObject({ value: { measured: 10 }, settings });
  });

  it('keeps what was found when it is stopped, and no error', async () => {
    const { store, searcher, jobs, search } = setUp();
    const run = searcher.start(SPEC);
    jobs[0].partial(found(4));
    searcher.stop();
    await run;
    jobs[0].partial(found(5)); // was under way
    expect(search()).toMatchObject({ value: { measured: 4 }, partial: true });
    expect(store.getState().results.searchError).toBeNull();
  });

  it('runs the newest only', async () => {
    const { searcher, jobs, search } = setUp();
    const first = searcher.start(SPEC);
    const second = searcher.start({ ...SPEC, seed: 2 });
    await first;
    jobs[0].partial(found(7));
    expect(search()).toBeNull();
    jobs[1].end(found(9));
    await second;
    expect(search()).toMatchObject({ value: { measured: 9 } });
  });

  it('makes way for another model and for other data', async () => {
    for (const slice of ['model', 'data'] as const) {
      const { store, searcher, jobs, search } = setUp();
      const run = searcher.start(SPEC);
      jobs[0].partial(found(2));
      patch(store, slice, { opening: 'another' });
      await run;
      expect(store.getState().jobs.running).toEqual([]);
      expect(search()).toMatchObject({ value: { measured: 2 }, partial: true });
    }
  });

  it('says what went wrong until the next one starts', async () => {
    const { store, searcher, jobs } = setUp();
    const run = searcher.start(SPEC);
    jobs[0].end(new RangefinderError({ code: 'runtime-failed', message: 'Out of memory.' }));
    await run;
    expect(store.getState().results.searchError).toMatchObject({ code: 'runtime-failed' });
    void searcher.start(SPEC);
    await until(() => expect(store.getState().results.searchError).toBeNull());
    searcher.stop();
  });
});
