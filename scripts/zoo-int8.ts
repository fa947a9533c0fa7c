/**
 * Quantizes the models of the zoo with the samples that scripts/oracles/zoo/peers.py has made, each by the defaults, and writes
 * FILE.int8.tflite beside them:
 *
 *     npx tsx scripts/zoo-int8.ts FOLDER [PART OF A NAME ...]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorInfo } from '../src/base/errors';
import { DEFAULT_SETTINGS } from '../src/core/quantize/settings';
import { TestSession } from '../src/testing/builders/session';

/** Of the samples beside a model; the one that is left is not judged here. */
const CALIBRATE = 23;

async function quantized(folder: string, file: string): Promise<Uint8Array> {
  const read = (path: string) => ({ path, bytes: new Uint8Array(readFileSync(join(folder, path))) });
  const parts = [file, `${file}.data`].filter((path) => existsSync(join(folder, path)));
  const studio = new TestSession();
  try {
    await studio.run('openModel', { files: parts.map(read) });
    await studio.run('openData', {
      files: [read(`${file.split('.')[0]}.own.npz`)],
      preprocessing: [],
      seed: 1,
      calibrationSamples: CALIBRATE,
      evaluationSamples: 1,
    });
    await studio.run('calibrate', {});
    return (await studio.run('exportFile', { settings: DEFAULT_SETTINGS })).result.bytes;
  } finally {
    studio.session.dispose();
  }
}

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Which folder holds the zoo?');
  process.exit(1);
}
const files = readdirSync(folder)
  .filter((file) => /\.(onnx|keras)$/.test(file))
  .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
  .sort();
for (const file of files) {
  try {
    const bytes = await quantized(folder, file);
    writeFileSync(join(folder, `${file}.int8.tflite`), bytes);
    console.log(file, bytes.byteLength);
  } catch (thrown) {
    console.log(file, toErrorInfo(thrown).message);
  }
}
