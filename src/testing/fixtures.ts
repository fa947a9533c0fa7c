/** Real models and data live outside the project; tests use them where present and skip, saying so, otherwise. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(process.env.RANGEFINDER_FIXTURES ?? resolve(import.meta.dirname, '../../../shared/fixtures'));

export const haveFixtures = existsSync(ROOT);

if (!haveFixtures && !process.env.RANGEFINDER_FIXTURES_QUIET)
  console.warn(`Fixtures not found at ${ROOT}: tests that need real models are skipped (set RANGEFINDER_FIXTURES).`);

/** Absolute path of a fixture. */
export function fixturePath(path: string): string {
  return resolve(ROOT, path);
}

export function readFixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(fixturePath(path)));
}
