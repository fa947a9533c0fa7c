import { describe, expect, it, vi } from 'vitest';
import type { Calibration } from '../../core/quantize/plan';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import { DEFAULT_QAT } from '../../core/training/settings';
import { StudioClient, type ClientEvent, type WorkerLink } from './client';
import { Gate } from '../../base/gate';
import type { JobName } from '../contract/jobs';
import type { JobOutcome, StudioWorker } from '../contract/worker-api';

/** A worker whose every job waits until the test decides its fate. */
class ScriptedWorker implements WorkerLink {
  readonly calls: { id: number; name: JobName; spec: unknown; settle: (outcome: JobOutcome<JobName>) => void }[] = [];
  readonly cancelled: number[] = [];
  /** "pause 3", "resume 3", in order. */
  readonly steered: string[] = [];
  terminated = false;
  partial: ((value: never) => void) | null = null;
  private die: ((reason: string) => void) | null = null;

  /** Jobs named here succeed by themselves: replays, which no test steps through. */
  constructor(private readonly auto: Partial<Record<JobName, unknown>> = {}) {}

  readonly api: StudioWorker = {
    ready: async () => ({ backend: 'scripted' }),
    run: (id, name, spec, _onProgress, onPartial) => {
      this.partial = onPartial;
      return new Promise((resolve) => {
        this.calls.push({ id, name, spec, settle: resolve });
        if (name in this.auto) (resolve as (o: unknown) => void)({ ok: true, result: this.auto[name] });
      });
    },
    cancel: (id) => void this.cancelled.push(id),
    pause: (id) => void this.steered.push(`pause ${id}`),
    resume: (id) => void this.steered.push(`resume ${id}`),
  };

  onDeath(listener: (reason: string) => void): void {
    this.die = listener;
  }

  kill(reason: string): void {
    this.die?.(reason);
  }

  terminate(): void {
    this.terminated = true;
  }

  names(): JobName[] {
    return this.calls.map(({ name }) => name);
  }
}

const AUTO = {
  openModel: {},
  openData: {},
  changeData: {},
  randomData: {},
  calibrate: { samples: 9 },
  restoreCalibration: null,
  restoreTraining: null,
  plan: {},
};
/** What training leaves, as far as the client looks at it. */
const trained = (epoch: number) => ({ id: `run-${epoch}`, checkpoint: { epoch } as QatCheckpoint });
const CALIBRATION = { samples: 9 } as unknown as Calibration;
const SPLIT = { seed: 1, calibrationSamples: 2, evaluationSamples: 3 };
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function setUp(make: (n: number) => ScriptedWorker = () => new ScriptedWorker(AUTO), graceMs = 1000) {
  const workers: ScriptedWorker[] = [];
  const events: ClientEvent[] = [];
  const client = new StudioClient(
    () => {
      const worker = make(workers.length);
      workers.push(worker);
      return worker;
    },
    { graceMs, onEvent: (event) => void events.push(event) },
  );
  return { client, workers, events };
}

describe('StudioClient', () => {
  it('makes no worker before the first job, and one for all', async () => {
    const { client, workers } = setUp();
    expect(workers).toHaveLength(0);
    await Promise.all([client.run('openModel', async () => ({ files: [] })), client.run('calibrate', {})]);
    expect(workers).toHaveLength(1);
  });

  it("rejects with the job's own typed error, its code intact", async () => {
    const { client, workers } = setUp(() => new ScriptedWorker());
    const job = client.run('calibrate', {});
    await settled();
    workers[0].calls[0].settle({ ok: false, error: { code: 'invalid-data', message: 'no', where: 'x.npy' } });
    await expect(job).rejects.toMatchObject({ name: 'RangefinderError', code: 'invalid-data', where: 'x.npy' });
  });

  it('rejects everything pending when the worker dies in the middle of a job, and restarts it', async () => {
    const { client, workers, events } = setUp((n) => new ScriptedWorker(n === 0 ? { openModel: {} } : AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    const jobs = [client.run('calibrate', {}), client.run('inspectWeights', { op: 'a' })];
    await settled();
    workers[0].kill('out of memory');
    for (const job of jobs) await expect(job).rejects.toMatchObject({ code: 'worker-died', message: /out of memory/ });
    await settled();
    expect(workers).toHaveLength(2);
    expect(workers[0].terminated).toBe(true);
    expect(events.map(({ kind }) => kind)).toEqual(['ready', 'ready', 'restarted']);
  });

  it('replays model, data, its last change and the calibration, in this order, before anything new', async () => {
    const { client, workers } = setUp();
    let reads = 0;
    await client.run('openModel', async () => ({ files: [{ path: `read ${++reads}`, bytes: new Uint8Array() }] }));
    await client.run('openData', async () => ({ ...SPLIT, files: [] }));
    await client.run('changeData', { ...SPLIT, seed: 2 });
    await client.run('changeData', { ...SPLIT, seed: 7 });
    await client.run('calibrate', {});
    workers[0].kill('crash');
    await client.run('randomData', SPLIT);
    const second = workers[1];
    expect(second.names()).toEqual(['openModel', 'openData', 'changeData', 'restoreCalibration', 'randomData']);
    expect(second.calls[0].spec).toEqual({ files: [{ path: 'read 2', bytes: new Uint8Array() }] });
    expect(second.calls[2].spec).toMatchObject({ seed: 7 });
    expect(second.calls[3].spec).toEqual({ calibration: CALIBRATION });
  });

  it('does not replay a calibration that a new model made void', async () => {
    const { client, workers } = setUp();
    await client.run('openModel', async () => ({ files: [] }));
    await client.run('randomData', SPLIT);
    await client.run('calibrate', {});
    await client.run('openModel', async () => ({ files: [] }));
    workers[0].kill('crash');
    await client.warmUp();
    expect(workers[1].names()).toEqual(['openModel', 'randomData']);
  });

  it('replays what a cancelled calibration had seen', async () => {
    const { client, workers } = setUp((n) => new ScriptedWorker(n === 0 ? { openModel: {} } : AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    const stop = new AbortController();
    const job = client.run('calibrate', {}, { signal: stop.signal });
    await settled();
    workers[0].partial!({ samples: 5 } as never);
    stop.abort();
    workers[0].calls[1].settle({ ok: false, error: { code: 'cancelled', message: 'Cancelled.' } });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    workers[0].kill('crash');
    await client.warmUp();
    expect(workers[1].calls[1].spec).toEqual({ calibration: { samples: 5 } });
  });

  it('replays the best epoch of a training that died with the worker, and only that one', async () => {
    const { client, workers } = setUp((n) => new ScriptedWorker(n === 0 ? { openModel: {} } : AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    const job = client.run('qat', { settings: DEFAULT_SETTINGS, training: DEFAULT_QAT });
    await settled();
    for (const [epoch, best] of [
      [1, true],
      [2, true],
      [2, false],
    ] as const)
      workers[0].partial!({ epoch, ...(best && { best: trained(epoch) }) } as never);
    workers[0].kill('out of memory');
    await expect(job).rejects.toMatchObject({ code: 'worker-died' });
    await client.warmUp();
    expect(workers[1].names()).toEqual(['openModel', 'restoreTraining']);
    expect(workers[1].calls[1].spec).toEqual({ id: 'run-2', checkpoint: { epoch: 2 } });
  });

  it('does not lose weights in use to an equal run that ends early', async () => {
    const { client, workers } = setUp((n) => new ScriptedWorker(n === 0 ? { ...AUTO } : AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    await client.run('restoreTraining', trained(1));
    const job = client.run('qat', { settings: DEFAULT_SETTINGS, training: DEFAULT_QAT });
    await settled();
    for (const epoch of [1, 2, 3]) workers[0].partial!({ epoch, best: trained(epoch) } as never);
    workers[0].kill('crash');
    await expect(job).rejects.toMatchObject({ code: 'worker-died' });
    await client.warmUp();
    const ids = workers[1].calls.slice(1).map(({ spec }) => (spec as { id: string }).id);
    expect(ids).toEqual(['run-1', 'run-3']);
  });

  it('replays the trainings that jobs named last, no more than a few', async () => {
    const { client, workers } = setUp(() => new ScriptedWorker(AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    for (let n = 1; n <= 6; n++) await client.run('restoreTraining', trained(n));
    await client.run('plan', { settings: { ...DEFAULT_SETTINGS, trained: 'run-1' } });
    await client.run('restoreTraining', trained(7));
    workers[0].kill('crash');
    await client.warmUp();
    const ids = workers[1].calls.slice(1).map(({ spec }) => (spec as { id: string }).id);
    expect(ids).toEqual(['run-3', 'run-4', 'run-5', 'run-6', 'run-1', 'run-7']);
  });

  it('hears no partial after the result, which may overtake it on its way', async () => {
    const { client, workers } = setUp(() => new ScriptedWorker());
    const heard: unknown[] = [];
    const job = client.run('calibrate', {}, { onPartial: (partial) => heard.push(partial) });
    await settled();
    workers[0].partial!({ samples: 3 } as never);
    workers[0].calls[0].settle({ ok: true, result: CALIBRATION });
    await job;
    workers[0].partial!({ samples: 8 } as never);
    expect(heard).toEqual([{ samples: 3 }]);
  });

  it('gives up, and says so, when the replacement dies while it is told the old state', async () => {
    const { client, workers, events } = setUp((n) => new ScriptedWorker(n === 0 ? AUTO : {}));
    await client.run('openModel', async () => ({ files: [] }));
    workers[0].kill('first');
    await settled();
    workers[1].kill('second');
    await settled();
    expect(workers).toHaveLength(2);
    expect(events.at(-1)).toEqual({ kind: 'lost', reason: 'second' });
    void client.run('calibrate', {}).catch(() => {});
    await settled();
    expect(workers[2].names()).toEqual(['calibrate']); // nothing is replayed into the third
  });

  it('passes a cancel on and leaves a worker alone that obeys', async () => {
    const { client, workers } = setUp(() => new ScriptedWorker());
    const stop = new AbortController();
    const job = client.run('calibrate', {}, { signal: stop.signal });
    await settled();
    const [call] = workers[0].calls;
    stop.abort();
    expect(workers[0].cancelled).toEqual([call.id]);
    call.settle({ ok: false, error: { code: 'cancelled', message: 'Cancelled.' } });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers[0].terminated).toBe(false);
  });

  it('terminates a worker that does not stop within the grace period; its other jobs learn that it died', async () => {
    vi.useFakeTimers();
    try {
      const { client, workers } = setUp((n) => new ScriptedWorker(n === 0 ? { openModel: {} } : AUTO), 500);
      await client.run('openModel', async () => ({ files: [] }));
      const stop = new AbortController();
      const stuck = client.run('calibrate', {}, { signal: stop.signal }).catch((e) => e);
      const other = client.run('inspectWeights', { op: 'a' }).catch((e) => e);
      await vi.advanceTimersByTimeAsync(0);
      stop.abort();
      await vi.advanceTimersByTimeAsync(499);
      expect(workers[0].terminated).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(workers[0].terminated).toBe(true);
      expect(await stuck).toMatchObject({ code: 'cancelled' });
      expect(await other).toMatchObject({ code: 'worker-died' });
      await vi.advanceTimersByTimeAsync(0);
      expect(workers[1].names()).toEqual(['openModel']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('passes a pause on, also one from before the job was sent, and cancels what is paused', async () => {
    const { client, workers } = setUp(() => new ScriptedWorker());
    const pause = new Gate();
    pause.set(false);
    const stop = new AbortController();
    const job = client.run('calibrate', {}, { pause, signal: stop.signal });
    await settled();
    const [{ id, settle }] = workers[0].calls as [ScriptedWorker['calls'][number]];
    pause.set(true);
    pause.set(false);
    expect(workers[0].steered).toEqual([`pause ${id}`, `resume ${id}`, `pause ${id}`]);
    stop.abort();
    expect(workers[0].cancelled).toEqual([id]);
    settle({ ok: false, error: { code: 'cancelled', message: 'Cancelled.' } });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    pause.set(true);
    expect(workers[0].steered).toHaveLength(3); // the job is over
  });

  it('rejects a paused job when the worker dies, and restarts the worker as ever', async () => {
    const { client, workers } = setUp((n) => new ScriptedWorker(n === 0 ? { openModel: {} } : AUTO));
    await client.run('openModel', async () => ({ files: [] }));
    const pause = new Gate();
    const job = client.run('calibrate', {}, { pause });
    await settled();
    pause.set(false);
    workers[0].kill('out of memory');
    await expect(job).rejects.toMatchObject({ code: 'worker-died' });
    await client.warmUp();
    expect(workers[1].names()).toEqual(['openModel']);
    pause.set(true);
    expect(workers[1].steered).toEqual([]);
  });

  it('does not start a job that was cancelled before', async () => {
    const { client, workers } = setUp();
    await expect(client.run('calibrate', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(workers).toHaveLength(0);
  });

  it('rejects what is pending as cancelled when it is disposed of', async () => {
    const { client, workers } = setUp(() => new ScriptedWorker());
    const job = client.run('calibrate', {});
    await settled();
    client.dispose();
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers[0].terminated).toBe(true);
  });
});

describe('a worker that cannot start', () => {
  class SilentWorker extends ScriptedWorker {
    override readonly api = { ...new ScriptedWorker().api, ready: () => new Promise<never>(() => {}) };
  }

  it('is said within the time that it may take', async () => {
    vi.useFakeTimers();
    try {
      const events: ClientEvent[] = [];
      const client = new StudioClient(() => new SilentWorker(), { onEvent: (event) => events.push(event) });
      void client.warmUp().catch(() => {});
      await vi.advanceTimersByTimeAsync(9999);
      expect(events).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(events).toEqual([{ kind: 'unavailable', reason: 'it has not answered for 10 seconds' }]);
      client.dispose();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is said at once where its script fails', async () => {
    const events: ClientEvent[] = [];
    const worker = new SilentWorker();
    const client = new StudioClient(() => worker, { onEvent: (event) => events.push(event) });
    const starting = client.warmUp();
    worker.kill('its script failed to load or to run');
    await expect(starting).rejects.toMatchObject({ code: 'worker-died' });
    expect(events).toEqual([{ kind: 'unavailable', reason: 'its script failed to load or to run' }]);
  });
});
