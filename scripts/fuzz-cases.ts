/** Writes what `npm run fuzz` computed, for runtimes elsewhere to compute it again (scripts/oracles/fuzz_differential.py). */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Ran } from '../src/testing/fuzz/whole-way';

/** A folder for each model, called by its content: its files, the exported one, and `case.json` with all values. */
export function keepIn(folder: string): (ran: Ran) => void {
  return ({ files, exported, ...values }) => {
    const hash = createHash('sha256');
    for (const { bytes } of files) hash.update(bytes);
    const target = join(folder, hash.digest('hex').slice(0, 16));
    for (const { path, bytes } of files) {
      mkdirSync(dirname(join(target, 'source', path)), { recursive: true });
      writeFileSync(join(target, 'source', path), bytes);
    }
    writeFileSync(join(target, 'exported.tflite'), exported);
    const model = files.map(({ path }) => path);
    // JSON has no NaN; null stands for it, and for infinity.
    writeFileSync(join(target, 'case.json'), JSON.stringify({ model, name: basename(model[0]!), ...values }));
  };
}
