/** Four-bit codes two to a byte, the first in the low nibble, as TensorFlow Lite stores them. */

/** @param codes −8 … 7; an odd last one is padded with a zero. */
export function packInt4(codes: Int8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) packed[i >> 1] |= (codes[i] & 15) << (i & 1 ? 4 : 0);
  return packed;
}

/** The first `count` codes, sign-extended. */
export function unpackInt4(packed: Uint8Array, count: number): Int8Array {
  const codes = new Int8Array(count);
  for (let i = 0; i < count; i++) codes[i] = ((packed[i >> 1] >> (i & 1 ? 4 : 0)) << 28) >> 28;
  return codes;
}
