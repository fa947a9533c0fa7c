import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(?:m?js|css|wasm|json|svg|html|webmanifest)$/;

/** Smaller files travel in one packet either way. */
const LEAST_BYTES = 1024;

/** Puts a gzipped twin beside each large text and wasm file of the build; the server sends it to whoever accepts it. */
export function compressedFiles(): Plugin {
  let folder = '';
  return {
    name: 'rangefinder:compressed-files',
    apply: (_, { command, isSsrBuild }) => command === 'build' && !isSsrBuild,
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(folder, name);
        if (!COMPRESSIBLE.test(name) || statSync(path).size < LEAST_BYTES) continue;
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}
