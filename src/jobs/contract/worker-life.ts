/**
 * Notices the end of a worker whatever ended it. A killed worker, or one out of memory, fires no event; but the browser
 * releases the Web Locks (W3C Web Locks API, §3.1) of an agent that is gone. So the worker holds one for as long as it lives, and the
 * page asks for the same: it gets it the moment the worker is no more. A worker busy for minutes keeps its lock.
 */

/** What is needed of a LockManager. */
export interface Locks {
  request(name: string, options: { signal?: AbortSignal }, callback: () => unknown): Promise<unknown>;
}

/** This realm's locks; none in an insecure context, where a silent death is noticed by cancelling only. */
export function ownLocks(): Locks | null {
  return navigator.locks ?? null;
}

/** Worker's side. Resolves once the lock is held, to its name; null where there are no locks. */
export async function holdLife(locks: Locks | null): Promise<string | null> {
  if (!locks) return null;
  const name = `rangefinder worker ${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const forever = () => {
      resolve(name);
      return new Promise<never>(() => {});
    };
    // Refused, for instance by an opaque origin: work on without.
    locks.request(name, {}, forever).catch(() => resolve(null));
  });
}

/** Page's side. Calls `onEnd` when the holder of `name` is gone; `signal` ends the watch without a call. */
export function watchLife(locks: Locks | null, name: string | null, onEnd: () => void, signal: AbortSignal): void {
  if (!locks || name === null || signal.aborted) return;
  const granted = () => {
    if (!signal.aborted) onEnd();
  };
  locks.request(name, { signal }, granted).catch(() => {}); // aborted, or refused
}
