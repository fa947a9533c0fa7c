/** How much of the machine others leave, so that a promise about time is held to the time that the page had. */

/** Of processor time, ms: long enough to be shared out among everything that runs, short enough not to matter. */
const WORK_MS = 400;

/** How many times longer than alone a busy loop takes here and now; 1 on a quiet machine. */
export function slowdown(): number {
  const started = performance.now();
  const before = process.cpuUsage();
  let cpuMs = 0;
  while (cpuMs < WORK_MS) {
    const { user, system } = process.cpuUsage(before);
    cpuMs = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - started) / cpuMs);
}
