import { availableParallelism, freemem } from 'node:os';

/** What the engines, a small model and its data take in a process, bytes. */
const PER_WORKER = 600 * 2 ** 20;

/** One process for each core, fewer where memory is short. */
export function usualWorkers(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / PER_WORKER)));
}
