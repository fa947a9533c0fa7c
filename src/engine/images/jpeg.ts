/** mozjpeg (libjpeg) as @jsquash/jpeg compiles it, driven without its wrapper: that hides why an image was refused. */
import mozjpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import type { RawSample } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { checkImageSize, firstChannel, rgbOfRgba } from './pixels';

interface Mozjpeg {
  decode(
    bytes: Uint8Array,
    applyOrientation: boolean,
  ): { width: number; height: number; data: Uint8ClampedArray } | null;
}

interface MozjpegOptions {
  readonly noInitialRun: true;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}

const boot = mozjpeg as unknown as (options: MozjpegOptions) => Promise<Mozjpeg>;

/** libjpeg fills what is missing with grey and only warns; a sample that is partly grey is worse than none. */
const TRUNCATED = /premature end/i;

export class JpegDecoder {
  private module: Promise<Mozjpeg> | undefined;
  private complaints: string[] = [];

  constructor(private readonly wasm: WebAssembly.Module) {}

  async decode(bytes: Uint8Array): Promise<RawSample> {
    const { width, height, components, hasAdobe } = readFrame(bytes);
    checkImageSize(width, height);
    // Inks are rare, and their decoder is large.
    if (components === 4) return (await import('./cmyk')).decodeCmyk(bytes, hasAdobe);
    const module = await (this.module ??= this.boot());
    this.complaints = [];
    let image;
    try {
      image = module.decode(bytes, false);
    } catch {
      // libjpeg's error exit ends the module's life: what it had allocated is gone with it.
      this.module = undefined;
    }
    const complaint = image ? this.complaints.find((line) => TRUNCATED.test(line)) : this.complaints.at(-1);
    if (!image || complaint) throw corrupt(complaint ?? 'the decoder gave up');
    const shape = [image.height, image.width, components === 1 ? 1 : 3];
    return { shape, values: components === 1 ? firstChannel(image.data, 4) : rgbOfRgba(image.data) };
  }

  private boot(): Promise<Mozjpeg> {
    return boot({
      noInitialRun: true,
      print: () => undefined,
      printErr: (line) => this.complaints.push(line),
      instantiateWasm: (imports, done) => {
        const instance = new WebAssembly.Instance(this.wasm, imports);
        done(instance);
        return instance.exports;
      },
    });
  }
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Whether Adobe's marker stands before it, which says how colours were transformed. */
  readonly hasAdobe: boolean;
}

const APP14 = 0xee;

/** Size and number of components from the frame header (ITU-T T.81, B.2.2). */
function readFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasAdobe = false;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) throw corrupt(`no marker at byte ${at}`);
    const marker = bytes[at + 1];
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2; // fill bytes, and markers without a segment
      continue;
    }
    // SOF0 to SOF15, without DHT, JPG and DAC, which lie among them.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components: bytes[at + 9], hasAdobe };
    hasAdobe ||= marker === APP14 && new TextDecoder().decode(bytes.subarray(at + 4, at + 9)) === 'Adobe';
    at += 2 + view.getUint16(at + 2);
  }
  throw corrupt('it ends before its frame header');
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The JPEG image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
