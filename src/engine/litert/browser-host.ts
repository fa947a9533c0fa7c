/** LiteRT.js in a module worker: its loader is served as a module, so that a strict policy for scripts is enough. */
import { RangefinderError } from '../../base/errors';
import { BUILD_FILES, supportsRelaxedSimd, type LiteRtBuild, type LiteRtFactory, type LiteRtHost } from './host';

/** @param baseUrl of the folder which holds the wasm files and the loaders as modules, absolute or relative to the worker. */
export function browserHost(baseUrl: string | URL, build?: LiteRtBuild): LiteRtHost {
  const chosen = build ?? (supportsRelaxedSimd() ? 'relaxed SIMD' : 'compat');
  const folder = new URL(baseUrl, self.location.href).href.replace(/\/?$/, '/');
  const url = (extension: string) => `${folder}${BUILD_FILES[chosen]}.${extension}`;
  return {
    build: chosen,
    async factory() {
      const module = (await import(/* @vite-ignore */ url('mjs'))) as { default: LiteRtFactory };
      return module.default;
    },
    async compile() {
      const response = await fetchFile(url('wasm'));
      // Streaming needs the right MIME type, which not every static server sends.
      return response.headers.get('content-type')?.startsWith('application/wasm')
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer());
    },
  };
}

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok)
    throw new RangefinderError({
      code: 'missing-file',
      message: `The runtime's file could not be fetched (${response.status}).`,
      where: url,
    });
  return response;
}
