/**
 * Quantizes the models of the zoo with the samples that scripts/oracles/zoo/peers.py has made, each by the defaults, and writes
 * FILE.int8.tflite beside them. With --table instead of names it writes docs/zoo-int8.md from what the same script measured.
 *
 *     npx tsx scripts/zoo-int8.ts FOLDER [--table | PART OF A NAME ...]
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

interface Measured {
  readonly peer?: { readonly bytes?: number; readonly sqnr?: number | null; readonly error?: string };
  readonly bytes?: number;
  /** Decibels; null where the runtime refuses the file. */
  readonly xnnpack?: number | null;
  readonly builtin?: number | null;
  /** Null where one of the operators has no kernel there. */
  readonly micro?: boolean | null;
}

const HEAD = `# The zoo in int8

Models of [the zoo](zoo.md), quantized by the defaults with 23 samples, beside TensorFlow's converter (\`keras_*\`) and onnxruntime's
static quantizer (QDQ, per channel, min–max): decibels at the outputs against the source in float, on 8 samples that nobody calibrated
with, in ai-edge-litert with XNNPACK and without; and whether TensorFlow Lite Micro runs the file ("–": it has no kernel for some
operator). Inputs are smooth noise and weights are seeded, not trained. Made by \`scripts/oracles/zoo/peers.py\` and
\`scripts/zoo-int8.ts\`.

| model | peer | int8 | without XNNPACK | peer, bytes | bytes | TFLM |
|---|---|---|---|---|---|---|
`;

const WITHIN_DB = 0.5;

function rowOf([name, { peer, bytes, xnnpack, builtin, micro }]: readonly [string, Measured]): string {
  const decibels = (value: number | null | undefined) =>
    typeof value === 'number' ? `${value.toFixed(1)} dB` : 'refused';
  const count = (value: number | undefined) => value?.toLocaleString('en') ?? '–';
  const runs = micro === null ? '–' : micro ? 'runs' : 'refuses';
  const theirs = peer?.error === undefined ? decibels(peer?.sqnr) : 'fails';
  return `| ${name} | ${theirs} | ${decibels(xnnpack)} | ${decibels(builtin)} | ${count(peer?.bytes)} | ${count(bytes)} | ${runs} |`;
}

function writeTable(folder: string): void {
  const all = JSON.parse(readFileSync(join(folder, 'int8.json'), 'utf8')) as Record<string, Measured>;
  const rows = Object.entries(all).filter(([, { bytes }]) => bytes !== undefined);
  const compared = rows.filter(([, { peer }]) => typeof peer?.sqnr === 'number');
  const near = compared.filter(([, { peer, xnnpack }]) => (xnnpack ?? -Infinity) >= peer!.sqnr! - WITHIN_DB);
  const small = compared.filter(([, { peer, bytes }]) => bytes! <= peer!.bytes!);
  const run = rows.filter(([, { xnnpack, builtin }]) => typeof xnnpack === 'number' && typeof builtin === 'number');
  const summary = `${near.length} of ${compared.length} are within ${WITHIN_DB} dB of the peer or better, ${small.length} are no larger; ${run.length} of ${rows.length} files run with XNNPACK and without.`;
  writeFileSync('docs/zoo-int8.md', `${HEAD}${rows.map(rowOf).join('\n')}\n\n${summary}\n`);
}

async function quantizeAll(folder: string, only: readonly string[]): Promise<void> {
  const files = readdirSync(folder)
    .filter((file) => /\.(onnx|keras)$/.test(file))
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
    .sort();
  for (const file of files)
    try {
      const bytes = await quantized(folder, file);
      writeFileSync(join(folder, `${file}.int8.tflite`), bytes);
      console.log(file, bytes.byteLength);
    } catch (thrown) {
      console.log(file, toErrorInfo(thrown).message);
    }
}

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Which folder holds the zoo?');
  process.exit(1);
}
if (only[0] === '--table') writeTable(folder);
else await quantizeAll(folder, only);
