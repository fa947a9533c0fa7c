/** Damage to a zip where its structure is: the records that list entries, their names, and where they say these lie. */
import type { Random } from '../../base/random';

/** Fields of each record by offset and width, after its signature (APPNOTE 4.3). */
const RECORDS: Readonly<Record<number, readonly (readonly [at: number, width: 2 | 4])[]>> = {
  0x04034b50: [
    [4, 2],
    [6, 2],
    [8, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  0x02014b50: [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [34, 2],
    [38, 4],
    [42, 4],
  ],
  0x06054b50: [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
};
const CENTRAL = 0x02014b50;
const VALUES = [0, 1, 2, 8, 9, 12, 99, 0x800, 0xffff, 0x7fffffff, 0xffffffff];
const NAMES = ['../x', '/etc/x', '__proto__', 'constructor', 'a/../../b', '\u202ex', '.npy', ''];

export function mutateZip(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  const view = new DataView(bytes.buffer);
  const records: number[] = [];
  for (let at = 0; at + 46 <= bytes.length; at++)
    if (bytes[at] === 0x50 && RECORDS[view.getUint32(at, true)]) records.push(at);
  const end = bytes.length - 22;
  if (end >= 0 && view.getUint32(end, true) === 0x06054b50) records.push(end);
  if (records.length === 0) return bytes;
  for (let n = 1 + random.integer(2); n > 0; n--) {
    const record = records[random.integer(records.length)];
    const signature = view.getUint32(record, true);
    const fields = RECORDS[signature];
    if (!fields) continue; // an earlier change hit its signature
    if (signature === CENTRAL && random.integer(4) === 0) {
      rename(bytes, record, view.getUint16(record + 28, true), random);
      continue;
    }
    const [at, width] = fields[random.integer(fields.length)];
    const put = (value: number) =>
      width === 2 ? view.setUint16(record + at, value, true) : view.setUint32(record + at, value, true);
    const value = width === 2 ? view.getUint16(record + at, true) : view.getUint32(record + at, true);
    if (random.integer(3) === 0) put(value + random.integer(5) - 2);
    else if (random.integer(3) === 0) put(records[random.integer(records.length)]);
    else put(VALUES[random.integer(VALUES.length)]);
  }
  return bytes;
}

/** Another name of the same length, cut or repeated to fit. */
function rename(bytes: Uint8Array, record: number, length: number, random: Random): void {
  const name = new TextEncoder().encode(NAMES[random.integer(NAMES.length)].padEnd(length, 'x')).subarray(0, length);
  if (record + 46 + length <= bytes.length) bytes.set(name, record + 46);
}
