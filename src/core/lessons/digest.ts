/**
 * A hash of text that can be computed anywhere at once: cyrb53 (bryc, public domain), 53 bits of MurmurHash-like mixing.
 * It tells that something was changed by hand; it is no secret, and stops nobody who reads this file.
 */
export function digest(text: string, seed = 0): number {
  let [a, b] = [0xdeadbeef ^ seed, 0x41c6ce57 ^ seed];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

export function digestText(text: string): string {
  return digest(text).toString(36).padStart(11, '0');
}
