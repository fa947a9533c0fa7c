import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../base/canonical-json';
import { nodeThreads } from '../../cli/graph-threads';
import { nodeHost } from '../../cli/node-host';
import { writeTflite } from '../../core/model-formats/tflite/write';
import type { Calibration } from '../../core/quantize/plan';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import type { Evaluation } from '../contract/protocol';
import { jobOf } from '../host/table';
import { StudioSession } from '../session/studio-session';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';
import { localThreads } from '../../testing/fakes/local-threads';
import type { ThreadHost } from './graph-pool';

const controls = { signal: new AbortController().signal, onProgress: () => undefined };

/** Calibrates and evaluates in batches of seven, on these threads. */
async function outcome(threads?: ThreadHost): Promise<{ calibration: Calibration; evaluation: Evaluation }> {
  const session = new StudioSession({ ...nodeHost(), ...(threads && { threads }) });
  try {
    await jobOf('openModel')(session, { files: [{ path: 'm.tflite', bytes: writeTflite(linesGraph()) }] }, controls);
    const files = [{ path: 'd.npz', bytes: linesNpz(300) }];
    await jobOf('openData')(session, { files, seed: 1, calibrationSamples: 100, evaluationSamples: 190 }, controls);
    const calibration = await jobOf('calibrate')(session, { batchSize: 7 }, controls);
    return { calibration, evaluation: await jobOf('evaluate')(session, { settings: DEFAULT_SETTINGS }, controls) };
  } finally {
    session.dispose();
  }
}

/** Every bit of every number, arrays included. */
const bits = (value: unknown) =>
  canonicalJson(
    JSON.parse(JSON.stringify(value, (_, v: unknown) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)] : v))),
  );

describe('batches on several threads', () => {
  let alone: string;
  let before: number;

  beforeAll(async () => {
    alone = bits(await outcome());
    before = memory().numTensors;
  });
  // Threads that were told to end do so in their own time.
  afterAll(async () => {
    while (memory().numTensors > before) await new Promise(setImmediate);
    expect(memory().numTensors).toBe(before);
  });

  it.each([2, 3, 8])('%i threads: the same calibration and evaluation, in every bit', async (count) => {
    const threads = localThreads(count);
    expect(bits(await outcome(threads))).toBe(alone);
    expect(threads.started).toBe(count);
  });

  it.each([4, 9, 15])('the same where a thread dies of message %i', async (deathAt) => {
    const threads = localThreads(2, deathAt);
    expect(bits(await outcome(threads))).toBe(alone);
    expect(threads.started).toBe(3);
  });

  // A real thread has to load the engine: a second or two.
  it('the same on threads of Node', async () => {
    expect(bits(await outcome(nodeThreads(2, 0)))).toBe(alone);
  });

  it('says why where every thread dies', async () => {
    const dying: ThreadHost = {
      count: 2,
      worthwhile: 0,
      start: () => ({
        post: () => undefined,
        listen: (_, died) => queueMicrotask(() => died('out of memory')),
        terminate: () => undefined,
      }),
    };
    await expect(outcome(dying)).rejects.toMatchObject({
      code: 'worker-died',
      message: expect.stringContaining('out of memory'),
    });
  });

  it.each([
    ['for what is not worth it', { worthwhile: 1e9 }],
    ['where memory holds one only', { fitting: () => 1 }],
  ])('starts none %s', async (_, change) => {
    const threads = { ...localThreads(2), ...change };
    expect(bits(await outcome(threads))).toBe(alone);
    expect(threads.started).toBe(0);
  });
});
