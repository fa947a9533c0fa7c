/** NumPy's archives, version 1.0 of the array format (numpy.lib.format), deflated. The same arrays make the same bytes. */
import { zipSync } from 'fflate';

export interface ByteArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export function writeNpz(arrays: Readonly<Record<string, ByteArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)]);
  // The earliest date a zip can hold, in whatever time zone this runs.
  return zipSync(Object.fromEntries(files), { level: 9, mtime: new Date(1980, 0, 1) });
}

function npy({ shape, data }: ByteArray): Uint8Array {
  const description = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const before = 10;
  // Ends in a newline, and the elements begin at a multiple of 64.
  const length = Math.ceil((before + description.length + 1) / 64) * 64 - before;
  const header = new TextEncoder().encode(description.padEnd(length - 1) + '\n');
  const bytes = new Uint8Array(before + length + data.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, length & 255, length >> 8]);
  bytes.set(header, before);
  bytes.set(data, before + length);
  return bytes;
}
