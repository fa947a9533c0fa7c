/** The package as somebody installs it: packed, unpacked elsewhere, and run there without a build step. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DIGITS = join(ROOT, 'public/samples/digits');

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

let packed: Packed;
beforeAll(() => {
  const run = (...args: string[]) => execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  run('run', '-s', 'build:cli');
  const answer = run('pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  [packed] = JSON.parse(answer) as [Packed];
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
  // As npm would install it: the package among its dependencies. Only those that it names may be found.
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  renameSync(join(folder, 'package'), join(modules, 'rangefinder'));
  for (const name of productionPackages()) link(join(ROOT, 'node_modules', name), join(modules, name));
}, 180_000);

/** Everything that the lock file has in place without the development dependencies. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const prefix = 'node_modules/';
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path.startsWith(prefix) && !path.includes(prefix, 1) && !dev)
    .map(([path]) => path.slice(prefix.length))
    .filter((name) => existsSync(join(ROOT, 'node_modules', name)));
}

function link(target: string, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(target, path, 'dir');
}

const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });

describe('the package', () => {
  it('is small, and holds no tests, sources or samples', () => {
    expect(packed.size).toBeLessThan(1_500_000);
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist-cli/rangefinder.js', 'dist-cli/library.js']),
    );
    expect(paths.filter((path) => /\.test\.|^src\/|^public\/|\.map$/.test(path))).toEqual([]);
  });

  it('has a command that quantizes a model', () => {
    const command = join(folder, 'node_modules/rangefinder/dist-cli/rangefinder.js');
    const model = join(DIGITS, 'model/model.json');
    const out = join(folder, 'digits.tflite');
    node(command, 'quantize', model, '--data', join(DIGITS, 'digits.npz'), '--out', out, '--quiet');
    expect(readFileSync(out).subarray(4, 8).toString()).toBe('TFL3');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(node(command, '--version').trim()).toBe(version);
  }, 120_000);

  it('is imported by its name', () => {
    const script = join(folder, 'use.mjs');
    writeFileSync(
      script,
      "import { openModel, quantize } from 'rangefinder'; console.log(typeof openModel, typeof quantize);",
    );
    expect(node(script).trim()).toBe('function function');
  }, 60_000);
});
