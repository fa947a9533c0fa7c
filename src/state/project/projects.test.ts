import { afterEach, describe, expect, it } from 'vitest';
import { readProject } from '../../core/project/archive';
import type { PickedFile } from '../opening/files';
import { fakeStudio, atFourBits } from '../../testing/fakes/fake-studio';
import { FakeLocks, fakeHosts } from '../../testing/fakes/fake-hosts';
import { FakeVault } from '../../testing/fakes/fake-vault';
import { until } from '../../testing/until';
import { keepFloat, modelFormat } from '../edits/edits';
import { patch, settingsOf } from '../store';

const file = (path: string, content: BlobPart): PickedFile => ({ path, blob: new Blob([content]) });
const MODEL = file('own.h5', 'model bytes');
const DATA = file('own.npz', 'data bytes');

const open: { cancel(): void }[] = [];
function studio(...given: Parameters<typeof fakeStudio>) {
  const made = fakeStudio(...given);
  open.push(made.controller);
  return made;
}
afterEach(() => {
  for (const controller of open.splice(0)) controller.cancel();
});

async function worked() {
  const made = studio();
  await made.controller.opener.open({ model: [MODEL], data: [DATA] });
  made.controller.edit(modelFormat('weights', 'int4'));
  made.controller.edit(keepFloat('logits', true));
  await made.controller.pipeline.refresh();
  return made;
}

describe('a project file', () => {
  it('brings back settings, undo, runs, model and data; saved again it is the same', async () => {
    const first = await worked();
    patch(first.store, 'ui', { tab: 'runs' });
    const saved = await first.controller.projects.save({ model: true, data: true });
    expect(saved.name).toBe('digits-cnn.rangefinder');

    const second = studio();
    expect(await second.controller.projects.takeFile(file('p.rangefinder', saved.bytes))).toBe(true);
    await until(() => expect(second.fresh('verification')).toBe('fresh'));
    expect(settingsOf(second.state())).toEqual(settingsOf(first.state()));
    expect(second.state().ui.tab).toBe('runs');
    expect(second.state().runs.list.map(({ name }) => name)).toEqual(first.state().runs.list.map(({ name }) => name));
    second.controller.undo();
    expect(settingsOf(second.state())).toMatchObject({ weights: { format: 'int4' }, layers: {} });
    second.controller.redo();
    const again = await second.controller.projects.save({ model: true, data: true });
    const parts = (bytes: Uint8Array) => {
      const { manifest, ...rest } = readProject(bytes, 'p');
      return { ...rest, manifest: { ...manifest, savedAt: '' } };
    };
    expect(parts(again.bytes)).toEqual(parts(saved.bytes));
  });

  it('without its model waits for that file, and goes on when it is opened', async () => {
    const first = await worked();
    const saved = await first.controller.projects.save({ model: false, data: false });
    const second = studio();
    await second.controller.projects.takeFile(file('p.rangefinder', saved.bytes));
    await until(() => expect(second.state().work.awaited).toMatchObject({ model: 'digits-cnn' }));
    await second.controller.opener.open({ model: [MODEL], data: [DATA] });
    expect(settingsOf(second.state())).toEqual(settingsOf(first.state()));
    expect(second.state().work.awaited).toBeNull();
  });

  it('holds trained weights, and settings find them', async () => {
    const first = studio();
    await atFourBits(first);
    await first.controller.training.start();
    const saved = await first.controller.projects.save({ model: false, data: false });
    const second = studio();
    await second.controller.opener.start();
    await second.controller.projects.takeFile(file('p.rangefinder', saved.bytes));
    await until(() => expect(settingsOf(second.state()).trained).toBe(settingsOf(first.state()).trained));
    expect(second.names()).toContain('restoreTraining');
    expect(second.state().training.known).toEqual(first.state().training.known);
  });

  it('of a newer version says so, and changes nothing', async () => {
    const { controller, state } = studio();
    const manifest = JSON.stringify({ kind: 'rangefinder-project', version: 99 });
    await controller.opener.openFiles([file('p.json', manifest)]);
    expect(state().model.error).toMatchObject({ code: 'unsupported-feature' });
  });
});

describe('settings that are dropped', () => {
  it('are applied to the open model as one step, without what it does not have', async () => {
    const first = await worked();
    const settings = { ...settingsOf(first.state()), tensors: { elsewhere: { range: { min: 0, max: 1 } } } };
    const second = studio();
    await second.controller.opener.open({ model: [MODEL], data: [DATA] });
    const report = JSON.stringify({ version: 1, generator: 'Rangefinder', settings });
    await second.controller.opener.openFiles([file('r.report.json', report)]);
    expect(settingsOf(second.state())).toMatchObject({
      weights: { format: 'int4' },
      tensors: {},
      layers: { logits: {} },
    });
    expect(second.state().choices.past).toHaveLength(1);
    expect(second.state().jobs.notices.at(-1)?.text).toContain('1 choices are about layers');
  });
});

describe('a link', () => {
  it('opens its sample with its settings, its view and its layer', async () => {
    const first = studio();
    await first.controller.opener.start();
    first.controller.edit(modelFormat('weights', 'int4'));
    patch(first.store, 'ui', { tab: 'cost' });
    const { url, isLong } = (await first.controller.projects.link('https://example.org/app/'))!;
    expect(isLong).toBe(false);
    const second = studio();
    await second.controller.start(new URL(url).hash);
    expect(settingsOf(second.state())).toEqual(settingsOf(first.state()));
    expect(second.state()).toMatchObject({ ui: { tab: 'cost' }, samples: { current: 'digits' } });
  });

  it('about a model of one’s own asks for its file', async () => {
    const first = await worked();
    const { url } = (await first.controller.projects.link('https://example.org/'))!;
    const second = studio();
    await second.controller.start(new URL(url).hash);
    expect(second.state()).toMatchObject({ model: { view: null }, work: { awaited: { model: 'digits-cnn' } } });
    await second.controller.opener.open({ model: [MODEL], data: [DATA] });
    expect(settingsOf(second.state())).toEqual(settingsOf(first.state()));
  });
});

describe('what is kept as it goes', () => {
  /** Pages that share one browser. */
  function browser() {
    const hosts = { ...fakeHosts(), workVault: new FakeVault(), locks: new FakeLocks() };
    const page = (name: string) => studio(new FakeVault(), undefined, { ...hosts, page: name });
    return { ...hosts, page };
  }

  it('is offered after the page is gone, and restored with model, data, undo and runs', async () => {
    const { page, locks, workVault } = browser();
    const first = page('one');
    await first.controller.autosave.start();
    await first.controller.opener.open({ model: [MODEL], data: [DATA] });
    first.controller.edit(modelFormat('weights', 'int4'));
    await first.controller.pipeline.refresh();
    await first.controller.autosave.save();

    const beside = page('two');
    await beside.controller.autosave.start();
    expect(beside.state().work.restorable).toBeNull(); // the first page is still there

    locks.release('work one');
    const second = page('three');
    await second.controller.autosave.start();
    expect(second.state().work.restorable).toMatchObject({ model: 'digits-cnn' });
    await second.controller.autosave.restore();
    expect(settingsOf(second.state())).toEqual(settingsOf(first.state()));
    expect(second.state().choices.past).toHaveLength(1);
    expect(second.state().runs.list).toHaveLength(2);
    expect(second.names()).toEqual(expect.arrayContaining(['openModel', 'openData', 'verify']));
    expect([...workVault.values.keys()].filter((key) => key.endsWith(' one'))).toEqual([]);
  });

  it('is nothing where a sample was only looked at', async () => {
    const { page, workVault } = browser();
    const { controller } = page('one');
    await controller.start('');
    await controller.autosave.save();
    expect(workVault.values.size).toBe(0);
  });

  it('says so where there is no room, and makes room of what is left by pages that are gone', async () => {
    const { page, workVault } = browser();
    workVault.values.set('work gone', {}).set('files gone', {});
    workVault.room = 2;
    const { controller, state } = page('one');
    await controller.autosave.start();
    await controller.opener.open({ model: [MODEL], data: [DATA] });
    await controller.autosave.save();
    expect([...workVault.values.keys()]).toEqual(['work one', 'files one']);
    expect(state().work.error).toBeNull();
    workVault.room = 1;
    controller.edit(modelFormat('weights', 'int4'));
    await controller.autosave.save();
    expect(state().work.error).toMatchObject({ code: 'too-large' });
  });

  it('can be cleared', async () => {
    const { page, workVault } = browser();
    const { controller } = page('one');
    await controller.opener.open({ model: [MODEL], data: [DATA] });
    await controller.autosave.save();
    expect(workVault.values.size).toBe(2);
    await controller.autosave.clear();
    expect(workVault.values.size).toBe(0);
  });
});
