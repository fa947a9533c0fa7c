import { describe, expect, it, vi } from 'vitest';
import { StudioClient } from '../../jobs/client/client';
import type { JobName } from '../../jobs/contract/jobs';
import type { StudioWorker } from '../../jobs/contract/worker-api';
import { fakeHosts } from '../../testing/fakes/fake-hosts';
import { fakeWorker } from '../../testing/fakes/fake-worker';
import { nextStep, wantsData } from '../autopilot/next-step';
import { StudioController } from '../controller';
import { createStudioStore } from '../store';

const MODEL = [{ path: 'm.tflite', blob: new Blob(['model']) }];
const DATA = [{ path: 'd.npz', blob: new Blob(['data']) }];
const OTHER_DATA = [{ path: 'e.npz', blob: new Blob(['other']) }];

/** Ends when it holds; the limit is for what would never. */
const soon = (holds: () => void) => vi.waitFor(holds, { timeout: 60_000 });

/** Records what is asked of the worker; `failing` jobs end in an error. */
function setUp(failing: readonly JobName[] = []) {
  const store = createStudioStore();
  const asked: string[] = [];
  const specs: unknown[] = [];
  const fake = fakeWorker(5);
  const api: StudioWorker = {
    ...fake,
    run: async (id, name, spec, onProgress, onPartial) => {
      const files = 'files' in spec ? (spec.files as readonly { readonly path: string }[]) : [];
      if (name === 'openModel') specs.push(spec);
      asked.push([name, ...files.map(({ path }) => path)].join(' '));
      const outcome = await fake.run(id, name, spec, onProgress, onPartial);
      return failing.includes(name) ? { ok: false, error: { code: 'corrupt-file', message: 'No.' } } : outcome;
    },
  };
  const client = new StudioClient(() => ({ api, onDeath: () => {}, terminate: () => {} }));
  const fetcher = () => Promise.resolve(new Response('[]'));
  const { opener } = new StudioController(store, client, {
    fetcher,
    pageUrl: 'https://example.org/',
    ...fakeHosts(),
  });
  const opened = () => asked.filter((job) => /^open|^changeData/.test(job));
  return { store, opener, opened, specs };
}

describe('what is opened in quick succession', () => {
  it('data that comes while the model is on its way is opened with it', async () => {
    const { store, opener, opened } = setUp();
    await Promise.all([opener.open({ model: MODEL, data: [] }), opener.open({ model: [], data: DATA })]);
    expect(opened()).toEqual(['openModel m.tflite', 'openData d.npz']);
    expect(store.getState().data).toMatchObject({ waiting: null, error: null });
    expect(store.getState().results.verification).not.toBeNull();
  });

  it('data that comes later replaces data that came along with the model', async () => {
    const { opener, opened } = setUp();
    await Promise.all([opener.open({ model: MODEL, data: DATA }), opener.open({ model: [], data: OTHER_DATA })]);
    expect(opened()).toEqual(['openModel m.tflite', 'openData e.npz']);
  });

  it('data that came first waits for the model', async () => {
    const { store, opener, opened } = setUp();
    await opener.open({ model: [], data: DATA });
    expect(store.getState().data.waiting).toBe('d.npz');
    await opener.open({ model: MODEL, data: [] });
    expect(opened()).toEqual(['openModel m.tflite', 'openData d.npz']);
  });

  it('data dropped together with a model is not replaced by data that waited', async () => {
    const { opener, opened } = setUp();
    await opener.open({ model: [], data: DATA });
    await opener.open({ model: MODEL, data: OTHER_DATA });
    expect(opened()).toEqual(['openModel m.tflite', 'openData e.npz']);
  });

  it('a new model computes nothing on data of the model before, until a person says that it may', async () => {
    const { store, opener, opened } = setUp();
    await opener.open({ model: MODEL, data: DATA });
    await opener.open({ model: [{ path: 'n.h5', blob: new Blob(['other']) }], data: [] });
    expect(opened()).toEqual(['openModel m.tflite', 'openData d.npz', 'openModel n.h5']);
    expect(wantsData(store.getState())).toBe(true);
    expect(store.getState()).toMatchObject({
      data: { fromBefore: true },
      results: { calibration: null, evaluation: null },
    });
    await opener.keepData();
    expect(opened().at(-1)).toBe('changeData');
    expect(store.getState().results.verification).not.toBeNull();
  });

  it('a file that is neither a model nor data stops nothing', async () => {
    const { store, opener } = setUp();
    const opening = opener.open({ model: MODEL, data: DATA });
    await soon(() => expect(store.getState().results.plan).not.toBeNull());
    await opener.openFiles([{ path: 'README.md', blob: new Blob(['# Notes']) }]);
    await opening;
    expect(store.getState().model.error).toMatchObject({ code: 'unknown-format' });
    await soon(() => expect(nextStep(store.getState(), 'full')).toBeNull());
    expect(store.getState().results.verification).not.toBeNull();
  });

  it('a model that cannot be read leaves what was under way on the one before to go on', async () => {
    const failing: JobName[] = [];
    const { store, opener } = setUp(failing);
    const opening = opener.open({ model: MODEL, data: DATA });
    await soon(() => expect(store.getState().results.plan).not.toBeNull());
    failing.push('openModel');
    await opener.openFiles([{ path: 'broken.h5', blob: new Blob(['nothing']) }]);
    await opening;
    expect(store.getState().model).toMatchObject({ error: { code: 'corrupt-file' } });
    await soon(() => expect(nextStep(store.getState(), 'full')).toBeNull());
  });

  it('a model that leaves sizes open is opened with them, and with the data that came with it', async () => {
    const { opener, opened, specs } = setUp(['openModel']);
    await opener.open({ model: MODEL, data: DATA });
    await opener.openWithSizes({ height: 8 });
    expect(opened()).toEqual(['openModel m.tflite', 'openModel m.tflite']);
    expect(specs.map((spec) => (spec as { sizes?: unknown }).sizes)).toEqual([undefined, { height: 8 }]);
  });

  it('data goes on waiting when the model it came after cannot be opened', async () => {
    const { store, opener, opened } = setUp(['openModel']);
    await Promise.all([opener.open({ model: MODEL, data: [] }), opener.open({ model: [], data: DATA })]);
    expect(opened()).toEqual(['openModel m.tflite']);
    expect(store.getState().data.waiting).toBe('d.npz');
    expect(store.getState().model.error).toMatchObject({ code: 'corrupt-file' });
  });
});
