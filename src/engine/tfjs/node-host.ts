/** tfjs in Node, for tests and the command line: the wasm binary lies in node_modules. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TfjsHost } from './backend';

export function nodeHost(): TfjsHost {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  return { wasmBinary: join(folder, 'tfjs-backend-wasm-simd.wasm') };
}
