/** A detector with YOLOv8's raw output, trained by `scripts/oracles/yolo_head.py`: boxes in pixels beside scores below one. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patched } from '../../core/diagnosis/fix';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';

const studio = new TestSession();
let before: number;

beforeAll(async () => {
  await studio.session.tfjs();
  before = liveTensors();
  const entries = unzipSync(new Uint8Array(readFileSync('src/testing/goldens/yolo-head.zip')));
  const file = (path: string) => ({ path, bytes: entries[path] });
  await studio.run('openModel', { files: [file('yolo-head.keras')] });
  const split = { seed: 1, calibrationSamples: 80, evaluationSamples: 80 };
  const { result } = await studio.run('openData', {
    files: [file('images.npz')],
    labels: file('boxes.json'),
    ...split,
  });
  expect(result.task).toMatchObject({ id: 'detection', metric: 'map', metrics: ['map', 'map50', 'sqnr'] });
  expect(result.task.inWords).toContain('YOLOv8');
  await studio.run('calibrate', {});
}, 60_000);
afterAll(() => expect(studio.close(before)).toBe(0));

it('shows mAP of both, finds that the scores collapsed, and brings them back by one fix', async () => {
  const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
  const [first] = result.findings;
  expect(first).toMatchObject({ check: 'concat-ranges', severity: 'severe' });
  const [fix] = first.fixes;
  expect(fix).toMatchObject({
    kind: 'settings',
    label: 'Float output, and the join in float',
    patch: { io: 'float32' },
  });
  expect(first.effects[0]!.sqnrDb).toBeGreaterThan(result.held!.before.sqnrDb + 20);

  const evaluated = async (settings = DEFAULT_SETTINGS) => (await studio.run('evaluate', { settings })).result;
  const collapsed = await evaluated();
  expect(collapsed.float.figures!.map50).toBeGreaterThan(0.85);
  expect(collapsed.difference).toMatchObject({ method: 'bootstrap', n: 80 });
  expect(collapsed.difference!.high).toBeLessThan(0);
  const scores = (rows: typeof collapsed.outputs) => rows.find(({ slice }) => slice?.from === 4)!;
  expect(scores(collapsed.outputs).sqnrDb).toBeLessThan(15);
  if (fix?.kind !== 'settings') throw new Error('the fix is none of the settings');
  const repaired = await evaluated(patched(DEFAULT_SETTINGS, fix.patch));
  expect(scores(repaired.outputs).sqnrDb).toBeGreaterThan(30);
  expect(repaired.quantized.value).toBeGreaterThan(collapsed.quantized.value + 0.02);
}, 90_000);
