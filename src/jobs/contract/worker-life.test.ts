import { describe, expect, it, vi } from 'vitest';
import { holdLife, watchLife, type Locks } from './worker-life';

/** Exclusive locks with a queue, and what the browser does when an agent ends: all it held is released. */
function fakeLocks() {
  const queues = new Map<string, (() => void)[]>();
  const next = (name: string) => queues.get(name)?.[0]?.();
  const endings: (() => void)[] = [];
  const request: Locks['request'] = (name, { signal }, callback) =>
    new Promise((resolve, reject) => {
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      const release = () => {
        queue.splice(queue.indexOf(run), 1);
        next(name);
      };
      const run = () => {
        endings.push(release);
        void Promise.resolve(callback()).then((value) => {
          release();
          resolve(value);
        });
      };
      signal?.addEventListener('abort', () => {
        queue.splice(queue.indexOf(run), 1);
        reject(signal.reason as Error);
      });
      queue.push(run);
      if (queue.length === 1) queueMicrotask(run);
    });
  return {
    locks: { request },
    endFirstHolder: () => endings[0](),
    waiting: (name: string) => queues.get(name)!.length,
  };
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("a worker's life", () => {
  it('ends when its lock is released, once, and not before', async () => {
    const { locks, endFirstHolder } = fakeLocks();
    const name = await holdLife(locks);
    const onEnd = vi.fn();
    watchLife(locks, name, onEnd, new AbortController().signal);
    await later();
    expect(onEnd).not.toHaveBeenCalled();
    endFirstHolder();
    await later();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('is nobody’s business any more once the page has ended it', async () => {
    const { locks, endFirstHolder, waiting } = fakeLocks();
    const name = (await holdLife(locks))!;
    const [onEnd, watch] = [vi.fn(), new AbortController()];
    watchLife(locks, name, onEnd, watch.signal);
    expect(waiting(name)).toBe(2);
    watch.abort();
    expect(waiting(name)).toBe(1);
    endFirstHolder();
    await later();
    expect(onEnd).not.toHaveBeenCalled();
  });

  it('has a name of its own each', async () => {
    const { locks } = fakeLocks();
    expect(await holdLife(locks)).not.toBe(await holdLife(locks));
  });

  it('goes unwatched where there are no locks, or where they are refused', async () => {
    expect(await holdLife(null)).toBeNull();
    expect(await holdLife({ request: () => Promise.reject(new Error('SecurityError')) })).toBeNull();
    const onEnd = vi.fn();
    watchLife(null, 'name', onEnd, new AbortController().signal);
    watchLife({ request: () => Promise.reject(new Error('no')) }, 'name', onEnd, new AbortController().signal);
    await later();
    expect(onEnd).not.toHaveBeenCalled();
  });
});
