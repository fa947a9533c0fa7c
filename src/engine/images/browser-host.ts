import jpegUrl from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url';
import webpUrl from '@jsquash/webp/codec/dec/webp_dec.wasm?url';
import { RangefinderError } from '../../base/errors';
import type { ImageHost } from './decode';

/** Decoding in a page's worker. */
export function browserImageHost(): ImageHost {
  return {
    jpegWasm: () => compiled(jpegUrl, 'JPEG'),
    webpWasm: () => compiled(webpUrl, 'WebP'),
  };
}

async function compiled(url: string, format: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok)
    throw new RangefinderError({
      code: 'runtime-failed',
      message: `The ${format} decoder could not be loaded (HTTP ${response.status}).`,
      where: url,
      hint: 'Check the connection and reload the page.',
    });
  return WebAssembly.compile(await response.arrayBuffer());
}
