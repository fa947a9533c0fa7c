/** Models and data of one's own: dropped, picked, stopped half-way, broken. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BROKEN, BROKEN_LIMIT } from '../src/testing/fixtures/broken-fixtures';
import { readTflite } from '../src/core/model-formats/tflite/read';
import { runCli } from '../src/testing/builders/cli';
import { fixturePath, haveFixtures } from '../src/testing/fixtures/fixtures';
import { writeOnnx } from '../src/testing/builders/onnx-writer';
import { reportSchema } from '../src/jobs/reports/report';
import { sidewaysScroll, violations } from './accessibility';
import { slowdown } from './machine';
import {
  downloaded,
  drop,
  figure,
  launch,
  openSide,
  openStudio,
  panel,
  pick,
  studioUrl,
  tile,
  verified,
  type Studio,
} from './studio';

const IC = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite');
const CIFAR = fixturePath('datasets/cifar10_jpg/test');
const MOBILENET = fixturePath('tfjs/mobilenet_v1_0.75_224_layers');

let browser: Browser;
let studio: Studio;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());
afterEach(async () => {
  expect(studio.problems).toEqual([]);
  await studio.close();
});

async function openEmpty(): Promise<Page> {
  studio = await openStudio(browser, { query: '?sample=none' });
  return studio.page;
}

describe('an address', () => {
  it('pasted anywhere but in a field is opened', async () => {
    const page = await openEmpty();
    const paste = (selector: string, text: string) =>
      page.locator(selector).evaluate((element, pasted) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', pasted);
        element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    await paste('body', 'no address');
    await paste('body', `${studioUrl()}samples/digits/digits.tflite`);
    await page.getByRole('heading', { name: /^Layers 1\d$/ }).waitFor();
    expect(await panel(page, 'Summary').innerText()).toContain('digits');
  });
});

describe('a model that leaves sizes open', () => {
  it('asks for them beside what is wrong, and opens with them', async () => {
    const page = await openEmpty();
    const bytes = writeOnnx({
      inputs: { x: ['n', 2, 'height', 'w'] },
      outputs: ['y'],
      nodes: [['MaxPool', 'x', 'y', { kernel_shape: [2, 2] }]],
    });
    const files = [{ name: 'open.onnx', mimeType: '', buffer: Buffer.from(bytes) }];
    await page.getByTestId('pick-model').setInputFiles(files);
    const card = page.getByRole('alert').filter({ hasText: 'leaves sizes open' });
    await card.getByRole('spinbutton', { name: 'height' }).fill('6');
    await card.getByRole('spinbutton', { name: 'w', exact: true }).fill('8');
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await card.getByRole('button', { name: 'Open with these sizes' }).click();
    await page.getByRole('heading', { name: 'Layers 1' }).waitFor();
    expect(await page.getByRole('grid', { name: 'Layers of the model' }).innerText()).toContain('5×7×2');
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe.skipIf(!haveFixtures)('a model and data of one’s own', () => {
  it('dropped together: the file and its accuracy are what the command line makes of them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
    try {
      const page = await openEmpty();
      await drop(page, [IC, CIFAR]);
      await verified(page);
      const [out, report] = [join(folder, 'o.tflite'), join(folder, 'r.json')];
      const cli = await runCli(['quantize', IC, '--data', CIFAR, '--out', out, '--report', report, '--quiet']);
      expect(cli).toMatchObject({ code: 0, stderr: '' });
      await openSide(page, 'Export');
      const file = await downloaded(page, page.getByRole('button', { name: /Download \.tflite/ }));
      expect(file.name).toBe('pretrainedResnet_int8.tflite');
      expect(Buffer.from(file.bytes).equals(readFileSync(out))).toBe(true);
      const saved = await downloaded(page, page.getByRole('button', { name: 'Report', exact: true }));
      const ours = reportSchema.parse(JSON.parse(new TextDecoder().decode(saved.bytes)));
      const theirs = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
      expect(ours.accuracy).toEqual(theirs.accuracy);
      expect(ours.data).toEqual(theirs.data);
      expect(ours.runtime).toMatchObject({ mismatches: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('picked one after the other: data waits for a model, a model without data says what it needs', async () => {
    const page = await openEmpty();
    await pick(page, 'folder', CIFAR);
    await panel(page, 'Data').getByText('is kept until a model says what it needs').waitFor();
    await pick(page, 'model', IC);
    await verified(page);
    expect(await panel(page, 'Data').innerText()).toContain('raw 0 … 255');
  });

  it('a Keras .h5 on random data', async () => {
    const page = await openEmpty();
    await pick(page, 'model', fixturePath('mlperf_tiny/ad/trained_models/ad01.h5'));
    await page.getByRole('button', { name: 'Use seeded noise' }).click();
    await verified(page);
    expect(await tile(page, 'SQNR').innerText()).toMatch(/[\d.]+ dB/);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
  });

  it('a model that the open data does not fit asks for other data, on every tab', async () => {
    studio = await openStudio(browser);
    const { page } = studio;
    await verified(page);
    await pick(page, 'model', fixturePath('mlperf_tiny/ad/trained_models/ad01_fp32.tflite'));
    // Nothing is computed with it before somebody says so.
    await panel(page, 'What is missing').getByText('“digits.npz” was opened for another model').waitFor();
    await panel(page, 'What is missing').getByRole('button', { name: 'Keep digits.npz' }).click();
    await page.getByRole('tab', { name: 'Train' }).click();
    await panel(page, 'What is missing').getByText('does not fit this model').waitFor();
    // Why is read without scrolling.
    const why = (await panel(page, 'Data').getByRole('alert').boundingBox())!;
    expect(why.y + why.height).toBeLessThan(page.viewportSize()!.height / 2);
    await panel(page, 'What is missing').getByRole('button', { name: 'Use seeded noise' }).click();
    await verified(page);
    expect(await panel(page, 'What is missing').count()).toBe(0);
  });

  it('a quantized file keeps the scales that it came with', async () => {
    const path = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite');
    const file = readTflite(readFileSync(path), path);
    const first = file.ops.find(({ kind }) => kind === 'conv2d')!;
    const page = await openEmpty();
    await pick(page, 'model', path);
    await page.getByRole('button', { name: 'Use seeded noise' }).click();
    await verified(page);
    const shown = Number(await figure(page, 'Output activations', 'Scale').innerText());
    expect(shown / file.tensors.get(first.outputs[0]!)!.quant!.scale[0]!).toBeCloseTo(1, 3);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
  });

  it('a quantized file whose operators are not all modelled opens for viewing and is not quantized again', async () => {
    const page = await openEmpty();
    await pick(page, 'model', fixturePath('tflite/tflite_support/test_model_nl_classifier.tflite'));
    await openSide(page, 'Settings');
    await panel(page, 'Ranges of the whole model').getByText('is quantized already').waitFor();
    await layersOf(page, 4).waitFor();
    expect(await page.getByRole('button', { name: 'Download', exact: true }).isDisabled()).toBe(true);
  });
});

describe.skipIf(!haveFixtures)('stopping', () => {
  it('a calibration stops within a batch; what it saw is kept and shown', async () => {
    const page = await openEmpty();
    await pick(
      page,
      'model',
      readdirSync(MOBILENET).map((name) => join(MOBILENET, name)),
    );
    await tile(page, /TensorFlow/).waitFor();
    await panel(page, 'Data').getByRole('button', { name: 'Random' }).click();
    const status = page.getByRole('status');
    await status.filter({ hasText: 'Calibrating' }).waitFor();
    const percent = async () => Number(await page.getByRole('progressbar').getAttribute('aria-valuenow'));
    await expect.poll(percent).toBeGreaterThan(12);
    const stopped = performance.now();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('status').filter({ hasText: 'Stopped' }).waitFor();
    expect(performance.now() - stopped).toBeLessThan(2000 * slowdown());
    expect(await page.getByRole('alert').count()).toBe(0);
    await figure(page, 'Output activations', 'Scale').waitFor();
  });
});

describe.skipIf(!haveFixtures)('broken files', () => {
  it('each end in an error card or a clean load within 2 s, and the page goes on', async () => {
    const page = await openEmpty();
    await page.getByText('Ready').waitFor();
    const problem = page.getByRole('alert');
    const failures: string[] = [];
    const limit = BROKEN_LIMIT * slowdown();
    for (const { path, ends } of BROKEN) {
      const full = fixturePath(`broken/${path}`);
      const isFolder = !/\.\w+$/.test(path);
      const files = isFolder ? readdirSync(full).map((name) => join(full, name)) : [full];
      const started = performance.now();
      await pick(page, 'model', files);
      // The card or the layer list says how it ended.
      const expected = 'code' in ends ? problem.filter({ hasText: ends.says }) : layersOf(page, ends.layers);
      const ended = await expected.waitFor({ timeout: limit }).then(
        () => true,
        () => false,
      );
      const took = performance.now() - started;
      if (!ended)
        failures.push(`${path} after ${took.toFixed(0)} ms: ${(await problem.allInnerTexts()).join() || 'no card'}`);
      const dismiss = problem.getByRole('button', { name: 'Dismiss' });
      for (const button of await dismiss.all()) await button.click();
      if (!('code' in ends)) {
        // So that the next clean load is told from this one.
        await pick(page, 'model', fixturePath('mlperf_tiny/ad/trained_models/ad01_fp32.tflite'));
        await layersOf(page, 10).waitFor();
      }
      // What is said of a model that opened, its infinite weights say, goes with it.
      await expect.poll(() => problem.count()).toBe(0);
    }
    expect(failures).toEqual([]);
  });
});

/** The heading of the layer list, when it counts `layers`. */
function layersOf(page: Page, layers: number) {
  return panel(page, 'Layers').getByRole('heading', { name: `Layers ${layers}`, exact: true });
}
