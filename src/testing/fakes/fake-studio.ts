/** A studio on the fake worker, for tests of what the page's state does with trainings. */
import { until } from '../until';
import { expect } from 'vitest';
import { StudioClient } from '../../jobs/client/client';
import type { JobName } from '../../jobs/contract/jobs';
import type { StudioWorker } from '../../jobs/contract/worker-api';
import { modelFormat } from '../../state/edits/edits';
import { StudioController } from '../../state/controller';
import { freshness } from '../../state/slices/results';
import { createStudioStore, settingsOf } from '../../state/store';
import { fakeHosts } from './fake-hosts';
import { FakeVault } from './fake-vault';
import { fakeWorker } from './fake-worker';

const SAMPLES = [
  { id: 'digits', title: 'Digits', description: '', model: ['m.tflite'], data: ['d.npz'], default: true },
];

/** A studio on the fake worker; `vault` is what the browser kept from before. */
export function fakeStudio(
  vault = new FakeVault(),
  intercept: (fake: StudioWorker) => Partial<StudioWorker> = () => ({}),
  hosts = fakeHosts(),
) {
  const store = createStudioStore();
  const calls: { name: JobName; spec: unknown }[] = [];
  let die: (reason: string) => void = () => {};
  const client = new StudioClient(() => {
    const fake = fakeWorker(1);
    const api: StudioWorker = { ...fake, ...intercept(fake) };
    const run: StudioWorker['run'] = (id, name, spec, onProgress, onPartial) => {
      calls.push({ name, spec });
      return api.run(id, name, spec, onProgress, onPartial);
    };
    return { api: { ...api, run }, onDeath: (listener) => void (die = listener), terminate: () => {} };
  });
  const fetcher = async (url: string) => new Response(url.endsWith('index.json') ? JSON.stringify(SAMPLES) : 'bytes');
  const controller = new StudioController(store, client, {
    fetcher,
    pageUrl: 'https://example.org/',
    ...hosts,
    vault,
  });
  const state = () => store.getState();
  const run = () => state().training.run;
  const fresh = (slot: 'plan' | 'evaluation' | 'verification' | 'sensitivity' | 'variant') =>
    freshness(state().results[slot], settingsOf(state()), state().results.basis);
  const names = (from = 0) => calls.slice(from).map(({ name }) => name);
  return { store, controller, calls, names, state, run, fresh, vault, kill: (reason: string) => die(reason) };
}

export type FakeStudio = ReturnType<typeof fakeStudio>;

/** The sample at four bits for weights: a file can hold it. */
export async function atFourBits(studio: FakeStudio): Promise<void> {
  await studio.controller.opener.start();
  studio.controller.edit(modelFormat('weights', 'int4'));
  studio.controller.editTraining({ epochs: 2 });
  await studio.controller.pipeline.refresh();
}

/** Until so many epochs are done. */
export async function afterEpochs({ run }: FakeStudio, epochs: number): Promise<void> {
  await until(() => expect(run()?.progress?.history.length).toBeGreaterThan(epochs));
}
