import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeOnnx } from '../testing/builders/onnx-writer';

/** What a pipe of Linux holds: what is written beyond it waits for the reader. */
const PIPE_BYTES = 65_536;
const LAYERS = 200;

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-pipe-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('writes all of a long answer to a pipe before it ends', async () => {
  const model = join(folder, 'long.onnx');
  const nodes = Array.from({ length: LAYERS }, (_, i) => ['Tanh', `t${i}`, `t${i + 1}`, {}] as const);
  writeFileSync(model, writeOnnx({ inputs: { t0: ['n', 4] }, outputs: [`t${LAYERS}`], nodes: [...nodes] }));
  const entry = join(import.meta.dirname, 'rangefinder.ts');
  // Only a pipe of the shell is cut off, and only where its reader is late; a wait too short would let the fault pass.
  const pipe = '"$0" --import tsx "$1" inspect --json "$2" | (sleep 3; cat)';
  const child = spawn('sh', ['-c', pipe, process.execPath, entry, model]);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  const text = Buffer.concat(chunks).toString();
  expect(text.length).toBeGreaterThan(PIPE_BYTES);
  expect(JSON.parse(text)).toMatchObject({ layers: { length: LAYERS } });
}, 60_000);
