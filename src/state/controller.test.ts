import { describe, expect, it } from 'vitest';
import { StudioClient } from '../jobs/client/client';
import type { JobName } from '../jobs/contract/jobs';
import type { StudioWorker } from '../jobs/contract/worker-api';
import { fakeHosts } from '../testing/fakes/fake-hosts';
import { fakeWorker } from '../testing/fakes/fake-worker';
import { unimproved } from './results/comparison';
import { StudioController } from './controller';
import { algorithm, keepFloat, manualRange } from './edits/edits';
import { nextStep } from './autopilot/next-step';
import { PAUSE_MS } from './autopilot/pipeline';
import { freshness } from './slices/results';
import { createStudioStore, settingsOf, type StudioState } from './store';
import { until } from '../testing/until';

const SAMPLES = [
  { id: 'twin', title: 'Twin', description: '', model: ['m.tflite'], data: ['d.npz'] },
  { id: 'digits', title: 'Digits', description: '', model: ['m.tflite'], data: ['d.npz'], default: true },
];
const TENSOR = 'features/conv_0/out';

function setUp(pageUrl = 'https://example.org/studio/', intercept?: Partial<StudioWorker>) {
  const store = createStudioStore();
  const calls: { name: JobName; spec: unknown }[] = [];
  const fake = fakeWorker(1);
  const api: StudioWorker = {
    ...fake,
    run: (id, name, spec, onProgress, onPartial) => {
      calls.push({ name, spec });
      return fake.run(id, name, spec, onProgress, onPartial);
    },
    ...intercept,
  };
  const client = new StudioClient(() => ({ api, onDeath: () => {}, terminate: () => {} }));
  const fetched: string[] = [];
  const fetcher = async (url: string) => {
    fetched.push(url);
    return new Response(url.endsWith('index.json') ? JSON.stringify(SAMPLES) : 'bytes');
  };
  const controller = new StudioController(store, client, { fetcher, pageUrl, ...fakeHosts() });
  const names = () => calls.map(({ name }) => name);
  return { store, controller, calls, names, fetched };
}

const fresh = (
  state: StudioState,
  slot: 'plan' | 'probe' | 'evaluation' | 'exported' | 'verification' | 'sensitivity',
) => freshness(state.results[slot], settingsOf(state), state.results.basis);

describe('the first result', () => {
  it('appears without a click: sample, calibration, plan, evaluation, file, verification, sensitivity', async () => {
    const { store, controller, names, fetched } = setUp();
    await controller.opener.start();
    expect(names().filter((name) => name !== 'inspectWeights')).toEqual([
      'openModel',
      'openData',
      'calibrate',
      'plan',
      'exportFile',
      'evaluate',
      'verify',
      'sensitivity',
    ]);
    expect(fetched[1]).toBe('https://example.org/studio/samples/m.tflite');
    const state = store.getState();
    expect(state.samples.current).toBe('digits');
    expect(nextStep(state, 'full')).toBeNull();
    expect(state.jobs.running).toEqual([]);
    expect(state.selection.layer).toBe('features/conv_0');
    expect(state.results.weights['features/conv_0']?.op).toBe('features/conv_0');
  });

  it('opens the sample the address names, and says when there is none of that name', async () => {
    const named = setUp('https://example.org/?sample=twin');
    await named.controller.opener.start();
    expect(named.store.getState().samples.current).toBe('twin');
    const unknown = setUp('https://example.org/?sample=nothing');
    await unknown.controller.opener.start();
    expect(unknown.store.getState().samples.current).toBe('digits');
    expect(unknown.store.getState().jobs.notices[0]?.text).toContain('"nothing"');
  });

  it('asks less of random data than of real data, and leaves a person’s own numbers alone', async () => {
    const { store, controller } = setUp();
    const counts = () => {
      const { calibrationSamples, evaluationSamples } = store.getState().choices.present.data;
      return [calibrationSamples, evaluationSamples];
    };
    const data = [{ path: 'd.npz', blob: new Blob(['x']) }];
    await controller.opener.start();
    expect(counts()).toEqual([500, 1000]);
    await controller.opener.useRandomData();
    expect(counts()).toEqual([100, 200]);
    await controller.opener.open({ model: [], data });
    expect(counts()).toEqual([500, 1000]);
    controller.editData({ calibrationSamples: 7 });
    await controller.opener.useRandomData();
    expect(counts()).toEqual([7, 1000]);
    controller.cancel();
  });

  it('goes on without verification when that is skipped, until it is asked for', async () => {
    const { store, controller, names } = setUp();
    const opened = controller.opener.start();
    await until(() => expect(store.getState().jobs.running[0]?.name).toBe('verify'));
    controller.pipeline.skipVerification();
    await opened;
    expect(fresh(store.getState(), 'verification')).toBe('none');
    expect(fresh(store.getState(), 'sensitivity')).toBe('fresh');
    expect(fresh(store.getState(), 'exported')).toBe('fresh');
    await controller.pipeline.refresh();
    expect(names().filter((name) => name === 'verify')).toHaveLength(1);
    await controller.pipeline.settle();
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
  });

  it('keeps data that came before a model until there is one', async () => {
    const { store, controller, names } = setUp();
    await controller.opener.open({ model: [], data: [{ path: 'set/a/1.jpg', blob: new Blob(['x']) }] });
    expect(store.getState().data.waiting).toBe('1.jpg');
    expect(names()).toEqual([]);
    await controller.opener.open({ model: [{ path: 'm.tflite', blob: new Blob(['x']) }], data: [] });
    expect(names().slice(0, 2)).toEqual(['openModel', 'inspectWeights']);
    expect(names()).toContain('openData');
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
  });

  it('opens the data once more for labels of its own, and stays as it was when they do not fit', async () => {
    const run = fakeWorker(1).run;
    let fits = true;
    const { store, controller, calls } = setUp('https://example.org/', {
      run: (id, name, spec, onProgress, onPartial) => {
        if ('labels' in spec && spec.labels) calls.push({ name, spec });
        return 'labels' in spec && spec.labels && !fits
          ? Promise.resolve({ ok: false, error: { code: 'invalid-data', message: '3 labels for 4 samples' } })
          : run(id, name, spec, onProgress, onPartial);
      },
    });
    await controller.opener.start();
    const { basis } = store.getState().results;
    await controller.opener.useLabels({ path: 'y.csv', blob: new Blob(['1']) });
    expect(calls[0].spec).toMatchObject({ labels: { path: 'y.csv' }, files: [{ path: 'd.npz' }] });
    expect(store.getState().results.basis).toBe(basis + 1);
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
    fits = false;
    await controller.opener.useLabels({ path: 'y.csv', blob: new Blob(['1']) });
    expect(store.getState().data).toMatchObject({ error: { code: 'invalid-data' }, outdated: false });
    expect(store.getState().results.basis).toBe(basis + 1);
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
  });

  it('shows why a model does not open, and keeps the one before', async () => {
    const { store, controller } = setUp();
    await controller.opener.start();
    const broken = setUp('https://example.org/', {
      run: async () => ({ ok: false, error: { code: 'corrupt-file', message: 'cut off' } }),
    });
    await broken.controller.opener.start();
    expect(broken.store.getState().model).toMatchObject({ view: null, opening: null, error: { code: 'corrupt-file' } });
    expect(store.getState().model.view).not.toBeNull();
  });
});

describe('a change of settings', () => {
  it('makes results stale, plans at once, probes after a pause, and settles everything when idle', async () => {
    const { store, controller, calls } = setUp();
    await controller.opener.start();
    const before = calls.length;
    controller.edit(manualRange(TENSOR, null, { min: 0, max: 2 }));
    expect(fresh(store.getState(), 'evaluation')).toBe('stale');
    await until(() => expect(fresh(store.getState(), 'plan')).toBe('fresh'));
    expect(store.getState().results.plan?.value.activations[TENSOR]).toMatchObject({
      origin: 'manual',
      range: { max: 2 },
    });
    await until(() => expect(fresh(store.getState(), 'probe')).toBe('fresh'));
    expect(calls.slice(before).map(({ name }) => name)).toEqual(['plan', 'probe']);
    await until(() => expect(fresh(store.getState(), 'sensitivity')).toBe('fresh'));
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
  });

  it('probes the newest of many quick changes only', async () => {
    const { store, controller, calls } = setUp();
    await controller.opener.start();
    for (let max = 1; max <= 10; max++) {
      controller.edit(manualRange(TENSOR, null, { min: 0, max }));
      await Promise.resolve();
    }
    await until(() => expect(fresh(store.getState(), 'probe')).toBe('fresh'));
    const probes = calls.filter(({ name }) => name === 'probe');
    expect(probes).toHaveLength(1);
    expect(probes[0].spec).toMatchObject({
      settings: { tensors: { [TENSOR]: { range: { max: 10 } } } },
      samples: 256,
    });
    controller.cancel();
  });

  it('undone, makes what was computed before current again', async () => {
    const { store, controller } = setUp();
    await controller.opener.start();
    controller.edit(keepFloat('logits', true));
    expect(fresh(store.getState(), 'verification')).toBe('stale');
    controller.undo();
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
    controller.redo();
    expect(settingsOf(store.getState()).layers).toEqual({ logits: { keepFloat: true } });
    controller.cancel();
  });

  it('dragged, is one step however often the pointer rested', async () => {
    const { store, controller } = setUp();
    await controller.opener.start();
    for (const max of [5, 4, 3]) {
      controller.drag(TENSOR, null, { min: 0, max });
      expect(store.getState().selection.draft?.range.max).toBe(max);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS + 40));
    }
    controller.release();
    controller.drag(TENSOR, null, { min: 0, max: 1 });
    controller.release();
    expect(store.getState().selection.draft).toBeNull();
    expect(store.getState().choices.past).toHaveLength(2);
    controller.undo();
    expect(settingsOf(store.getState()).tensors[TENSOR]?.range?.max).toBe(3);
    controller.undo();
    expect(settingsOf(store.getState()).tensors).toEqual({});
    controller.cancel();
  });

  it('of preprocessing calibrates anew, and can be undone', async () => {
    const { store, controller, calls } = setUp();
    await controller.opener.start();
    const { basis } = store.getState().results;
    const before = calls.length;
    controller.editData({ preprocessing: [{ kind: 'scale', scale: 2, offset: 0 }] });
    expect(fresh(store.getState(), 'verification')).toBe('stale');
    await until(() => expect(fresh(store.getState(), 'verification')).toBe('fresh'));
    expect(store.getState().results.basis).toBeGreaterThan(basis);
    expect(calls.slice(before, before + 3).map(({ name }) => name)).toEqual(['changeData', 'calibrate', 'plan']);
    controller.undo();
    await until(() => expect(store.getState().data.view?.preprocessingGuessed).toBe(true));
    controller.cancel();
  });
});

describe('algorithms', () => {
  it('are applied before anything that rests on their model, and weights are read from it', async () => {
    const { store, controller, calls } = setUp();
    await controller.opener.start();
    const { evaluation } = store.getState().results;
    let before = calls.length;
    controller.edit(algorithm('cle', {}));
    await controller.pipeline.refresh();
    const ran = calls.slice(before).filter(({ name }) => name !== 'inspectWeights');
    expect(ran.slice(0, 2).map(({ name }) => name)).toEqual(['applyAlgorithms', 'plan']);
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
    expect(store.getState().results.variant?.value.reports[0]?.algorithm).toBe('cle');
    expect(calls.slice(before).find(({ name }) => name === 'inspectWeights')?.spec).toMatchObject({
      op: 'features/conv_0',
      settings: { algorithms: [{ id: 'cle' }] },
    });
    expect(store.getState().results.unimproved).toBe(evaluation);
    expect(unimproved(store.getState())).toBe(evaluation);

    before = calls.length;
    controller.edit(manualRange(TENSOR, null, { min: 0, max: 2 }));
    await controller.pipeline.refresh();
    expect(calls.slice(before).map(({ name }) => name)).not.toContain('applyAlgorithms');
    expect(fresh(store.getState(), 'plan')).toBe('fresh');
    expect(unimproved(store.getState())).toBeNull();

    before = calls.length;
    controller.edit(algorithm('cle', null));
    expect(store.getState().results.variant).toBeNull();
    await until(() =>
      expect(calls.slice(before)[0]).toEqual({ name: 'inspectWeights', spec: { op: 'features/conv_0' } }),
    );
    controller.cancel();
  });

  it('are held against what undo brought back, not against what was evaluated last', async () => {
    const { store, controller } = setUp();
    await controller.opener.start();
    const { evaluation } = store.getState().results;
    controller.edit(manualRange(TENSOR, null, { min: 0, max: 2 }));
    await controller.pipeline.refresh();
    expect(store.getState().results.evaluation).not.toBe(evaluation);
    controller.undo();
    controller.edit(algorithm('cle', {}));
    expect(unimproved(store.getState())).toBe(evaluation);
    controller.cancel();
  });

  it('found by the recommended pipeline are one step to undo; stopped, what helped so far can still be taken', async () => {
    const { store, controller, names } = setUp();
    await controller.opener.start();
    const { settings } = store.getState().choices.present;
    await controller.improve();
    expect(settingsOf(store.getState()).algorithms).toEqual([{ id: 'cle', params: {} }]);
    expect(store.getState().choices.past).toHaveLength(1);
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
    expect(names().indexOf('improve')).toBeGreaterThan(0);
    controller.undo();
    expect(settingsOf(store.getState())).toBe(settings);
    controller.takeImprovement();
    expect(settingsOf(store.getState()).algorithms).toHaveLength(1);
    controller.takeImprovement();
    expect(store.getState().choices.past).toHaveLength(1);
    controller.cancel();
  });

  it('count the cost once for the same settings and accumulator', async () => {
    const { store, controller, names } = setUp();
    await controller.opener.start();
    await controller.countCost('fp16');
    await controller.countCost('fp16');
    expect(names().filter((name) => name === 'cost')).toHaveLength(1);
    await controller.countCost('fp32');
    expect(store.getState().results.cost?.value.planned.accumulator).toBe('fp32');
  });
});

describe('cancel', () => {
  it('stops the pipeline where it is, until the next change', async () => {
    const { store, controller, names } = setUp();
    const opened = controller.opener.start();
    await until(() => expect(names()).toContain('evaluate'));
    controller.cancel();
    await opened;
    expect(names()).not.toContain('verify');
    expect(store.getState().results).toMatchObject({ evaluation: null, error: null });
    expect(store.getState().jobs.running).toEqual([]);
    await controller.pipeline.refresh();
    expect(fresh(store.getState(), 'verification')).toBe('fresh');
  });
});
