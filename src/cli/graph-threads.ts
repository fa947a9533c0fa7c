import { createRequire } from 'node:module';
import { availableParallelism, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ThreadHost, ThreadPort } from '../jobs/pool/graph-pool';
import { ownFile, type OwnFile } from './own-file';

/** Some two seconds of one core: a thread takes a part of one to start. */
const WORTHWHILE = 40e9;

/** What the engine takes on a thread besides a model, bytes. */
const ENGINE = 300 * 2 ** 20;
/** A thread holds the constants twice, as a Graph and in the engine, and activations besides. */
const COPIES = 3;

/**
 * @param count by a person; null: one for each core, fewer where memory is short
 * @param worthwhile multiply-accumulates from which threads are started
 */
export function nodeThreads(count: number | null, worthwhile = WORTHWHILE): ThreadHost {
  const host = { worthwhile, start: startThread };
  if (count !== null) return { ...host, count };
  const fitting = (modelBytes: number) => Math.floor(freemem() / (ENGINE + COPIES * modelBytes));
  return { ...host, count: availableParallelism(), fitting };
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
