import { Worker } from 'node:worker_threads';
import type { ThreadHost, ThreadPort } from '../jobs/pool/graph-pool';
import { ownFile } from './own-file';

/** Some two seconds of one core: a thread takes a part of one to start. */
const WORTHWHILE = 40e9;

/** @param worthwhile multiply-accumulates from which threads are started */
export function nodeThreads(count: number, worthwhile = WORTHWHILE): ThreadHost {
  return { count, worthwhile, start: startThread };
}

function startThread(): ThreadPort {
  const { path, execArgv } = ownFile('graph-thread');
  const worker = new Worker(path, { execArgv });
  // The work is done when the command says so, whatever threads are left.
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    listen: (replied, died) => {
      let isOver = false;
      const end = (reason: string) => {
        if (!isOver) died(reason);
        isOver = true;
      };
      worker.on('message', replied);
      worker.on('error', ({ message }) => end(message));
      worker.on('exit', (code) => end(`exit code ${code}`));
    },
    terminate: () => void worker.terminate(),
  };
}
