import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { planQuantization } from '../../core/quantize/resolve';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { writeNpy } from '../../testing/builders/npy-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';

const studio = new TestSession();
let before = 0;
beforeAll(async () => {
  await studio.session.tfjs();
  before = liveTensors();
});
afterAll(() => expect(studio.close(before)).toBe(0));

const SAMPLES = 400;
const WIDTH = 24;
const RARE = 7;

/** Two dense layers with a ReLU between, the first of positive weights: equal values add up in it, others cancel out. */
function model(): Uint8Array {
  const random = new Random(5, 0);
  const normal = (count: number) => Float32Array.from({ length: count }, () => 0.3 * random.gaussian());
  const b = new GraphBuilder('dense');
  const x = b.input('x', [-1, WIDTH]);
  const dense = (name: string, from: string, units: number, activation: 'relu' | 'none') =>
    b.op('fullyConnected', name, [from, b.constant(`${name}/w`, normal(units * WIDTH).map((w) => (activation === 'relu' ? Math.abs(w) : w)), [units, WIDTH]), null], { keepDims: false }, { activation })[0]; // prettier-ignore
  return writeTflite(b.build([dense('y', dense('h', x, WIDTH, 'relu'), 8, 'none')]));
}

/** Normal values; those of one sample, which is calibrated with, are all the same. */
async function calibrated(rare: number | null) {
  const random = new Random(6, 0);
  const values = Array.from({ length: SAMPLES * WIDTH }, (_, i) => {
    const value = random.gaussian();
    return rare !== null && Math.floor(i / WIDTH) === RARE ? rare : value;
  });
  await studio.run('openModel', { files: [{ path: 'dense.tflite', bytes: model() }] });
  const split = { seed: 1, calibrationSamples: 300, evaluationSamples: 20 };
  await studio.run('openData', {
    files: [{ path: 'x.npy', bytes: writeNpy({ descr: '<f4', shape: [SAMPLES, WIDTH], values }) }],
    ...split,
  });
  expect(studio.session.data.split.calibration).toContain(RARE);
  const { result } = await studio.run('calibrate', {});
  const { graph } = studio.session.quantizableModel;
  return { graph, calibration: result, plan: planQuantization(graph, result, DEFAULT_SETTINGS) };
}

it('values without outliers keep min–max', async () => {
  const { calibration, plan } = await calibrated(null);
  expect(calibration.estimator).toEqual({ id: 'minmax', params: {} });
  expect(plan.notes).toContain('Ranges of activations are found by Min–max, which measured best.');
});

it('an outlier is clipped within the model, and kept at its borders', async () => {
  const { graph, calibration, plan } = await calibrated(3);
  expect(calibration.estimator!.id).not.toBe('minmax');
  const [input] = graph.inputs as [string];
  const [output] = graph.outputs as [string];
  const hidden = graph.ops[0].outputs[0];
  const widthOf = (id: string) => plan.activations[id].range.max / calibration.activations[id].max;
  expect(widthOf(input)).toBe(1);
  expect(widthOf(output)).toBe(1);
  expect(widthOf(hidden)).toBeLessThan(0.5);
});
