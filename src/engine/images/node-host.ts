import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ImageHost } from './decode';

/** What the wasm decoders build their results with; Node has none. */
class PlainImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Decoding in Node, for tests and the command line. */
export function nodeImageHost(): ImageHost {
  const compiled = async (file: string) => {
    (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData;
    return WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve(file)));
  };
  return {
    jpegWasm: () => compiled('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'),
    webpWasm: () => compiled('@jsquash/webp/codec/dec/webp_dec.wasm'),
  };
}
