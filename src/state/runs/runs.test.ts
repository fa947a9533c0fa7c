import { describe, expect, it } from 'vitest';
import { fakeStudio } from '../../testing/fakes/fake-studio';
import { granularity, modelFormat } from '../edits/edits';
import { renamed, toggled, withRun } from '../slices/runs';
import { settingsDiff } from './settings-diff';

describe('runs', () => {
  it('keep every configuration that was evaluated, once, with what a person called it', async () => {
    const { store, controller, state } = fakeStudio();
    await controller.opener.start();
    expect(state().runs.list).toMatchObject([
      { name: 'W8A8', bytes: 47_120, exact: true, simulated: { value: 0.979 }, latencyMs: 0.31 },
    ]);
    store.setState({ runs: renamed(state().runs, state().runs.list[0].id, { name: 'baseline', starred: true }) });
    controller.edit(modelFormat('weights', 'int4'));
    await controller.pipeline.refresh();
    controller.edit(granularity('tensor'));
    await controller.pipeline.refresh();
    controller.undo();
    controller.undo();
    await controller.pipeline.refresh();
    expect(state().runs.list.map(({ name }) => name)).toEqual(['baseline', 'W4A8', 'W4A8, per tensor']);
    expect(state().runs.list[0]).toMatchObject({ starred: true });
    controller.cancel();
  });

  it('are of the open model alone', async () => {
    const { controller, state } = fakeStudio();
    await controller.opener.start();
    await controller.opener.open({ model: [{ path: 'other.h5', blob: new Blob(['x']) }], data: [] });
    expect(state().runs.list).toEqual([]);
  });

  it('are compared two at a time, and the oldest without a star makes room', () => {
    const run = (id: string) => ({ id, starred: id === '0' }) as never;
    let runs = { list: [], selected: [] } as Parameters<typeof toggled>[0];
    for (let i = 0; i < 201; i++) runs = withRun(runs, run(String(i)));
    expect(runs.list).toHaveLength(200);
    expect(runs.list.slice(0, 2).map(({ id }) => id)).toEqual(['0', '2']);
    for (const id of ['0', '2', '3']) runs = toggled(runs, id);
    expect(runs.selected).toEqual(['2', '3']);
    expect(toggled(runs, '2').selected).toEqual(['3']);
  });
});

describe('what differs between two settings', () => {
  it('is said place by place', () => {
    const before = { weights: { granularity: 'channel' }, io: 'int8', layers: {} };
    const after = {
      weights: { granularity: 'channel', format: 'int4' },
      io: 'int8',
      layers: { a: { keepFloat: true } },
    };
    expect(settingsDiff(before, after)).toEqual([
      { path: 'weights.format', before: '–', after: 'int4' },
      { path: 'layers.a', before: '–', after: '{"keepFloat":true}' },
    ]);
    expect(settingsDiff(after, after)).toEqual([]);
  });
});
