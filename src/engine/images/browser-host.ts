import wasmUrl from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url';
import { RangefinderError } from '../../base/errors';
import type { ImageHost } from './decode';

/** Decoding in a page's worker. */
export function browserImageHost(): ImageHost {
  return {
    async jpegWasm() {
      const response = await fetch(wasmUrl);
      if (!response.ok)
        throw new RangefinderError({
          code: 'runtime-failed',
          message: `The JPEG decoder could not be loaded (HTTP ${response.status}).`,
          where: wasmUrl,
          hint: 'Check the connection and reload the page.',
        });
      return WebAssembly.compile(await response.arrayBuffer());
    },
    async decodeOther(bytes, mimeType) {
      const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType }), {
        imageOrientation: 'none',
        premultiplyAlpha: 'none',
        colorSpaceConversion: 'none',
      });
      try {
        const { width, height } = bitmap;
        const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
        if (!context) throw new Error('no 2d canvas');
        context.drawImage(bitmap, 0, 0);
        return { width, height, rgba: context.getImageData(0, 0, width, height).data };
      } finally {
        bitmap.close();
      }
    },
  };
}
