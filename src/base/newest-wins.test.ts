import { describe, expect, it } from 'vitest';
import { NewestWins } from './newest-wins';

/** A task that ends when told to, or when it is aborted. */
function task(log: string[], name: string) {
  let finish = () => {};
  const run = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      log.push(`${name} starts`);
      finish = resolve;
      signal.addEventListener('abort', () => {
        log.push(`${name} aborted`);
        resolve();
      });
    });
  return { run, finish: () => finish() };
}

describe('NewestWins', () => {
  it('aborts the task running and skips the ones in between', async () => {
    const log: string[] = [];
    const limiter = new NewestWins();
    const tasks = ['a', 'b', 'c', 'd'].map((name) => task(log, name));
    const runs = tasks.map(({ run }) => limiter.run(run));
    await new Promise((resolve) => setTimeout(resolve, 0));
    tasks[3].finish();
    await Promise.all(runs);
    expect(log).toEqual(['a starts', 'a aborted', 'd starts']);
  });

  it('never has two tasks at once', async () => {
    const limiter = new NewestWins();
    let running = 0;
    let most = 0;
    const slow = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
    };
    const runs: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      runs.push(limiter.run(slow));
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(runs);
    expect(most).toBe(1);
  });

  it('hands a failure to who asked, and goes on', async () => {
    const limiter = new NewestWins();
    await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    let ran = false;
    await limiter.run(async () => void (ran = true));
    expect(ran).toBe(true);
  });

  it('drops what waits when aborted', async () => {
    const log: string[] = [];
    const limiter = new NewestWins();
    const [first, second] = [task(log, 'a'), task(log, 'b')];
    const runs = [limiter.run(first.run), limiter.run(second.run)];
    limiter.abort();
    await Promise.all(runs);
    expect(log).toEqual(['a starts', 'a aborted']);
  });
});
