/** libwebp as @jsquash/webp compiles it, which is what Pillow decodes with: the same pixels, and alpha is not multiplied in. */
import libwebp from '@jsquash/webp/codec/dec/webp_dec.js';
import type { RawSample } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { checkImageSize, rgbOfRgba } from './pixels';

interface Libwebp {
  decode(bytes: Uint8Array): { width: number; height: number; data: Uint8ClampedArray } | null;
}

interface LibwebpOptions {
  readonly noInitialRun: true;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}

const boot = libwebp as unknown as (options: LibwebpOptions) => Promise<Libwebp>;

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

export class WebpDecoder {
  private module: Promise<Libwebp> | undefined;

  constructor(private readonly wasm: WebAssembly.Module) {}

  /** Of an animation, its first picture. @throws RangefinderError 'corrupt-file', 'too-large' */
  async decode(bytes: Uint8Array): Promise<RawSample> {
    const chunks = readChunks(bytes);
    const frame = chunks.find(({ type }) => type === 'ANMF');
    if (!frame) return this.still(bytes, chunks);
    const [extended] = chunks;
    if (extended.type !== 'VP8X' || frame.content.length < 16) throw corrupt('its animation has no frame');
    const canvas = { width: size24(extended.content, 4), height: size24(extended.content, 7) };
    checkImageSize(canvas.width, canvas.height);
    const picture = stillOf(frame.content);
    const sample = await this.still(picture, readChunks(picture));
    return onCanvas(sample, canvas, 2 * uint24(frame.content, 0), 2 * uint24(frame.content, 3));
  }

  private async still(bytes: Uint8Array, chunks: readonly Chunk[]): Promise<RawSample> {
    const { width, height } = sizeOf(chunks[0]);
    checkImageSize(width, height);
    const module = await (this.module ??= this.boot());
    let image;
    try {
      image = module.decode(bytes);
    } catch {
      this.module = undefined; // an abort ends the module's life
    }
    if (!image) throw corrupt('its content cannot be decoded');
    return { shape: [image.height, image.width, 3], values: rgbOfRgba(image.data) };
  }

  private boot(): Promise<Libwebp> {
    return boot({
      noInitialRun: true,
      instantiateWasm: (imports, done) => {
        const instance = new WebAssembly.Instance(this.wasm, imports);
        done(instance);
        return instance.exports;
      },
    });
  }
}

function readChunks(bytes: Uint8Array, from = 12): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = from; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > bytes.length) throw corrupt('it breaks off');
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    chunks.push({ type, content: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  if (chunks.length === 0) throw corrupt('it is empty');
  return chunks;
}

/** What the first chunk declares: an extended file its canvas, the others their one picture. */
function sizeOf({ type, content }: Chunk): { width: number; height: number } {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 10) throw corrupt('it ends within its header');
  if (type === 'VP8X') return { width: size24(content, 4), height: size24(content, 7) };
  if (type === 'VP8L') {
    const bits = view.getUint32(1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (type !== 'VP8 ') throw corrupt('it holds no picture');
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

const uint24 = (bytes: Uint8Array, at: number) => bytes[at] + 256 * bytes[at + 1] + 65536 * bytes[at + 2];
const size24 = (bytes: Uint8Array, at: number) => uint24(bytes, at) + 1;

/** The picture of a frame as a file of its own: alpha, where it has one, needs the extended header before it. */
function stillOf(frame: Uint8Array): Uint8Array {
  const content = frame.subarray(16);
  const hasAlpha = String.fromCharCode(...content.subarray(0, 4)) === 'ALPH';
  const before = hasAlpha ? 18 : 0;
  const file = new Uint8Array(12 + before + content.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode('RIFF'));
  view.setUint32(4, file.length - 8, true);
  file.set(new TextEncoder().encode('WEBP'), 8);
  if (hasAlpha) {
    file.set(new TextEncoder().encode('VP8X'), 12);
    view.setUint32(16, 10, true);
    file[20] = 0x10; // has alpha
    file.set(frame.subarray(6, 12), 24); // width and height, less one
  }
  file.set(content, 12 + before);
  return file;
}

/** A picture that does not fill its canvas lies on black. */
function onCanvas(sample: RawSample, canvas: { width: number; height: number }, left: number, top: number): RawSample {
  const [height, width] = sample.shape;
  if (width === canvas.width && height === canvas.height) return sample;
  if (left + width > canvas.width || top + height > canvas.height) throw corrupt('a frame does not lie in its canvas');
  const values = new Uint8Array(3 * canvas.width * canvas.height);
  for (let y = 0; y < height; y++)
    values.set(
      (sample.values as Uint8Array).subarray(3 * y * width, 3 * (y + 1) * width),
      3 * ((top + y) * canvas.width + left),
    );
  return { shape: [canvas.height, canvas.width, 3], values };
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The WebP image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
