/**
 * LiteRT.js in a module worker. Its script is a classic one which expects `importScripts`; it is fetched, given an
 * export, and imported as a blob module, so neither eval nor a global is needed (CSP: script-src blob:).
 */
import { RangefinderError } from '../../base/errors';
import { BUILD_FILES, supportsRelaxedSimd, type LiteRtBuild, type LiteRtFactory, type LiteRtHost } from './host';

/** @param baseUrl of the folder which holds @litertjs/core's wasm files, absolute or relative to the worker. */
export function browserHost(baseUrl: string | URL, build?: LiteRtBuild): LiteRtHost {
  const chosen = build ?? (supportsRelaxedSimd() ? 'relaxed SIMD' : 'compat');
  const folder = new URL(baseUrl, self.location.href).href.replace(/\/?$/, '/');
  const url = (extension: string) => `${folder}${BUILD_FILES[chosen]}.${extension}`;
  return {
    build: chosen,
    async factory() {
      const script = await (await fetchFile(url('js'))).text();
      const blob = new Blob([script, '\nexport default ModuleFactory;'], { type: 'text/javascript' });
      const blobUrl = URL.createObjectURL(blob);
      try {
        const module = (await import(/* @vite-ignore */ blobUrl)) as { default: LiteRtFactory };
        return module.default;
      } finally {
        URL.revokeObjectURL(blobUrl);
      }
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
