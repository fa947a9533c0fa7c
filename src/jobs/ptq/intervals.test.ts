/** Intervals keep their promise: of many small samples of the digits, 95 % hold what all of them give. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { pairedShares, wilson } from '../../core/metrics/interval';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';

const FOLDER = 'public/samples/digits';
const SPLITS = 200;
/** Small beside all digits: of larger ones each is half of what it is compared with, and intervals are too wide for that. */
const SIZE = 250;

const file = (path: string) => ({ path, bytes: new Uint8Array(readFileSync(`${FOLDER}/${path}`)) });

describe('the interval of a difference', () => {
  const studio = new TestSession();
  let before: number;
  /** −1 for a digit that only float gets right, +1 for one that only the quantized model does. */
  let flips: Int8Array;
  let right: Uint8Array;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: [file('digits.tflite')] });
    await studio.run('openData', {
      files: [file('digits-train.npz')],
      seed: 1,
      calibrationSamples: 100,
      evaluationSamples: 100_000,
    });
    await studio.run('calibrate', {});
    // Weights of four bits: enough digits flip to be counted.
    const settings = { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format: 'int4' } };
    const { result } = await studio.run('evaluate', { settings });
    const n = result.float.samples;
    const labels = studio.session.data.source.labels!;
    const { evaluation } = studio.session.data.split;
    const answers = (rows: ReadonlyMap<number, Float32Array>) =>
      Array.from(evaluation, (index) => {
        const row = rows.get(index)!;
        return Number(row.indexOf(Math.max(...row)) === labels[index]);
      });
    const float = answers(studio.session.floatOutputs);
    const quantized = answers(studio.session.simulatedOutputs.of(settings));
    right = Uint8Array.from(quantized);
    flips = Int8Array.from(float, (hit, i) => quantized[i] - hit);
    expect(flips).toHaveLength(n);
    expect(result.difference!.value).toBeCloseTo(flips.reduce((sum, flip) => sum + flip, 0) / n, 12);
  }, 120_000);
  afterAll(() => expect(studio.close(before)).toBe(0));

  /** The share of seeded draws whose interval holds the figure of all digits. */
  function coverage(holds: (chosen: Uint32Array) => boolean): number {
    let held = 0;
    for (let split = 0; split < SPLITS; split++) {
      const all = Uint32Array.from(flips, (_, i) => i);
      if (holds(new Random(split, 3).shuffle(all).subarray(0, SIZE))) held++;
    }
    return held / SPLITS;
  }

  it('holds the difference of all digits in 93 to 97 % of 200 splits', () => {
    const all = flips.reduce((sum, flip) => sum + flip, 0) / flips.length;
    const share = coverage((chosen) => {
      const count = (kind: number) => chosen.reduce((sum, i) => sum + Number(flips[i] === kind), 0);
      const { low, high } = pairedShares(count(-1), count(1), SIZE);
      return low <= all && all <= high;
    });
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });

  it('of one share holds it as often', () => {
    const all = right.reduce((sum, hit) => sum + hit, 0) / right.length;
    const share = coverage((chosen) => {
      const { low, high } = wilson(chosen.reduce((sum, i) => sum + right[i], 0), SIZE); // prettier-ignore
      return low <= all && all <= high;
    });
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.98);
  });
});
