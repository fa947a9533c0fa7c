/** Runs something that Ctrl-C and SIGTERM stop in good order; a second Ctrl-C ends the process at once. */
export async function untilStopped<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await run(controller.signal);
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    controller.abort();
  }
}
