/** LiteRT.js in Node, for tests and the command line: the script is evaluated as the CommonJS module it is. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { BUILD_FILES, supportsRelaxedSimd, type LiteRtBuild, type LiteRtFactory, type LiteRtHost } from './host';

/** @param folder of @litertjs/core's wasm files; found through node's resolution when absent. */
export function nodeHost(folder?: string, build?: LiteRtBuild): LiteRtHost {
  const chosen = build ?? (supportsRelaxedSimd() ? 'relaxed SIMD' : 'compat');
  const require = createRequire(import.meta.url);
  const base = join(folder ?? join(dirname(require.resolve('@litertjs/core')), '../wasm'), BUILD_FILES[chosen]);
  return {
    build: chosen,
    async factory() {
      const script = await readFile(`${base}.js`, 'utf8');
      const module: { exports: unknown } = { exports: {} };
      const scope = {
        module,
        exports: module.exports,
        require,
        __filename: `${base}.js`,
        __dirname: dirname(base),
      };
      const run = compileFunction(script, Object.keys(scope), { filename: scope.__filename }) as (
        ...of: unknown[]
      ) => void;
      run(...Object.values(scope));
      return module.exports as LiteRtFactory;
    },
    compile: async () => WebAssembly.compile(await readFile(`${base}.wasm`)),
  };
}
