import { RangefinderError } from './errors';

/**
 * What reads a file in a worker cannot be interrupted from within; told to stop, the client ends the worker.
 *
 * @throws RangefinderError 'too-large' where `run` was stopped for taking longer, and what it throws itself
 */
export async function withinTime<T>(
  milliseconds: number,
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  try {
    return await run(limit.signal);
  } catch (thrown) {
    if (!limit.signal.aborted) throw thrown;
    throw new RangefinderError(
      {
        code: 'too-large',
        message: `"${name}" was not read within ${Math.round(milliseconds / 1000)} s.`,
        where: name,
        hint: 'The file is damaged, or too large for this device.',
      },
      { cause: thrown },
    );
  } finally {
    clearTimeout(timer);
  }
}
