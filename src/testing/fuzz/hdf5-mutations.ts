/**
 * Damage to an HDF5 file where its structure is: addresses, sizes and versions of headers, trees and heaps, the types and
 * shapes that messages declare, and the JSON that Keras keeps in attributes. What is no structure is weights.
 */
import type { Random } from '../../base/random';
import { mutateJson } from './json-mutations';

/** What blocks of the format begin with (File Format Specification 3.0), and how far their fields reach, bytes. */
const BLOCKS = ['TREE', 'SNOD', 'HEAP', 'GCOL', 'OHDR', 'OCHK', 'FRHP', 'FHDB', 'BTHD', 'BTLF'] as const;
const BLOCK = 160;
/** The superblock and the root's header follow each other. */
const HEAD = 800;
/** Object headers of version 1 have no signature: version 1, a byte of nothing, a count of messages. */
const HEADER_1 = [1, 0];

const UNDEFINED = 0xffff_ffff_ffff_ffffn;
const SIZES = [0n, 1n, 2n, 3n, 8n, 255n, 65536n, 2n ** 31n, 2n ** 40n, UNDEFINED];

export function mutateHdf5(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  for (let n = 1 + random.integer(3); n > 0; n--) change(bytes, random);
  return bytes;
}

function change(bytes: Uint8Array, random: Random): void {
  const json = random.integer(3) === 0 ? jsonRuns(bytes) : [];
  if (json.length > 0) return changeJson(bytes, json[random.integer(json.length)], random);
  const starts = blocks(bytes);
  const start = starts[random.integer(starts.length)];
  const length = Math.min(start === 0 ? HEAD : BLOCK, bytes.length - start);
  if (length < 16) return;
  const view = new DataView(bytes.buffer);
  switch (random.integer(4)) {
    case 0: {
      // An address: of another block, of itself, of nothing.
      const at = start + (random.integer(length - 8) & ~7);
      view.setBigUint64(at, random.integer(4) ? BigInt(starts[random.integer(starts.length)]) : UNDEFINED, true);
      return;
    }
    case 1: {
      const at = start + (random.integer(length - 8) & ~3);
      view.setBigUint64(at, SIZES[random.integer(SIZES.length)], true);
      return;
    }
    case 2: {
      const at = start + (random.integer(length - 2) & ~1);
      view.setUint16(
        at,
        random.integer(2) ? view.getUint16(at, true) + random.integer(5) - 2 : random.integer(40),
        true,
      );
      return;
    }
    default:
      bytes[start + random.integer(length)] = random.integer(24);
  }
}

function blocks(bytes: Uint8Array): number[] {
  const found = [0];
  for (let at = 0; at + 16 < bytes.length; at += 8) {
    const signature = String.fromCharCode(...bytes.subarray(at, at + 4));
    const isHeader = HEADER_1.every((byte, i) => bytes[at + i] === byte) && bytes[at + 4] === 1 && bytes[at + 5] === 0;
    if (isHeader || (BLOCKS as readonly string[]).includes(signature)) found.push(at);
  }
  return found;
}

/** Stretches of bytes that are JSON objects. */
function jsonRuns(bytes: Uint8Array): (readonly [start: number, end: number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let at = 0; at + 2 < bytes.length; at++) {
    if (bytes[at] !== 0x7b || bytes[at + 1] !== 0x22) continue;
    let end = at;
    while (end < bytes.length && bytes[end] >= 0x20 && bytes[end] < 0x7f) end++;
    if (end - at > 16) runs.push([at, end]);
    at = end;
  }
  return runs;
}

/** In place: blanks fill what a shorter document leaves, and a longer one is not taken. */
function changeJson(bytes: Uint8Array, [start, end]: readonly [number, number], random: Random): void {
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  try {
    const changed = new TextEncoder().encode(mutateJson(text, random));
    if (changed.length > end - start) return;
    bytes.fill(0x20, start, end).set(changed, start);
  } catch {
    bytes[start + random.integer(end - start)] = 0x30 + random.integer(10);
  }
}
