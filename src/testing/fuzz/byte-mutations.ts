/** Damage to bytes: what transfers, editors, faulty writers and attackers do to a file. */
import type { Random } from '../../base/random';

/** Sizes, counts and offsets at the edges of the integer types. */
const EXTREMES = [
  0,
  1,
  -1,
  127,
  128,
  255,
  256,
  0x7fff,
  0xffff,
  0x10000,
  0x1fffffff,
  0x3fffffff,
  0x7fffffff,
  -(2 ** 31),
];

type Damage = (bytes: Uint8Array, random: Random) => Uint8Array | void;

/** Each changes the copy it is given, or returns another. */
const DAMAGE: readonly Damage[] = [
  function flipBit(bytes, random) {
    bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
  },
  function smallNumber(bytes, random) {
    bytes[random.integer(bytes.length)] = random.integer(12);
  },
  function anyByte(bytes, random) {
    bytes[random.integer(bytes.length)] = random.integer(256);
  },
  function extremeNumber(bytes, random) {
    if (bytes.length < 8) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const aligned = random.integer(4) > 0 ? ~3 : ~0;
    const at = random.integer(bytes.length - 7) & aligned;
    const value =
      random.integer(4) === 0 ? bytes.length - random.integer(9) : EXTREMES[random.integer(EXTREMES.length)];
    if (random.integer(3) === 0) view.setBigInt64(at, BigInt(value), true);
    else if (random.integer(6) === 0) view.setInt32(at, value, false);
    else view.setInt32(at, value, true);
  },
  function nudge(bytes, random) {
    // Off by a little: a count, a dimension, an offset.
    const at = random.integer(bytes.length);
    bytes[at] = bytes[at] + [1, -1, 2, -2, 4, -4, 8][random.integer(7)];
  },
  function copyOver(bytes, random) {
    const length = 1 + random.integer(Math.min(64, bytes.length));
    const from = random.integer(bytes.length - length + 1);
    bytes.copyWithin(random.integer(bytes.length - length + 1), from, from + length);
  },
  function fill(bytes, random) {
    const at = random.integer(bytes.length);
    bytes.fill([0, 0xff, 0x80][random.integer(3)], at, at + 1 + random.integer(256));
  },
  function remove(bytes, random) {
    const at = random.integer(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(32)));
  },
  function insert(bytes, random) {
    const at = random.integer(bytes.length);
    const length = 1 + random.integer(32);
    const from = random.integer(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at));
  },
];

/** A damaged copy. Now and then it is cut off besides. */
export function mutateBytes(original: Uint8Array, random: Random): Uint8Array {
  let bytes = new Uint8Array(original);
  for (let n = 1 + random.integer(4); n > 0 && bytes.length > 0; n--)
    bytes = (DAMAGE[random.integer(DAMAGE.length)](bytes, random) as Uint8Array<ArrayBuffer> | undefined) ?? bytes;
  return random.integer(24) === 0 ? bytes.slice(0, random.integer(bytes.length + 1)) : bytes;
}

/** Stretches of printable text: names, JSON inside binary files. */
export function textRuns(bytes: Uint8Array, shortest = 16): (readonly [start: number, end: number])[] {
  const runs: (readonly [number, number])[] = [];
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a) continue;
    if (at - start >= shortest) runs.push([start, at]);
    start = at + 1;
  }
  return runs;
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const OTHER_CHARACTERS = '{}[]",:-.0123456789eE\\/ntfu<&';

/** Changes characters of text in place, digits by preference, so that what holds the text stays intact. */
export function mutateText(
  original: Uint8Array,
  runs: readonly (readonly [start: number, end: number])[],
  random: Random,
): Uint8Array {
  const bytes = new Uint8Array(original);
  const length = runs.reduce((sum, [start, end]) => sum + end - start, 0);
  if (length === 0) return mutateBytes(original, random);
  for (let n = 1 + random.integer(3); n > 0; n--) {
    let skip = random.integer(length);
    const [start, end] = runs.find(([from, to]) => (skip -= to - from) < 0)!;
    let at = end + skip;
    if (random.integer(4) > 0) while (at < end - 1 && !isDigit(bytes[at])) at++;
    if (at >= start && isDigit(bytes[at]) && random.integer(4) > 0) {
      // The number as a whole: a few nines, a zero.
      const digit = 0x30 + [0, 1, 9, random.integer(10)][random.integer(4)];
      do bytes[at++] = digit;
      while (at < end && isDigit(bytes[at]) && random.integer(2) > 0);
    } else bytes[at] = OTHER_CHARACTERS.charCodeAt(random.integer(OTHER_CHARACTERS.length));
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
