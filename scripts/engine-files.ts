import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Where LiteRT's loader finds its files, relative to the site: it builds their names itself, so they are not hashed. */
const FOLDER = 'engines/litert';

/**
 * The two builds that are used: relaxed SIMD and its fallback. The threaded build gave no speed and deadlocked; the JSPI
 * build serves WebNN and WebGPU.
 */
const BUILDS = ['litert_wasm_internal', 'litert_wasm_compat_internal'];

const installed = (file: string) => resolve('node_modules/@litertjs/core/wasm', file);

/**
 * Files by the name they are served under. The runtime's loader is a classic script that leaves `ModuleFactory` behind as
 * a global; with an export it is a module that a module worker imports, and no policy has to allow blobs as scripts.
 */
const FILES = new Map(
  BUILDS.flatMap((name): [string, () => Buffer][] => [
    [`${name}.wasm`, () => readFileSync(installed(`${name}.wasm`))],
    [
      `${name}.mjs`,
      () => Buffer.concat([readFileSync(installed(`${name}.js`)), Buffer.from('\nexport default ModuleFactory;\n')]),
    ],
  ]),
);

/** Serves LiteRT's files in development and writes them into the build. */
export function engineFiles(): Plugin {
  return {
    name: 'rangefinder:engine-files',
    generateBundle() {
      for (const [name, content] of FILES)
        this.emitFile({ type: 'asset', fileName: `${FOLDER}/${name}`, source: content() });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.split('?')[0]?.split(`/${FOLDER}/`)[1];
        const content = name === undefined ? undefined : FILES.get(name);
        if (!name || !content) return next();
        response.setHeader('Content-Type', name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript');
        response.end(content());
      });
    },
  };
}
