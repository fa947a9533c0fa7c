/** WAV files: RIFF and RF64, with integers of 8 to 32 bits, floats of 32 and 64, A-law and µ-law. */
import { RangefinderError } from '../../../base/errors';

/** What the file's header says. */
export interface WavInfo {
  /** Samples a second. */
  readonly rate: number;
  readonly channels: number;
  /** Samples of each channel. */
  readonly frames: number;
}

export interface Wav extends WavInfo {
  /** Interleaved channels; integers are in −1 … 1, divided by a power of two, as TensorFlow and librosa do. */
  readonly values: Float32Array;
}

/** How one sample is read; `bits` of one channel. */
type Decoder = (view: DataView, at: number) => number;

const PCM = 1;
const IEEE_FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;

const DECODERS: Readonly<Record<string, Decoder>> = {
  [`${PCM}:8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${PCM}:16`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${PCM}:24`]: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23,
  [`${PCM}:32`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${IEEE_FLOAT}:32`]: (view, at) => view.getFloat32(at, true),
  [`${IEEE_FLOAT}:64`]: (view, at) => view.getFloat64(at, true),
  [`${A_LAW}:8`]: (view, at) => aLaw(view.getUint8(at)) / 2 ** 15,
  [`${MU_LAW}:8`]: (view, at) => muLaw(view.getUint8(at)) / 2 ** 15,
};

const NAMES: Readonly<Record<number, string>> = { 2: 'ADPCM', 17: 'IMA ADPCM', 49: 'GSM', 80: 'MPEG', 85: 'MP3' };

export function isWav(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 12));
  return /^(RIFF|RF64)[^]{4}WAVE$/.test(text);
}

/**
 * What the header says, without the samples. A file that breaks off has the frames that are there.
 * @throws RangefinderError 'corrupt-file', 'unsupported-feature'
 */
export function wavInfo(bytes: Uint8Array, where: string): WavInfo {
  const { rate, channels, frames } = layoutOf(bytes, where);
  return { rate, channels, frames };
}

/** The samples of a whole file. @throws RangefinderError 'corrupt-file', 'unsupported-feature' */
export function readWav(bytes: Uint8Array, where: string): Wav {
  const { rate, channels, frames, start, width, decode } = layoutOf(bytes, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(frames * channels);
  for (let i = 0, at = start; i < values.length; i++, at += width) values[i] = decode(view, at);
  return { rate, channels, frames, values };
}

interface Layout extends WavInfo {
  /** Where the samples begin. */
  readonly start: number;
  /** Bytes of one sample of one channel. */
  readonly width: number;
  readonly decode: Decoder;
}

function layoutOf(bytes: Uint8Array, where: string): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Pick<Layout, 'rate' | 'channels' | 'width' | 'decode'> | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = new TextDecoder('latin1').decode(bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === 'fmt ' && start + 16 <= bytes.length) format = formatOf(view, start, size, where);
    if (id === 'data') {
      if (!format) throw corrupt('Its samples stand before the description of their format.', where);
      // Recorders that stream leave the size open; what is there counts.
      const present = Math.min(size, bytes.length - start);
      return { ...format, start, frames: Math.floor(present / (format.width * format.channels)) };
    }
    at = start + size + (size % 2);
  }
  throw corrupt('The WAV file has no samples.', where);
}

function formatOf(view: DataView, at: number, size: number, where: string) {
  const tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  // The extensible form keeps the true format at the beginning of a GUID.
  const isExtended = tag === EXTENSIBLE && size >= 26 && at + 26 <= view.byteLength;
  const format = isExtended ? view.getUint16(at + 24, true) : tag;
  const decode = DECODERS[`${format}:${bits}`];
  if (!decode)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `The WAV file is compressed as ${NAMES[format] ?? `format ${format}`}, ${bits} bits.`,
      where,
      hint: 'Convert it to 16-bit PCM, for instance by ffmpeg -i in.wav -c:a pcm_s16le out.wav.',
    });
  if (channels === 0 || rate === 0) throw corrupt(`It has ${channels} channels of ${rate} samples a second.`, where);
  return { rate, channels, width: bits / 8, decode };
}

function corrupt(message: string, where: string): RangefinderError {
  return new RangefinderError({ code: 'corrupt-file', message, where, hint: 'Save the recording again as WAV.' });
}

/** ITU-T G.711; 16-bit values. */
function aLaw(code: number): number {
  const flipped = code ^ 0x55;
  const exponent = (flipped >> 4) & 7;
  const mantissa = ((flipped & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return flipped & 0x80 ? magnitude : -magnitude;
}

function muLaw(code: number): number {
  const flipped = ~code & 0xff;
  const magnitude = ((((flipped & 15) << 3) + 132) << ((flipped >> 4) & 7)) - 132;
  return flipped & 0x80 ? -magnitude : magnitude;
}
