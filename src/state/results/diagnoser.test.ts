import { describe, expect, it, vi } from 'vitest';
import { StudioClient } from '../../jobs/client/client';
import type { JobName } from '../../jobs/contract/jobs';
import type { StudioWorker } from '../../jobs/contract/worker-api';
import { fakeHosts } from '../../testing/fakes/fake-hosts';
import { fakeWorker } from '../../testing/fakes/fake-worker';
import { StudioController } from '../controller';
import { keepFloat } from '../edits/edits';
import { sensitivityKey } from '../slices/diagnosis';
import { createStudioStore, settingsOf } from '../store';
import { until } from '../../testing/until';

const SAMPLE = [
  { id: 'digits', title: 'Digits', description: '', model: ['m.tflite'], data: ['d.npz'], default: true },
];

async function opened(pace = 1) {
  const store = createStudioStore();
  const calls: { name: JobName; spec: unknown }[] = [];
  const fake = fakeWorker(pace);
  const api: StudioWorker = {
    ...fake,
    run: (id, name, spec, onProgress, onPartial) => {
      calls.push({ name, spec });
      return fake.run(id, name, spec, onProgress, onPartial);
    },
  };
  const client = new StudioClient(() => ({ api, onDeath: () => {}, terminate: () => {} }));
  const fetcher = async (url: string) => new Response(url.endsWith('index.json') ? JSON.stringify(SAMPLE) : 'bytes');
  const controller = new StudioController(store, client, {
    fetcher,
    pageUrl: 'https://example.org/',
    ...fakeHosts(),
  });
  await controller.opener.start();
  const count = (name: JobName) => calls.filter((call) => call.name === name).length;
  return { store, controller, calls, count, slice: () => store.getState().diagnosis };
}

describe('the diagnosis', () => {
  it('is made once for the same settings, however often it is asked for, and once more for others', async () => {
    const { controller, count, slice, store } = await opened();
    await Promise.all([controller.diagnoser.diagnose(), controller.diagnoser.diagnose()]);
    await controller.diagnoser.diagnose();
    expect(count('diagnose')).toBe(1);
    expect(slice().result).toMatchObject({ partial: false, settings: settingsOf(store.getState()) });
    expect(slice().result!.value.findings[0].check).toBe('outlier-channel');
    controller.edit(keepFloat('logits', true));
    await controller.diagnoser.diagnose();
    expect(count('diagnose')).toBe(2);
    controller.cancel();
  });

  it('stops when the settings change or a model is opened, and complains of nothing', async () => {
    const { controller, slice, store } = await opened();
    const first = controller.diagnoser.diagnose();
    await until(() => expect(store.getState().jobs.running.map(({ name }) => name)).toContain('diagnose'));
    controller.edit(keepFloat('logits', true));
    await first;
    expect(slice()).toMatchObject({ result: null, error: null });
    const second = controller.diagnoser.diagnose();
    await controller.opener.openSample('digits');
    await second;
    expect(slice().result).toBeNull();
    controller.cancel();
  });

  it('says why it failed', async () => {
    const { controller, slice } = await opened();
    const failing = vi.spyOn(StudioClient.prototype, 'run').mockRejectedValueOnce(new Error('out of memory'));
    await controller.diagnoser.diagnose();
    expect(slice().error?.message).toContain('out of memory');
    failing.mockRestore();
    await controller.diagnoser.diagnose();
    expect(slice().error).toBeNull();
  });
});

describe('a fix', () => {
  it('is one step to undo, held against the accuracy before until something else changes', async () => {
    const { controller, slice, store } = await opened();
    await controller.diagnoser.diagnose();
    const [finding] = slice().result!.value.findings;
    const { length } = store.getState().choices.past;
    const before = store.getState().results.verification!.value.file;
    controller.diagnoser.apply(finding, finding.fixes[0]);
    expect(settingsOf(store.getState()).algorithms).toEqual([{ id: 'cle', params: {} }]);
    expect(store.getState().choices.past).toHaveLength(length + 1);
    expect(slice().applied).toMatchObject({ title: finding.title, label: 'Equalize channels', before });
    controller.undo();
    expect(settingsOf(store.getState()).algorithms).toBeUndefined();
    expect(slice().applied).toBeNull();
    controller.cancel();
  });

  it('of the data changes the data', async () => {
    const { controller, slice, store } = await opened();
    await controller.diagnoser.diagnose();
    const finding = slice().result!.value.findings[1];
    controller.diagnoser.apply(finding, finding.fixes[1]);
    expect(store.getState().choices.present.data.calibrationSamples).toBe(2000);
    controller.diagnoser.apply(finding, finding.fixes[0]);
    expect(store.getState().choices.present.data.preprocessing).toEqual([{ kind: 'scale', scale: 1 / 255, offset: 0 }]);
    controller.cancel();
  });
});

describe('sensitivity on demand', () => {
  it('is kept by what was measured, beside the one that comes by itself', async () => {
    const { controller, calls, slice, store } = await opened();
    const choice = { mode: 'all-but', part: 'weights' } as const;
    await controller.diagnoser.measure(choice);
    expect(calls.at(-1)).toMatchObject({ name: 'sensitivity', spec: { ...choice, samples: 256 } });
    const key = sensitivityKey(choice);
    expect(slice().sensitivities[key]).toMatchObject({ partial: false, basis: store.getState().results.basis });
    expect(slice().sensitivities[key].value[0].gainDb).toBeTypeOf('number');
    await controller.diagnoser.measure({ mode: 'alone', part: 'activations' });
    expect(Object.keys(slice().sensitivities)).toHaveLength(2);
  });

  it('stops when told to', async () => {
    const { controller, slice } = await opened(20);
    const measuring = controller.diagnoser.measure({ mode: 'all-but', part: 'both' });
    await new Promise((resolve) => setTimeout(resolve, 40));
    controller.diagnoser.stopMeasuring();
    await measuring;
    expect(slice()).toMatchObject({ sensitivities: {}, error: null });
  });
});
