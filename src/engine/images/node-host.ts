import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ImageHost } from './decode';

/** What the wasm decoder builds its result with; Node has none. */
class PlainImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Decoding in Node, for tests and the command line. */
export function nodeImageHost(): ImageHost {
  return {
    async jpegWasm() {
      (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData;
      const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
      return WebAssembly.compile(await readFile(path));
    },
  };
}
