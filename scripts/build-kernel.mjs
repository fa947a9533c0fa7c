/**
 * Compiles the AssemblyScript kernels and writes each, as base64, into a committed TypeScript file: neither the page's build
 * nor its users need the compiler. Run after changing one of the *.as.ts: node scripts/build-kernel.mjs
 */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const KERNELS = [
  // Bring a memory of their own.
  {
    source: 'src/core/calibration/kernel/statistics.as.ts',
    target: 'kernel',
    memory: '--initialMemory 2 --maximumMemory 2',
  },
  // Work on the memory they are given.
  { source: 'src/engine/tfjs/fake-quant/kernel/float.as.ts', target: 'float', memory: '--importMemory' },
  { source: 'src/engine/integer/kernels/wasm/dot.as.ts', target: 'dot', memory: '--initialMemory 2' },
  { source: 'src/engine/tfjs/gradients/kernel/gradients.as.ts', target: 'gradients', memory: '--importMemory' },
];

/** Files that a kernel is made of besides its own. */
function imported(path) {
  return path.endsWith('.as.ts') && existsSync(path) ? readFileSync(path, 'utf8') : null;
}

for (const { source, target, memory } of KERNELS) {
  const path = resolve(import.meta.dirname, '..', source);
  const text = await readFile(path, 'utf8');
  const args = `--optimizeLevel 3 --shrinkLevel 0 --runtime stub --noAssert --enable simd ${memory}`;
  const outputs = new Map();
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...args.split(' ')], {
    readFile: (name) => (name === 'kernel.ts' ? text : imported(resolve(dirname(path), name))),
    writeFile: (name, contents) => void outputs.set(name, contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`${source}: ${error.message}\n${stderr}`);

  const wasm = outputs.get('kernel.wasm');
  const base64 = Buffer.from(wasm).toString('base64');
  await writeFile(
    resolve(path, `../${target}.generated.ts`),
    `/** Made by scripts/build-kernel.mjs from ${basename(source)}; ${wasm.length} bytes of WebAssembly with SIMD. */\n` +
      `export const KERNEL =\n  '${base64}';\n`,
  );
  process.stdout.write(`${target}.generated.ts: ${wasm.length} bytes of wasm\n`);
}
