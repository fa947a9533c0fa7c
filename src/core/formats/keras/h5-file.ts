/**
 * HDF5 files in memory, through h5wasm. The library is 1 MB of WebAssembly and is loaded with the first file; its file
 * system is its own memory, so a file exists there only while it is open.
 */
import type { Attribute, Dataset, Entity, Group } from 'h5wasm';
import { RangefinderError } from '../../errors';

export type { Group } from 'h5wasm';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** HDF5 allows a user block before the header: 0, 512, 1024, 2048, … bytes. */
function headerOffset(bytes: Uint8Array): number {
  for (let at = 0; at + SIGNATURE.length <= bytes.length; at = at === 0 ? 512 : at * 2)
    if (SIGNATURE.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}

export function isHdf5(bytes: Uint8Array): boolean {
  return headerOffset(bytes) >= 0;
}

/** End of file as the superblock states it (HDF5 File Format Specification 3.0, II.A), or null where it cannot be told. */
function statedLength(bytes: Uint8Array, at: number): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(bytes.length - at, 96));
  if (view.byteLength < 48) return Infinity; // shorter than any superblock
  const version = view.getUint8(8);
  const layout = {
    0: { sizes: 13, end: 40 },
    1: { sizes: 13, end: 44 },
    2: { sizes: 9, end: 28 },
    3: { sizes: 9, end: 28 },
  };
  const fields = layout[version as keyof typeof layout];
  if (!fields || view.getUint8(fields.sizes) !== 8) return null;
  return Number(view.getBigUint64(fields.end, true));
}

/** Throws 'unknown-format' or 'corrupt-file' for bytes that HDF5 could not open, before HDF5 is asked. */
function checkHeader(bytes: Uint8Array, fileName: string): void {
  const at = headerOffset(bytes);
  if (at < 0)
    throw new RangefinderError({
      code: bytes.length ? 'unknown-format' : 'corrupt-file',
      message: bytes.length ? `"${fileName}" is not an HDF5 file.` : `"${fileName}" is empty.`,
      where: fileName,
      hint: 'Choose a .h5 file that Keras saved with model.save().',
    });
  const stated = statedLength(bytes, at);
  if (stated !== null && stated > bytes.length)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: Number.isFinite(stated)
        ? `"${fileName}" is truncated: ${bytes.length} of ${stated} bytes are there.`
        : `"${fileName}" ends within its header, after ${bytes.length} bytes.`,
      where: fileName,
      hint: 'Copy or download the file again.',
    });
}

let opened = 0;

/**
 * Opens the file, hands its root to `use` and closes it whatever happens. Whatever HDF5 throws becomes 'corrupt-file'.
 */
export async function withH5<T>(bytes: Uint8Array, fileName: string, use: (root: Group) => T): Promise<T> {
  checkHeader(bytes, fileName);
  const { File, ready } = await import('h5wasm');
  const { FS, close_file } = await ready;
  // HDF5 takes two files of one name for one file.
  const name = `model-${opened++}.h5`;
  FS.createDataFile('/', name, bytes, true, false, true);
  let id: bigint | undefined;
  try {
    const file = new File(name, 'r');
    id = file.file_id;
    return use(file);
  } catch (cause) {
    if (cause instanceof RangefinderError) throw cause;
    throw damaged(fileName, cause);
  } finally {
    if (id !== undefined && id >= 0n) close_file(id);
    FS.unlink(name);
  }
}

function damaged(fileName: string, cause: unknown): RangefinderError {
  return new RangefinderError(
    {
      code: 'corrupt-file',
      message: `"${fileName}" is damaged: ${cause instanceof Error ? cause.message : String(cause)}.`,
      where: fileName,
      hint: 'Copy or download the file again.',
    },
    { cause },
  );
}

export function groupAt(parent: Group, name: string): Group | undefined {
  const entity = parent.get(name);
  return kindOf(entity) === 'Group' ? (entity as Group) : undefined;
}

export function datasetAt(parent: Group, name: string): Dataset | undefined {
  const entity = parent.get(name);
  return kindOf(entity) === 'Dataset' ? (entity as Dataset) : undefined;
}

function kindOf(entity: Entity | null): string | undefined {
  return entity && 'type' in entity ? String(entity.type) : undefined;
}

export function textAttribute(group: Group, name: string): string | undefined {
  const value = attribute(group, name)?.value;
  const text = Array.isArray(value) ? value[0] : value;
  return typeof text === 'string' ? text : text instanceof Uint8Array ? new TextDecoder().decode(text) : undefined;
}

/**
 * A list of names. Keras splits lists over 64 KiB into `name0`, `name1`, …; an empty list is written as zero numbers.
 */
export function textsAttribute(group: Group, name: string): string[] | undefined {
  const whole = attribute(group, name)?.value;
  if (whole !== undefined) return texts(whole);
  const parts: string[] = [];
  for (let n = 0; ; n++) {
    const part = attribute(group, `${name}${n}`)?.value;
    if (part === undefined) return n ? parts : undefined;
    parts.push(...texts(part));
  }
}

function attribute(group: Group, name: string): Attribute | undefined {
  return group.attrs[name];
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}
