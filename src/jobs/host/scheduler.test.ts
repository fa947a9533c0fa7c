import { describe, expect, it } from 'vitest';
import { Gate } from '../../base/gate';
import { Scheduler, type Turn } from './scheduler';
import type { JobName } from '../contract/jobs';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Jobs that run until the test ends them; `log` tells who began and ended, in order. */
function setUp() {
  const scheduler = new Scheduler();
  const log: string[] = [];
  const turns = new Map<string, Turn>();
  const ends = new Map<string, (error?: Error) => void>();
  const start = (label: string, name: JobName, pause?: Gate) => {
    const work = async (turn: Turn) => {
      log.push(`+${label}`);
      turns.set(label, turn);
      try {
        return await new Promise<string>((resolve, reject) =>
          ends.set(label, (error) => (error ? reject(error) : resolve(label))),
        );
      } finally {
        log.push(`-${label}`);
      }
    };
    const done = scheduler.run(name, work, pause);
    done.catch(() => {});
    return done;
  };
  const end = async (label: string, error?: Error) => {
    ends.get(label)!(error);
    await settled();
  };
  return { log, start, end, turns };
}

describe('Scheduler', () => {
  it('lets jobs that only read run side by side', async () => {
    const { log, start, end } = setUp();
    const a = start('a', 'evaluate');
    const b = start('b', 'probe');
    await settled();
    expect(log).toEqual(['+a', '+b']);
    await end('b');
    await end('a');
    expect(await Promise.all([a, b])).toEqual(['a', 'b']);
  });

  it('runs an exclusive job alone: after what runs, before what comes later', async () => {
    const { log, start, end } = setUp();
    void start('a', 'evaluate');
    void start('model', 'openModel');
    void start('b', 'plan');
    await settled();
    expect(log).toEqual(['+a']);
    await end('a');
    expect(log).toEqual(['+a', '-a', '+model']);
    await end('model');
    expect(log).toEqual(['+a', '-a', '+model', '-model', '+b']);
  });

  it('keeps an exclusive job from overtaking one that still waits for another exclusive job', async () => {
    const { log, start, end } = setUp();
    void start('calibrate', 'calibrate');
    await settled();
    void start('evaluate', 'evaluate');
    void start('model', 'openModel');
    await end('calibrate');
    expect(log).toEqual(['+calibrate', '-calibrate', '+evaluate']);
    await end('evaluate');
    expect(log.at(-1)).toBe('+model');
  });

  it('goes on after a job that failed, and hands its error to whoever asked', async () => {
    const { log, start, end } = setUp();
    const failing = start('data', 'openData');
    void start('calibrate', 'calibrate');
    await settled();
    await end('data', new Error('no such file'));
    await expect(failing).rejects.toThrow('no such file');
    expect(log.at(-1)).toBe('+calibrate');
  });

  it('makes a background job wait between batches while a person waits, and no longer', async () => {
    const { start, end, turns } = setUp();
    void start('layers', 'sensitivity');
    await settled();
    const signal = new AbortController().signal;
    await turns.get('layers')!(signal); // nobody waits: at once
    void start('probe', 'probe');
    void start('plan', 'plan');
    await settled();
    let resumed = false;
    void turns.get('layers')!(signal).then(() => (resumed = true));
    await end('probe');
    expect(resumed).toBe(false); // the plan is still waited for
    await end('plan');
    expect(resumed).toBe(true);
  });

  it('lets a waiting background job notice that it was cancelled, without waiting for the foreground to end', async () => {
    const { start, turns } = setUp();
    void start('layers', 'sensitivity');
    void start('verify', 'verify');
    await settled();
    const stop = new AbortController();
    let resumed = false;
    void turns.get('layers')!(stop.signal).then(() => (resumed = true));
    await settled();
    expect(resumed).toBe(false);
    stop.abort();
    await settled();
    expect(resumed).toBe(true);
  });

  it('holds a paused job at its next turn while others go on, background ones too', async () => {
    const { start, end, turns } = setUp();
    const pause = new Gate();
    const { signal } = new AbortController();
    for (const [label, name] of [
      ['train', 'qat'],
      ['check', 'evaluate'],
    ] as const)
      void start(label, name, pause);
    void start('layers', 'sensitivity');
    void start('plan', 'plan');
    await settled();
    pause.set(false);
    const passed: string[] = [];
    const arrive = (label: string) => void turns.get(label)!(signal).then(() => passed.push(label));
    ['train', 'check', 'layers'].forEach(arrive);
    await settled();
    expect(passed).toEqual([]);
    await end('plan');
    expect(passed).toEqual(['layers']); // nobody waits for an evaluation that is paused
    pause.set(true);
    await settled();
    expect(passed).toEqual(['layers', 'check']); // training gives way to it again
    await end('check');
    expect(passed).toEqual(['layers', 'check', 'train']);
  });
});
