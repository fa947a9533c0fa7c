import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors } from '../../testing/builders/session';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';
import { WorkerJobRunner } from './worker-job-runner';
import { StudioSession } from '../session/studio-session';

const SPLIT = { seed: 1, calibrationSamples: 30, evaluationSamples: 30 };
const ignore = () => undefined;

function open() {
  const session = new StudioSession(nodeHost());
  return { session, runner: new WorkerJobRunner(session) };
}
const model = () => ({ files: [{ path: 'lines.tflite', bytes: writeTflite(linesGraph()) }] });
const data = () => ({ files: [{ path: 'lines.npz', bytes: linesNpz(60) }], ...SPLIT });

describe('WorkerJobRunner', () => {
  let before = 0;
  beforeAll(async () => {
    await open().session.tfjs();
    before = liveTensors();
  });
  afterEach(() => expect(liveTensors()).toBe(before));

  it('keeps the order of what was asked for at once', async () => {
    const { session, runner } = open();
    const outcomes = await Promise.all([
      runner.run(1, 'openModel', model(), ignore, ignore),
      runner.run(2, 'openData', data(), ignore, ignore),
      runner.run(3, 'calibrate', {}, ignore, ignore),
      runner.run(4, 'inspectWeights', { op: 'conv' }, ignore, ignore),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    session.dispose();
  });

  it('answers failures with typed data, which crosses threads', async () => {
    const { runner } = open();
    const early = await runner.run(1, 'calibrate', {}, ignore, ignore);
    expect(early).toMatchObject({ ok: false, error: { code: 'invalid-settings', message: 'No model is open.' } });
    expect(structuredClone(early)).toEqual(early);
    await runner.run(2, 'openModel', model(), ignore, ignore);
    const blind = await runner.run(3, 'calibrate', {}, ignore, ignore);
    expect(blind).toMatchObject({ ok: false, error: { code: 'invalid-data', message: 'No data is open.' } });
    const wrong = await runner.run(4, 'inspectWeights', { op: 'nowhere' }, ignore, ignore);
    expect(wrong).toMatchObject({ ok: false, error: { code: 'invalid-settings', where: 'nowhere' } });
  });

  it('cancels a running job and one that waits behind it; strangers are left alone', async () => {
    const { session, runner } = open();
    await runner.run(1, 'openModel', model(), ignore, ignore);
    await runner.run(2, 'openData', data(), ignore, ignore);
    const running = runner.run(3, 'calibrate', { batchSize: 1 }, ignore, ignore);
    const waiting = runner.run(4, 'calibrate', {}, ignore, ignore);
    runner.cancel(3);
    runner.cancel(4);
    runner.cancel(99);
    expect(await running).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await runner.run(5, 'calibrate', {}, ignore, ignore)).toMatchObject({ ok: true, result: { samples: 30 } });
    session.dispose();
  });

  it('lets a background job go on with what a person waits for as well', async () => {
    const { session, runner } = open();
    await runner.run(1, 'openModel', model(), ignore, ignore);
    await runner.run(2, 'openData', data(), ignore, ignore);
    await runner.run(3, 'calibrate', {}, ignore, ignore);
    const settings = { ...DEFAULT_SETTINGS, algorithms: [{ id: 'adaround', params: { iterations: 50 } }] };
    let evaluated: Promise<unknown> | undefined;
    const watch = () => void (evaluated ??= runner.run(5, 'evaluate', { settings }, ignore, ignore));
    const layers = await runner.run(4, 'sensitivity', { settings, samples: 10 }, watch, ignore);
    expect(layers.ok).toBe(true);
    expect(await evaluated).toMatchObject({ ok: true });
    session.dispose();
  });

  it('pauses a job after its batch and resumes it; paused, it can be cancelled, and others run meanwhile', async () => {
    const { session, runner } = open();
    await runner.run(1, 'openModel', model(), ignore, ignore);
    await runner.run(2, 'openData', data(), ignore, ignore);
    await runner.run(3, 'calibrate', {}, ignore, ignore);
    const spec = { settings: DEFAULT_SETTINGS, samples: 30 };
    const straight = await runner.run(4, 'sensitivity', spec, ignore, ignore);

    let seen = 0;
    let paused: Promise<unknown> | undefined;
    const first = new Promise<void>((resolve) => {
      // A job holds before its stage begins; further in, whether its event loop turns is a matter of time.
      const watch = () => void (++seen === 1 && (runner.pause(5), resolve()));
      paused = runner.run(5, 'sensitivity', spec, watch, ignore);
    });
    await first;
    const other = await runner.run(6, 'evaluate', { settings: DEFAULT_SETTINGS }, ignore, ignore);
    expect(other.ok).toBe(true);
    const before = seen;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen).toBe(before);
    runner.resume(5);
    runner.resume(99);
    expect(await paused).toEqual(straight);

    const stopped = runner.run(7, 'sensitivity', spec, () => runner.pause(7), ignore);
    await new Promise((resolve) => setTimeout(resolve, 30));
    runner.cancel(7);
    expect(await stopped).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    session.dispose();
  });
});
