import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';

const COARSE: QuantSettings = { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format: 'int2' } };
const SAMPLES = 60;

describe('the file against its simulation', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: [{ path: 'lines.tflite', bytes: writeTflite(linesGraph()) }] });
    const split = { seed: 1, calibrationSamples: 60, evaluationSamples: SAMPLES };
    await studio.run('openData', { files: [{ path: 'lines.npz', bytes: linesNpz(160) }], ...split });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  const file = async (settings: QuantSettings) => (await studio.run('exportFile', { settings })).result.bytes;
  const verify = async (bytes: Uint8Array, settings?: QuantSettings) =>
    (await studio.run('verify', { file: bytes, compareSamples: 1, ...(settings && { settings }) })).result;

  it('no prediction changes, where the simulation is known', async () => {
    const bytes = await file(DEFAULT_SETTINGS);
    expect((await verify(bytes, DEFAULT_SETTINGS)).simulation).toBeUndefined();
    const { result: evaluated } = await studio.run('evaluate', { settings: DEFAULT_SETTINGS });
    const { simulation, file: score } = await verify(bytes, DEFAULT_SETTINGS);
    expect(simulation!.score.value).toBe(evaluated.quantized.value);
    expect(simulation).toMatchObject({ samples: SAMPLES, changed: 0 });
    expect(simulation!.maxSteps).toBeLessThanOrEqual(2);
    expect(simulation!.parting).toBeUndefined();
    expect(score.value).toBe(evaluated.quantized.value);
    expect((await verify(bytes)).simulation).toBeUndefined();
  });

  it('counts the predictions that another file makes', async () => {
    const { result: evaluated } = await studio.run('evaluate', { settings: DEFAULT_SETTINGS });
    const { simulation, file: score } = await verify(await file(COARSE), DEFAULT_SETTINGS);
    expect(simulation!.score.value).toBe(evaluated.quantized.value);
    // Each sample that is judged otherwise has another prediction.
    const judged = Math.abs(score.value - simulation!.score.value) * SAMPLES;
    expect(simulation!.changed).toBeGreaterThanOrEqual(Math.round(judged));
    expect(simulation!.changed).toBeGreaterThan(0);
    expect(simulation!.maxSteps).toBeGreaterThan(2);
    expect(simulation!.parting).toContain(`on the same ${SAMPLES} samples, which is more than chance`);
  });
});
