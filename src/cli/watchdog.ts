import { Worker } from 'node:worker_threads';

/**
 * Ends the process where `run` takes longer than it may. What reads a file keeps the thread to itself, so that no timer of
 * its own would ever fire: a thread beside it counts, says why, and sends SIGTERM (exit status 143). For the command line
 * only; whoever imports the library has a process of their own to lose.
 */
export async function endingAfter<T>(milliseconds: number, name: string, run: () => T | Promise<T>): Promise<T> {
  const seconds = Math.round(milliseconds / 1000);
  const words = `rangefinder: "${name}" was not read within ${seconds} s.\n  next: The file is damaged, or too large for this device.\n`;
  const thread = new Worker(COUNTING, { eval: true, workerData: { milliseconds, words } });
  thread.unref();
  try {
    return await run();
  } finally {
    await thread.terminate();
  }
}

/** Runs as plain JavaScript, so that it starts in whatever way the command line was built. */
const COUNTING = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
setTimeout(() => {
  writeSync(2, workerData.words);
  process.kill(process.pid, 'SIGTERM');
}, workerData.milliseconds);
`;
