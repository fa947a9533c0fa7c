import { proxy, transfer, wrap } from 'comlink';
import type { WorkerFactory } from './client';
import type { Spec } from '../contract/jobs';
import type { StudioWorker } from '../contract/worker-api';
import { ownLocks, watchLife } from '../contract/worker-life';

/** Hosts the worker that `create` makes: Comlink over its messages, death from its error events and its lock. */
export function comlinkFactory(create: () => Worker): WorkerFactory {
  return () => {
    const worker = create();
    const watch = new AbortController();
    let onDeath: (reason: string) => void = () => {};
    // Comlink's Remote loses the generic of `run`; the shapes are the same.
    const remote = wrap<StudioWorker>(worker) as unknown as StudioWorker;
    const api: StudioWorker = {
      ready: async () => {
        const ready = await remote.ready();
        watchLife(
          ownLocks(),
          ready.life ?? null,
          () => onDeath('it was ended from outside, or out of memory'),
          watch.signal,
        );
        return ready;
      },
      run: (id, name, spec, onProgress, onPartial) =>
        remote.run(id, name, transfer(spec, fileBuffers(spec)), proxy(onProgress), proxy(onPartial)),
      cancel: (id) => void remote.cancel(id),
      pause: (id) => void remote.pause(id),
      resume: (id) => void remote.resume(id),
    };
    return {
      api,
      onDeath(listener) {
        onDeath = listener;
        worker.addEventListener('error', (event) => {
          event.preventDefault();
          listener(event.message || 'its script failed to load or to run');
        });
        worker.addEventListener('messageerror', () => listener('a message could not be read'));
      },
      terminate() {
        watch.abort();
        worker.terminate();
      },
    };
  };
}

/** The bytes of opened files are made for the worker by a {@link SpecSource}, so they may move instead of being copied. */
function fileBuffers(spec: object): ArrayBuffer[] {
  const { files = [], labels } = spec as Partial<Spec<'openData'>>;
  const buffers = new Set<ArrayBuffer>();
  for (const file of labels ? [labels, ...files] : files)
    if ('bytes' in file && file.bytes.buffer instanceof ArrayBuffer) buffers.add(file.bytes.buffer);
  return [...buffers];
}
