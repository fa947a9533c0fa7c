/** A WAV file of 16-bit samples. @param values interleaved, in −1 … 1 */
export function wavFile(values: ArrayLike<number>, rate = 16_000, channels = 1): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * values.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * values.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate * channels, true);
  view.setUint16(32, 2 * channels, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * values.length, true);
  for (let i = 0; i < values.length; i++) view.setInt16(44 + 2 * i, Math.round(values[i] * 32_768), true);
  return bytes;
}
