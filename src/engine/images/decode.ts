/**
 * Images to pixels, the same pixels in Node and in every browser, which each decode and manage colours in their own way:
 * JPEG by mozjpeg and WebP by libwebp, compiled to wasm, PNG, BMP and GIF in TypeScript.
 *
 * Pixels are what training pipelines see (PIL's convert('RGB'), tf.io.decode_image): transparency is dropped, not blended;
 * EXIF rotation and colour profiles are not applied. Of what moves, it is the first picture.
 */
import { imageFormat, type ImageFormat } from '../../core/data/image-formats';
import type { RawSample } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { decodeBmp } from './bmp';
import { decodeGif } from './gif';
import { JpegDecoder } from './jpeg';
import { decodePng } from './png';

/** What decoding needs from where it runs. */
export interface ImageHost {
  /** @jsquash/jpeg's mozjpeg_dec.wasm, compiled. */
  jpegWasm(): Promise<WebAssembly.Module>;
  /** @jsquash/webp's webp_dec.wasm, compiled. */
  webpWasm(): Promise<WebAssembly.Module>;
}

type Decode = (bytes: Uint8Array) => RawSample | Promise<RawSample>;

const CODECS: Readonly<Record<ImageFormat, (host: ImageHost) => Decode | Promise<Decode>>> = {
  jpeg: oncePerHost(async (host) => {
    const decoder = new JpegDecoder(await host.jpegWasm());
    return (bytes) => decoder.decode(bytes);
  }),
  webp: oncePerHost(async (host) => {
    const [{ WebpDecoder }, wasm] = await Promise.all([import('./webp'), host.webpWasm()]);
    const decoder = new WebpDecoder(wasm);
    return (bytes) => decoder.decode(bytes);
  }),
  png: () => decodePng,
  gif: () => decodeGif,
  bmp: () => decodeBmp,
};

/**
 * Decodes an image by its content: uint8, [height, width, 3], or [height, width, 1] where the file itself is grey.
 * @throws RangefinderError 'unknown-format', 'corrupt-file', 'too-large', 'unsupported-feature'. It names no file: the
 *   caller knows it.
 */
export async function decodeImage(bytes: Uint8Array, host: ImageHost): Promise<RawSample> {
  const format = imageFormat(bytes);
  if (format) return (await CODECS[format](host))(bytes);
  throw new RangefinderError({
    code: 'unknown-format',
    message: bytes.length === 0 ? 'The image file is empty.' : 'This is no image we know (JPEG, PNG, WebP, GIF, BMP).',
    hint: 'Remove the file from the folder or save it as JPEG or PNG.',
  });
}

/** Starts a decoder when the first picture asks for it. */
function oncePerHost(start: (host: ImageHost) => Promise<Decode>): (host: ImageHost) => Promise<Decode> {
  const started = new WeakMap<ImageHost, Promise<Decode>>();
  return (host) => {
    let decode = started.get(host);
    if (!decode) {
      decode = start(host);
      started.set(host, decode);
      // A download that failed must not be remembered for ever.
      decode.catch(() => started.delete(host));
    }
    return decode;
  };
}

/** Longest side of a thumbnail. */
const THUMBNAIL = 96;

/**
 * A small picture of a raw sample, each pixel the mean of the box it stands for. Float samples are stretched from their
 * least to their greatest value. Empty (0×0) for what is no image: not [height, width, 1, 3 or 4] nor [height, width].
 */
export function thumbnail({ shape, values }: RawSample): { width: number; height: number; rgba: Uint8ClampedArray } {
  const [rows, columns, channels = 1] = shape;
  const isImage = (shape.length === 2 || shape.length === 3) && rows > 1 && columns > 1 && [1, 3, 4].includes(channels);
  if (!isImage) return { width: 0, height: 0, rgba: new Uint8ClampedArray(0) };
  const shrink = Math.max(1, Math.max(rows, columns) / THUMBNAIL);
  const [height, width] = [Math.max(1, Math.round(rows / shrink)), Math.max(1, Math.round(columns / shrink))];
  const toByte = byteScale(values);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 4) {
      const [top, bottom] = [Math.floor((y * rows) / height), Math.floor(((y + 1) * rows) / height)];
      const [left, right] = [Math.floor((x * columns) / width), Math.floor(((x + 1) * columns) / width)];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let sy = top; sy < bottom; sy++)
          for (let sx = left; sx < right; sx++)
            sum += values[(sy * columns + sx) * channels + Math.min(c, channels === 1 ? 0 : 2)];
        rgba[to + c] = toByte(sum / ((bottom - top) * (right - left)));
      }
      rgba[to + 3] = 255;
    }
  return { width, height, rgba };
}

function byteScale(values: RawSample['values']): (value: number) => number {
  if (values instanceof Uint8Array) return (value) => value;
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? 255 / (max - min) : 0;
  return (value) => (value - min) * scale;
}
