import { beforeEach, describe, expect, it } from 'vitest';
import { fakeCheckpoint, fakeKept, fakeTrained } from '../../testing/fakes/fake-training';
import { FakeVault } from '../../testing/fakes/fake-vault';
import { DEFAULT_QAT } from '../../core/training/settings';
import { KeptTrainings } from './trainings';

let vault: FakeVault;
let kept: KeptTrainings;
beforeEach(() => {
  vault = new FakeVault();
  kept = new KeptTrainings(vault);
});

/** The n-th training of a model, kept at second n. */
function training(n: number, fingerprint = 'f00d-1') {
  const trained = fakeTrained({ id: `qat-run${n}-3` });
  const record = { ...fakeKept(), model: { fingerprint, name: fingerprint }, savedAt: 1000 * n, trained };
  return { ...record, key: KeptTrainings.key(record) };
}
const keys = async (fingerprint = 'f00d-1') => (await kept.list(fingerprint)).kept.map(({ key }) => key);

describe('KeptTrainings', () => {
  it('gives back what it was given, weights apart', async () => {
    const record = fakeKept();
    const checkpoint = fakeCheckpoint();
    await kept.keep(record, checkpoint);
    expect(await kept.list('f00d-1')).toEqual({ kept: [record], unreadable: [] });
    expect(await kept.weights(record.key)).toEqual(checkpoint);
    expect(await kept.list('f00d')).toEqual({ kept: [], unreadable: [] });
  });

  it('a better epoch of the same training takes the place of the one before; other settings are another training', async () => {
    const of = (id: string, savedAt: number) => {
      const record = { ...fakeKept(), savedAt, trained: fakeTrained({ id }) };
      return { ...record, key: KeptTrainings.key(record) };
    };
    await kept.keep(of('qat-1111-1', 1), fakeCheckpoint(1));
    await kept.keep(of('qat-1111-12', 2), fakeCheckpoint(12));
    await kept.keep(of('qat-2222-1', 3), fakeCheckpoint(1));
    const { kept: list } = await kept.list('f00d-1');
    expect(list.map(({ trained }) => trained.id)).toEqual(['qat-2222-1', 'qat-1111-12']);
    expect((await kept.weights(list[1].key)).epoch).toBe(12);
    expect(vault.values.size).toBe(4);
  });

  it('forgets both parts', async () => {
    const record = fakeKept();
    await kept.keep(record, fakeCheckpoint());
    await kept.forget(record.key);
    expect(vault.values.size).toBe(0);
    await expect(kept.weights(record.key)).rejects.toMatchObject({ code: 'missing-file' });
  });

  it('keeps the four newest of a model and twelve in all', async () => {
    for (let n = 1; n <= 6; n++) await kept.keep(training(n), fakeCheckpoint());
    expect(await keys()).toEqual([6, 5, 4, 3].map((n) => training(n).key));
    for (let n = 7; n <= 17; n++) await kept.keep(training(n, `other-${n % 4}`), fakeCheckpoint());
    expect(vault.values.size).toBe(24);
    expect(await keys()).toEqual([training(6).key]);
  });

  it('makes room by dropping the oldest, and says so when that does not help', async () => {
    for (let n = 1; n <= 3; n++) await kept.keep(training(n), fakeCheckpoint());
    vault.room = 6;
    await kept.keep(training(4), fakeCheckpoint());
    expect(await keys()).toEqual([4, 3, 2].map((n) => training(n).key));
    vault.room = 1;
    await expect(kept.keep(training(5), fakeCheckpoint())).rejects.toMatchObject({ code: 'too-large' });
  });

  it('a browser that stores nothing is an error of its own', async () => {
    vault.refusal = new DOMException('A mutation operation was attempted.', 'InvalidStateError');
    await expect(kept.keep(fakeKept(), fakeCheckpoint())).rejects.toMatchObject({
      code: 'runtime-failed',
      message: /mutation operation/,
    });
  });

  it('lists what another version wrote as unreadable, and refuses its weights kindly', async () => {
    const record = fakeKept();
    await kept.keep(record, fakeCheckpoint());
    const [summary, weights] = [`summary ${record.key}`, `weights ${record.key}`];
    vault.values.set(summary, { ...(vault.values.get(summary) as object), version: 2 });
    vault.values.set('summary beef-2 foreign', 'not ours');
    vault.values.set('theme', 'dark');
    expect(await kept.list('f00d-1')).toEqual({ kept: [], unreadable: [record.key] });
    for (const broken of [
      { version: 2 },
      { version: 1, checkpoint: { ...fakeCheckpoint(), version: 2 } },
      { version: 1, checkpoint: { ...fakeCheckpoint(), biases: { b: [1, 2] } } },
    ]) {
      vault.values.set(weights, broken);
      await expect(kept.weights(record.key)).rejects.toMatchObject({ code: 'corrupt-file' });
    }
    await kept.forget(record.key);
    expect((await kept.list('f00d-1')).unreadable).toEqual([]);
  });

  it('reads records from before a setting existed, and carries along what it does not know', async () => {
    const record = fakeKept();
    await kept.keep(record, fakeCheckpoint());
    const key = `summary ${record.key}`;
    const stored = structuredClone(vault.values.get(key)) as {
      trained: { training: Record<string, unknown>; from: Record<string, unknown> };
    };
    delete stored.trained.training.patience;
    stored.trained.training.epochs = 'many';
    stored.trained.training.seed = 7;
    stored.trained.from.rotation = 'hadamard';
    vault.values.set(key, stored);
    const [read] = (await kept.list('f00d-1')).kept;
    expect(read.trained.training).toEqual({ ...DEFAULT_QAT, seed: 7 });
    expect(read.trained.from).toMatchObject({ rotation: 'hadamard', io: 'int8' });
  });
});
