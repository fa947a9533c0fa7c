import { crc32 } from '../../base/crc32';
import type { Graph } from './graph';

/**
 * Names what a graph computes: its ops, the names of its tensors and the bytes of its constants. The same file opened again
 * has the same one; another name for the file does not matter.
 */
export function fingerprint({ ops, inputs, outputs, tensors }: Graph): string {
  let size = 0;
  const constants = [...tensors.values()].flatMap(({ id, dtype, shape, data }) => {
    if (!data) return [];
    size += data.byteLength;
    return [[id, dtype, shape, crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]];
  });
  // Options of opaque operators may be 64-bit numbers, which JSON has no form for.
  const text = JSON.stringify([inputs, outputs, ops, constants], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return `${crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0')}-${size}`;
}
