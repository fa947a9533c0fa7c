import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ThreadHost, ThreadPort } from '../jobs/pool/graph-pool';
import { ownFile, type OwnFile } from './own-file';

/** Some two seconds of one core: a thread takes a part of one to start. */
const WORTHWHILE = 40e9;

/** @param worthwhile multiply-accumulates from which threads are started */
export function nodeThreads(count: number, worthwhile = WORTHWHILE): ThreadHost {
  return { count, worthwhile, start: startThread };
}

/** Sources are compiled as they are loaded, which threads have to be told for themselves. */
const FROM_SOURCE = `
const { workerData: { tsx, path } } = require('node:worker_threads');
import(tsx).then(({ register }) => { register(); return import(path); });
`;

function started({ path, execArgv }: OwnFile): Worker {
  if (execArgv.length === 0) return new Worker(path);
  const compiler = dirname(createRequire(import.meta.url).resolve('tsx/package.json'));
  const tsx = pathToFileURL(join(compiler, 'dist/esm/api/index.mjs')).href;
  return new Worker(FROM_SOURCE, { eval: true, workerData: { tsx, path: pathToFileURL(path).href } });
}

function startThread(): ThreadPort {
  const worker = started(ownFile('graph-thread'));
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
