import { until } from '../../testing/until';
import { describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../jobs/contract/worker-api';
import { FAKE_STEPS, fakeQatProgress } from '../../testing/fakes/fake-qat';
import { afterEpochs, atFourBits, fakeStudio } from '../../testing/fakes/fake-studio';
import { FakeVault } from '../../testing/fakes/fake-vault';
import { comparedWith, trainedInUse } from '../results/comparison';
import { keepFloat } from '../edits/edits';
import { nextStep } from '../autopilot/next-step';
import { settingsOf } from '../store';

describe('training', () => {
  it('starts from what is quantized, is taken over as one step, and is evaluated, exported and verified as anything is', async () => {
    const studio = fakeStudio();
    const { controller, state, run, fresh, calls, names } = studio;
    await atFourBits(studio);
    const from = settingsOf(state());
    const steps = state().choices.past.length;
    const before = calls.length;
    await controller.training.start();
    expect(calls.slice(before).find(({ name }) => name === 'qat')?.spec).toEqual({
      settings: from,
      training: state().choices.present.training,
    });
    expect(names(before)).toEqual([
      'qat',
      'applyAlgorithms',
      'inspectWeights',
      'plan',
      'exportFile',
      'evaluate',
      'verify',
      'sensitivity',
    ]);
    expect(run()).toMatchObject({ state: 'done', error: null, best: { epoch: 2, epochs: 2 } });
    // No word came of the last epoch on the way.
    expect(run()!.progress!.history.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(run()!.trace.length).toBe(2 * FAKE_STEPS);
    expect(run()!.trace.at(-1)!.at).toBeCloseTo(2 - 1 / FAKE_STEPS, 9);
    expect(settingsOf(state()).trained).toBe('qat-fa4eint4-2');
    expect(state().choices.past).toHaveLength(steps + 1);
    expect(trainedInUse(state())).toMatchObject({ from, epochs: 2 });
    expect(fresh('verification')).toBe('fresh');
    expect(state().results.verification!.value.simulation).toMatchObject({ changed: 0 });
    expect(state().results.evaluation!.value.quantized.value).toBe(0.972);
    expect(comparedWith(state())?.evaluation?.value.quantized.value).toBe(0.882);
    expect(comparedWith(state())?.weights['features/conv_0']).toBeDefined();
    expect(nextStep(state(), 'full')).toBeNull();
  });

  it('undone, the quantized results are there again, and redone the trained ones, without a job', async () => {
    const studio = fakeStudio();
    const { controller, state, fresh, calls, names } = studio;
    await atFourBits(studio);
    await controller.training.start();
    const before = calls.length;
    controller.undo();
    expect(settingsOf(state()).trained).toBeUndefined();
    expect([fresh('evaluation'), fresh('verification'), fresh('sensitivity')]).toEqual(['fresh', 'fresh', 'fresh']);
    expect(state().results.evaluation!.value.quantized.value).toBe(0.882);
    expect(comparedWith(state())).toBeNull();
    controller.redo();
    expect([fresh('variant'), fresh('verification')]).toEqual(['fresh', 'fresh']);
    expect(state().results.evaluation!.value.quantized.value).toBe(0.972);
    expect(comparedWith(state())?.evaluation?.value.quantized.value).toBe(0.882);
    await controller.pipeline.refresh();
    expect(names(before)).toEqual([]);
    controller.training.leave();
    expect(fresh('evaluation')).toBe('fresh');
    controller.cancel();
  });

  it('pauses, lets others work, goes on; the clock stands still meanwhile', async () => {
    const studio = fakeStudio();
    const { controller, state, run, calls, names } = studio;
    await atFourBits(studio);
    const before = calls.length;
    const training = controller.training.start();
    await afterEpochs(studio, 1);
    controller.training.pause();
    expect(run()!.state).toBe('paused');
    expect(state().jobs.running.find(({ name }) => name === 'qat')?.paused).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const held = run()!;
    controller.select('features/conv_2');
    await until(() => expect(state().results.weights['features/conv_2']).toBeDefined());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(run()!.progress).toBe(held.progress);
    controller.training.resume();
    await training;
    expect(run()).toMatchObject({ state: 'done' });
    expect(run()!.milliseconds - held.milliseconds).toBeLessThan(90);
    expect(names(before).filter((name) => name === 'qat')).toHaveLength(1);
    controller.cancel();
  });

  it.each(['running', 'paused'] as const)('stopped while %s, keeps the best epoch and offers it', async (how) => {
    const studio = fakeStudio();
    const { controller, state, run } = studio;
    await atFourBits(studio);
    const from = settingsOf(state());
    controller.editTraining({ epochs: 50 });
    const training = controller.training.start();
    await afterEpochs(studio, 1);
    if (how === 'paused') controller.training.pause();
    await controller.training.cancel();
    await training;
    expect(run()).toMatchObject({ state: 'stopped', error: null });
    const { epoch } = run()!.best!;
    expect(epoch).toBeGreaterThan(0);
    expect(settingsOf(state())).toBe(from);
    controller.training.take();
    expect(settingsOf(state()).trained).toBe(`qat-fa4eint4-${epoch}`);
    controller.training.dismiss();
    expect(run()).toBeNull();
    controller.cancel();
  });

  it('leaves settings alone that were changed meanwhile; what came of it can still be taken', async () => {
    const studio = fakeStudio();
    const { controller, state, run } = studio;
    await atFourBits(studio);
    const training = controller.training.start();
    await afterEpochs(studio, 1);
    controller.edit(keepFloat('logits', true));
    await training;
    expect(run()!.state).toBe('done');
    expect(settingsOf(state()).trained).toBeUndefined();
    expect(settingsOf(state()).layers).toEqual({ logits: { keepFloat: true } });
    controller.training.take();
    expect(settingsOf(state())).toMatchObject({ trained: 'qat-fa4eint4-2', layers: {} });
    controller.cancel();
  });

  it('says why it failed and keeps the best epoch before', async () => {
    const error = { code: 'diverged', message: 'Training diverged in epoch 2.' } as const;
    const studio = fakeStudio(new FakeVault(), (fake) => ({
      run: async (id, name, spec, onProgress, onPartial) => {
        if (name !== 'qat') return fake.run(id, name, spec, onProgress, onPartial);
        onPartial(fakeQatProgress(spec as never, FAKE_STEPS));
        return { ok: false, error };
      },
    }));
    const { controller, state, run, fresh } = studio;
    await atFourBits(studio);
    await controller.training.start();
    expect(run()).toMatchObject({ state: 'failed', error, best: { epoch: 1 } });
    expect(settingsOf(state()).trained).toBeUndefined();
    expect(state().results.error).toBeNull();
    controller.training.take();
    await controller.pipeline.refresh();
    expect(fresh('verification')).toBe('fresh');
  });

  it('is not taken where nothing is better than the quantized model', async () => {
    const studio = fakeStudio(new FakeVault(), (fake) => ({
      run: async (id, name, spec, onProgress, onPartial) => {
        if (name !== 'qat') return fake.run(id, name, spec, onProgress, onPartial);
        const { best } = fakeQatProgress(spec as never, 0);
        return { ok: true, result: best } as JobOutcome<typeof name>;
      },
    }));
    const { controller, state, run, vault } = studio;
    await atFourBits(studio);
    await controller.training.start();
    expect(run()).toMatchObject({ state: 'done', best: { epoch: 0 } });
    expect(settingsOf(state()).trained).toBeUndefined();
    expect(vault.values.size).toBe(0);
  });

  it('ends before another model is opened, also while it is paused', async () => {
    const studio = fakeStudio();
    const { controller, state, run } = studio;
    await atFourBits(studio);
    const training = controller.training.start();
    await afterEpochs(studio, 1);
    controller.training.pause();
    await controller.opener.openSample('digits');
    await training;
    expect(run()).toBeNull();
    expect(settingsOf(state())).toMatchObject({ weights: { granularity: 'channel' } });
    expect(state().choices.present.training.epochs).toBe(2); // how to train is a person's choice, whatever the model
    expect(state().jobs.running).toEqual([]);
    expect(state().jobs.notices.map(({ text }) => text)).toEqual([
      'Training ended for what is opened now; its best epoch is kept, and offered again with the same model and data.',
    ]);
  });

  it('goes on from trained weights when asked, and adds up what it took', async () => {
    const studio = fakeStudio();
    const { controller, state, calls } = studio;
    await atFourBits(studio);
    const from = settingsOf(state());
    await controller.training.start();
    await controller.training.start(true);
    expect(calls.findLast(({ name }) => name === 'qat')!.spec).toMatchObject({ from: { epoch: 2 } });
    expect(trainedInUse(state())).toMatchObject({ id: 'qat-fa4eint4on-2', from, epochs: 4 });
    await controller.training.start();
    expect(calls.findLast(({ name }) => name === 'qat')!.spec).toEqual({
      settings: from,
      training: state().choices.present.training,
    });
    expect(trainedInUse(state())).toMatchObject({ id: 'qat-fa4eint4-2', epochs: 2 });
    controller.cancel();
  });
});
