import { createReadStream, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Where LiteRT's loader finds its files, relative to the site: it builds their names itself, so they are not hashed. */
const FOLDER = 'engines/litert';

/**
 * The two builds that are used: relaxed SIMD and its fallback. The threaded build gave no speed and deadlocked; the JSPI
 * build serves WebNN and WebGPU.
 */
const FILES = ['litert_wasm_internal', 'litert_wasm_compat_internal'].flatMap((name) =>
  ['js', 'wasm'].map((extension) => resolve('node_modules/@litertjs/core/wasm', `${name}.${extension}`)),
);

/** Serves LiteRT's wasm files in development and copies them into the build. */
export function engineFiles(): Plugin {
  return {
    name: 'rangefinder:engine-files',
    generateBundle() {
      for (const file of FILES)
        this.emitFile({ type: 'asset', fileName: `${FOLDER}/${basename(file)}`, source: readFileSync(file) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.split('?')[0].split(`/${FOLDER}/`)[1];
        const file = name && FILES.find((path) => basename(path) === name);
        if (!file) return next();
        response.setHeader('Content-Type', file.endsWith('.wasm') ? 'application/wasm' : 'text/javascript');
        createReadStream(file).pipe(response);
      });
    },
  };
}
