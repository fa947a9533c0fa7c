/**
 * Compiles the statistics kernel (AssemblyScript) and writes it, as base64, into a committed TypeScript file: neither the
 * page's build nor its users need the compiler. Run after changing statistics.as.ts; with --check it only compares.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const folder = resolve(import.meta.dirname, '../src/core/ranges/kernel');
const source = await readFile(resolve(folder, 'statistics.as.ts'), 'utf8');

const args =
  '--optimizeLevel 3 --shrinkLevel 0 --runtime stub --noAssert --enable simd --initialMemory 2 --maximumMemory 2';
const outputs = new Map();
const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...args.split(' ')], {
  readFile: (name) => (name === 'kernel.ts' ? source : null),
  writeFile: (name, contents) => void outputs.set(name, contents),
  listFiles: () => [],
});
if (error) throw new Error(`${error.message}\n${stderr}`);

const wasm = outputs.get('kernel.wasm');
const generated =
  `/** Made by scripts/build-kernel.mjs from statistics.as.ts; ${wasm.length} bytes of WebAssembly with SIMD. */\n` +
  `export const KERNEL =\n  '${Buffer.from(wasm).toString('base64')}';\n`;
const target = resolve(folder, 'kernel.generated.ts');
if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8')) !== generated)
    throw new Error('kernel.generated.ts is not what statistics.as.ts compiles to: run node scripts/build-kernel.mjs');
} else {
  await writeFile(target, generated);
  process.stdout.write(`kernel.generated.ts: ${wasm.length} bytes of wasm\n`);
}
