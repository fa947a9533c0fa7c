import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { madeUpTrial } from '../../testing/builders/trial';
import { ProcessPool } from './process-pool';

const FAKE = join(import.meta.dirname, '../../testing/fakes/trial-process.mjs');
let pool: ProcessPool;
let started = 0;
const open = (size: number) => {
  started = 0;
  pool = new ProcessPool(size, () => {
    started++;
    return fork(FAKE, [], { execArgv: [] });
  });
};
const ask = (seed: number, signal = new AbortController().signal) =>
  pool.run(madeUpTrial({ seed }), signal) as Promise<{ seed: number; process: number }>;
afterEach(() => pool.dispose());

it('answers each of many questions at once, with as many processes as it may have', async () => {
  open(2);
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => ask(seed)));
  expect(answers.map(({ seed }) => seed)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(answers.map((answer) => answer.process)).size).toBe(2);
  expect(started).toBe(2);
});

it('loses one trial with a process that dies, and no other', async () => {
  open(1);
  const [first, died, refused, last] = await Promise.allSettled([1, 13, 14, 2].map((seed) => ask(seed)));
  expect(first).toMatchObject({ status: 'fulfilled', value: { seed: 1 } });
  expect(died).toMatchObject({
    status: 'rejected',
    reason: { code: 'worker-died', message: expect.stringContaining('9') },
  });
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'invalid-data' } });
  expect(last).toMatchObject({ status: 'fulfilled', value: { seed: 2 } });
  expect(started).toBe(2);
});

it('ends what is under way when it is told to stop', async () => {
  open(1);
  const controller = new AbortController();
  const endless = ask(99, controller.signal);
  controller.abort();
  await expect(endless).rejects.toMatchObject({ code: 'cancelled' });
  expect(await ask(3)).toMatchObject({ seed: 3 });
});
