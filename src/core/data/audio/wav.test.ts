import { describe, expect, it } from 'vitest';
import { wavFile } from '../../../testing/builders/wav-file';
import { isWav, readWav, wavInfo } from './wav';

/** The file with another format of its samples, and these bytes as samples. */
function withFormat(tag: number, bits: number, data: readonly number[]): Uint8Array {
  const bytes = new Uint8Array([...wavFile([]), ...data]);
  const view = new DataView(bytes.buffer);
  view.setUint16(20, tag, true);
  view.setUint16(34, bits, true);
  view.setUint32(40, data.length, true);
  return bytes;
}

describe('WAV files', () => {
  it('are read with their rate and channels', () => {
    const file = wavFile([0.5, -0.5, 0.25, -1], 8000, 2);
    expect(isWav(file)).toBe(true);
    expect(wavInfo(file, 'a.wav')).toEqual({ rate: 8000, channels: 2, frames: 2 });
    expect([...readWav(file, 'a.wav').values]).toEqual([0.5, -0.5, 0.25, -1]);
  });

  it.each([
    ['8 bits', 1, 8, [0, 128, 192], [-1, 0, 0.5]],
    ['24 bits', 1, 24, [0, 0, 0xc0, 0xff, 0xff, 0x7f], [-0.5, 8388607 / 8388608]],
    ['32 bits', 1, 32, [0, 0, 0, 0x40], [0.5]],
    ['floats', 3, 32, [0, 0, 0x80, 0x3e], [0.25]],
    // The codes of ITU-T G.711 for its largest magnitudes.
    ['µ-law', 7, 8, [0x80, 0x00, 0xff], [32124 / 32768, -32124 / 32768, 0]],
    ['A-law', 6, 8, [0xaa, 0x2a, 0xd5], [32256 / 32768, -32256 / 32768, 8 / 32768]],
  ])('hold %s', (_, tag, bits, data, values) => {
    expect([...readWav(withFormat(tag, bits, data), 'a.wav').values]).toEqual(values.map(Math.fround));
  });

  it('that break off have what is there', () => {
    expect(readWav(wavFile([0.5, 0.5, 0.5]).subarray(0, 48), 'a.wav').frames).toBe(2);
  });

  it('that are compressed are refused by name, and those without samples as damaged', () => {
    expect(() => readWav(withFormat(17, 4, [0]), 'a.wav')).toThrow(/IMA ADPCM/);
    expect(() => readWav(wavFile([]).subarray(0, 30), 'a.wav')).toThrow(/no samples/);
  });
});
