/** A training step of ResNet8 with all fake quantizers on, batches of 32, in the browser on wasm: the whole and its parts. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { bundled } from '../scripts/bundle';
import { nodeHost } from '../src/engine/tfjs/node-host';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import { median, type Row } from './table';
import type { measureTraining, StepTimes } from './training-page';

const MODEL = fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite');
const OPTIONS = { batchSize: 32, steps: 20, format: 'int8' };

const base64 = (path: string) => readFileSync(path).toString('base64');

export async function training(browser: Browser): Promise<Row[]> {
  const page = await browser.newPage();
  await page.addScriptTag({ content: await bundled(resolve('bench/training-page.ts'), 'training') });
  const { steps, parts } = await page.evaluate(
    async ({ files, options }): Promise<StepTimes> => {
      // No function may have a name here: the loader would wrap it in one that the page does not have.
      const [model, wasm] = files.map((text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
      const { measureTraining: measure } = (globalThis as unknown as { training: { measureTraining: Measure } })
        .training;
      const wasmBinary = URL.createObjectURL(new Blob([wasm!], { type: 'application/wasm' }));
      return measure({ wasmBinary }, model!, options);
    },
    { files: [MODEL, nodeHost().wasmBinary].map(base64), options: OPTIONS },
  );
  await page.close();
  return [
    { what: 'step', target: 210, value: median(steps), unit: 'ms' },
    { what: 'fastest step', value: Math.min(...steps), unit: 'ms' },
    ...Object.entries(parts).map(([what, times]) => ({ what: `· ${what}`, value: median(times), unit: 'ms' })),
  ];
}

type Measure = typeof measureTraining;
