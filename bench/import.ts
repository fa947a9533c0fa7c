/** From the files of a model to its Graph, in the browser: how long it takes the first time, and what it allocates. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { bundled } from '../scripts/bundle';
import type * as ImportPage from './import-page';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import { type Row } from './table';

const MODELS = [
  { name: 'MobileNetV1 0.75, TensorFlow.js in 55 shards', folder: 'tfjs/mobilenet_v1_0.75_224_layers', target: 500 },
  { name: 'DeepLabV3, .tflite', file: 'tflite/tflite_support/deeplabv3.tflite' },
  { name: 'dense autoencoder, Keras .h5', file: 'mlperf_tiny/ad/trained_models/ad01.h5' },
  { name: 'Ultra-Light-Face, ONNX', file: 'onnx/ultraface/version-slim-320_simplified.onnx' },
] as const;

/** Of the file: itself and all that is allocated while reading, as if nothing were freed meanwhile. */
const MOST_MEMORY = 3;

interface Measured {
  readonly first: number;
  readonly allocated: number;
  readonly bytes: number;
}

export async function importTimes(newPage: () => Promise<Page>): Promise<Row[]> {
  const content = await bundled(resolve('bench/import-page.ts'), 'formats');
  const rows: Row[] = [];
  for (const model of MODELS) {
    const paths =
      'file' in model
        ? [fixturePath(model.file)]
        : readdirSync(fixturePath(model.folder)).map((name) => join(fixturePath(model.folder), name));
    const page = await newPage();
    await page.setContent('<input type="file" multiple>');
    await page.setInputFiles('input', paths);
    await page.addScriptTag({ content });
    const { first, allocated, bytes } = await page.evaluate(async (): Promise<Measured> => {
      const { readModel, watchAllocations } = (globalThis as unknown as { formats: typeof ImportPage }).formats;
      const input = document.querySelector<HTMLInputElement>('input')!;
      const files = await Promise.all(
        [...input.files!].map(async (file) => ({ path: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const started = performance.now();
      await readModel(files);
      const first = performance.now() - started;
      const watch = watchAllocations();
      await readModel(files);
      watch.stop();
      return { first, allocated: watch.now.total, bytes: files.reduce((sum, file) => sum + file.bytes.length, 0) };
    });
    await page.close();
    rows.push(
      { what: model.name, value: first, unit: 'ms', ...('target' in model && { target: model.target }) },
      { what: '  memory, as a multiple of the file', target: MOST_MEMORY, value: 1 + allocated / bytes, unit: '×' },
    );
  }
  return rows;
}
