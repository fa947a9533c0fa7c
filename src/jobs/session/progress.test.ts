import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breathe, Stages } from './progress';
import type { Progress } from '../contract/protocol';

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

function setUp(total: number) {
  const reports: Progress[] = [];
  const stop = new AbortController();
  const stages = new Stages({ signal: stop.signal, onProgress: (progress) => reports.push(progress) }, total);
  return { reports, stop, stages };
}

describe('Stages', () => {
  it('divides the whole by the weights of its stages', async () => {
    const { reports, stages } = setUp(10);
    await stages.enter('Starting', 1);
    await stages.enter('Working', 6, 4);
    now = 100;
    await stages.step(2);
    await stages.enter('Finishing', 3);
    await stages.step();
    expect(reports.map(({ stage, fraction }) => [stage, fraction])).toEqual([
      ['Starting', 0],
      ['Working', 0.1],
      ['Working', 0.4],
      ['Finishing', 0.7],
      ['Finishing', 1],
    ]);
  });

  it('estimates what is left once two batches are done: this stage at its pace, later ones by weight', async () => {
    const { reports, stages } = setUp(10);
    await stages.enter('Working', 5, 10);
    now = 100;
    await stages.step();
    expect(reports.at(-1)!.remainingMs).toBeUndefined();
    now = 200;
    await stages.step();
    // 2 of 10 units took 200 ms: 800 ms to go, and another stage of the same weight, 1000 ms.
    expect(reports.at(-1)!.remainingMs).toBeCloseTo(1800, 6);
  });

  it('does not count what a job waits for its turn, paused or giving way', async () => {
    const reports: Progress[] = [];
    const turn = async () => void (now += 60_000);
    const stages = new Stages({ signal: new AbortController().signal, onProgress: (p) => reports.push(p), turn }, 1);
    await stages.enter('Working', 1, 10);
    for (let i = 0; i < 4; i++) {
      now += 100;
      await stages.step();
    }
    expect(reports.at(-1)!.remainingMs).toBeCloseTo(600, 6);
    expect(stages.now()).toBe(400);
  });

  it('reports at most every 50 ms, and always the end of a stage', async () => {
    const { reports, stages } = setUp(1);
    await stages.enter('Working', 1, 1000);
    for (let i = 0; i < 1000; i++) {
      now += 1;
      await stages.step();
    }
    expect(reports.length).toBeGreaterThan(15);
    expect(reports.length).toBeLessThan(25);
    expect(reports.at(-1)!.fraction).toBe(1);
  });

  it('never claims more than all, whatever was counted', async () => {
    const { reports, stages } = setUp(2);
    await stages.enter('Working', 1, 2);
    await stages.step(5);
    await stages.enter('Again', 5, 0);
    await stages.step();
    expect(Math.max(...reports.map(({ fraction }) => fraction))).toBe(1);
  });

  it('stops within one step of being cancelled', async () => {
    const { stop, stages } = setUp(1);
    await stages.enter('Working', 1, 10);
    await stages.step();
    stop.abort();
    await expect(stages.step()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(stages.enter('Next', 1)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('lets messages in while a job steps along, so that a cancel can arrive', async () => {
    const { stop, stages } = setUp(1);
    await stages.enter('Working', 1, 1000);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => stop.abort();
    port2.postMessage(null);
    const working = (async () => {
      for (let i = 0; i < 1000; i++) {
        now += 5;
        await stages.step();
      }
    })();
    await expect(working).rejects.toMatchObject({ code: 'cancelled' });
    port1.close();
  });

  it('breathes in turn with other messages', async () => {
    const order: string[] = [];
    const { port1, port2 } = new MessageChannel();
    const arrived = new Promise<void>((resolve) => {
      port1.onmessage = () => {
        order.push('message');
        resolve();
      };
    });
    port2.postMessage(null);
    await breathe();
    order.push('after');
    await arrived;
    port1.close();
    expect(order[0]).toBe('message');
  });
});
