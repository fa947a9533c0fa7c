import { describe, expect, it } from 'vitest';
import { toErrorInfo } from '../../base/errors';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { linesGraph } from '../../testing/builders/small-model';

/** The model of lines with one weight of this value. */
function withWeight(value: number): Uint8Array {
  const graph = linesGraph();
  const weights = graph.tensors.get('dense/w')!;
  const data = (weights.data as Float32Array).slice();
  data[1] = value;
  return writeTflite({ ...graph, tensors: new Map(graph.tensors).set('dense/w', { ...weights, data }) });
}

describe('a float model with a weight that is no number', () => {
  it.each([NaN, Infinity])('opens, says so, and has no score: %s', async (value) => {
    const session = new TestSession();
    await session.session.tfjs();
    const before = liveTensors();
    const files = [{ path: 'm.tflite', bytes: withWeight(value) }];
    const { result: view } = await session.run('openModel', { files });
    expect(view.nonFinite).toBe('NaN or infinity in one constant: dense/w (1 of 12 values).');
    expect(view.notes).toContain(view.nonFinite);
    await session.run('randomData', { seed: 1, calibrationSamples: 4, evaluationSamples: 4 });
    await session.run('calibrate', {});
    const settings = DEFAULT_SETTINGS;
    const { result: exported } = await session.run('exportFile', { settings });
    const failed = (thrown: unknown) => toErrorInfo(thrown);
    const ends = [
      await session.run('evaluate', { settings }).catch(failed),
      await session.run('verify', { file: exported.bytes, compareSamples: 1 }).catch(failed),
    ];
    for (const end of ends)
      expect(end).toMatchObject({
        code: 'invalid-graph',
        message: expect.stringContaining('answers NaN'),
        where: 'dense/w',
      });
    expect(session.close(before)).toBe(0);
  });
});
