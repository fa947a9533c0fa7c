/**
 * One archive for a classroom: the built page, which any static host serves from any folder, and a small server of its own for
 * a USB stick. Run after `npm run build`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

const FOLDER = 'dist';
const OUT = 'release';

if (!existsSync(join(FOLDER, 'index.html'))) {
  console.error('No production build in dist/: run `npm run build` first.');
  process.exit(1);
}
/** @type {import('fflate').Zippable} */
const entries = {};
for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
  const path = join(FOLDER, name);
  // Hosts compress by themselves.
  if (!statSync(path).isFile() || name.endsWith('.gz')) continue;
  entries[`rangefinder/${name.replaceAll('\\', '/')}`] = readFileSync(path);
}
for (const name of readdirSync('scripts/classroom'))
  entries[name === 'README.txt' ? name : `server/${name}`] = readFileSync(join('scripts/classroom', name));
mkdirSync(OUT, { recursive: true });
const archive = zipSync(entries, { level: 6 });
writeFileSync(join(OUT, 'rangefinder-static.zip'), archive);
console.log(
  `${OUT}/rangefinder-static.zip: ${(archive.length / 1e6).toFixed(1)} MB, ${Object.keys(entries).length} files`,
);
