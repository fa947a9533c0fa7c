import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withinTime } from './time-limit';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Goes on until it is told to stop. */
const endless = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

describe('withinTime', () => {
  it('stops what takes longer, and says so', async () => {
    const running = withinTime(3000, 'a.onnx', endless).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await running).toMatchObject({ code: 'too-large', message: '"a.onnx" was not read within 3 s.' });
  });

  it('hands on results and errors, and leaves no timer behind', async () => {
    expect(await withinTime(3000, 'a', () => Promise.resolve(7))).toBe(7);
    await expect(withinTime(3000, 'a', () => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(vi.getTimerCount()).toBe(0);
  });
});
