import { availableParallelism, freemem } from 'node:os';

/** What the engines, a model of usual size and its data take, bytes. */
const PER_WORKER = 600 * 2 ** 20;

/** One for each core, fewer where memory is short. */
export function usualWorkers(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / PER_WORKER)));
}
