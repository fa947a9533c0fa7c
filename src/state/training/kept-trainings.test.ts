import { until } from '../../testing/until';
import { describe, expect, it } from 'vitest';
import type { Spec } from '../../jobs/contract/jobs';
import type { JobOutcome } from '../../jobs/contract/worker-api';
import { FAKE_STEPS, fakeQatProgress, fakeQatResult } from '../../testing/fakes/fake-qat';
import { afterEpochs, atFourBits, fakeStudio } from '../../testing/fakes/fake-studio';
import { FakeVault } from '../../testing/fakes/fake-vault';
import { comparedWith, trainedInUse } from '../results/comparison';
import { settingsOf } from '../store';

describe('trained weights that the browser keeps', () => {
  it('are offered after a reload and taken back, with what they are held against', async () => {
    const first = fakeStudio();
    await atFourBits(first);
    await first.controller.training.start();
    await until(() => expect(first.state().training.kept).toHaveLength(1));

    const { controller, state, calls, names, fresh } = fakeStudio(first.vault);
    await controller.opener.start();
    const [kept] = state().training.kept;
    expect(kept).toMatchObject({
      model: { name: 'digits-cnn' },
      data: { name: 'digits', seed: 42, evaluationSamples: 1000 },
      trained: { epoch: 2, from: { weights: { format: 'int4' } } },
    });
    const before = calls.length;
    await controller.training.restore(kept.key);
    expect(names(before)[0]).toBe('restoreTraining');
    expect(calls[before].spec).toMatchObject({ id: 'qat-fa4eint4-2', checkpoint: { epoch: 2 } });
    expect(fresh('verification')).toBe('fresh');
    expect(state().results.evaluation!.value.quantized.value).toBe(0.972);
    expect(comparedWith(state())?.evaluation?.value.quantized.value).toBe(0.882);
    expect(state().choices.past).toHaveLength(1);

    await controller.training.forget(kept.key);
    expect(state().training.kept).toEqual([]);
    expect(first.vault.values.size).toBe(0);
  });

  it('are not replaced by an earlier epoch of the same training, done once more and stopped', async () => {
    const studio = fakeStudio();
    const { controller, state, vault } = studio;
    await atFourBits(studio);
    controller.editTraining({ epochs: 3 });
    await controller.training.start();
    const epochs = () => state().training.kept.map(({ trained }) => trained.epoch);
    await until(() => expect(epochs()).toEqual([3]));
    const again = controller.training.start();
    await afterEpochs(studio, 1);
    await controller.training.cancel();
    await again;
    expect(epochs()).toEqual([3]);
    expect([...vault.values.values()].filter((value) => 'trained' in (value as object))).toMatchObject([
      { trained: { epoch: 3 } },
    ]);
  });

  it('are the epoch in use, also where a later one has fewer right answers and the smaller loss', async () => {
    const figures = (epoch: number, validationAccuracy: number, validationLoss: number) => ({
      epoch,
      trainLoss: 0.5,
      validationLoss,
      trainAccuracy: 0.9,
      validationAccuracy,
      learningRate: 0.01,
      milliseconds: 900,
    });
    const history = [figures(0, 0.8, 1), figures(1, 0.944, 0.3), figures(2, 0.935, 0.2)];
    const after = (spec: Spec<'qat'>, done: number) => ({
      ...fakeQatResult(spec, done),
      history: history.slice(0, done + 1),
    });
    const studio = fakeStudio(new FakeVault(), (fake) => ({
      run: async (id, name, spec, onProgress, onPartial) => {
        if (name !== 'qat') return fake.run(id, name, spec, onProgress, onPartial);
        const training = spec as Spec<'qat'>;
        for (const done of [1, 2])
          onPartial({ ...fakeQatProgress(training, done * FAKE_STEPS), best: after(training, done) });
        return { ok: true, result: after(training, 2) } as unknown as JobOutcome<typeof name>;
      },
    }));
    const { controller, state } = studio;
    await atFourBits(studio);
    await controller.training.start();
    expect(trainedInUse(state())).toMatchObject({ epoch: 2 });
    await until(() => expect(state().training.kept).toMatchObject([{ trained: { epoch: 2 } }]));
    controller.cancel();
  });

  it('are there although the worker died while it trained; the new one knows them', async () => {
    const studio = fakeStudio();
    const { controller, state, run, names, calls, kill } = studio;
    await atFourBits(studio);
    controller.editTraining({ epochs: 50 });
    const training = controller.training.start();
    await afterEpochs(studio, 1);
    const before = calls.length;
    kill('out of memory');
    await training;
    expect(run()).toMatchObject({ state: 'failed', error: { code: 'worker-died' } });
    expect(run()!.best!.epoch).toBeGreaterThan(0);
    await until(() => expect(names(before)).toContain('restoreTraining'));
    await until(() => expect(state().training.kept).toHaveLength(1));
    controller.cancel();
  });

  it('a browser that keeps nothing is said to, and costs nothing else', async () => {
    const vault = new FakeVault();
    vault.refusal = new Error('no storage');
    const studio = fakeStudio(vault);
    await atFourBits(studio);
    expect(studio.state().training.error).toBeNull();
    await studio.controller.training.start();
    await until(() => expect(studio.state().training.error).toMatchObject({ code: 'runtime-failed' }));
    expect(settingsOf(studio.state()).trained).toBeDefined();
  });

  it('that cannot be read are refused, and the settings stay', async () => {
    const first = fakeStudio();
    await atFourBits(first);
    await first.controller.training.start();
    await until(() => expect(first.state().training.kept).toHaveLength(1));
    const key = first.state().training.kept[0].key;
    first.vault.values.set(`weights ${key}`, { version: 9 });
    const { controller, state } = fakeStudio(first.vault);
    await controller.opener.start();
    const settings = settingsOf(state());
    await controller.training.restore(key);
    expect(state().training.error).toMatchObject({ code: 'corrupt-file' });
    expect(settingsOf(state())).toBe(settings);
  });
});
