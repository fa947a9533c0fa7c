/** Data sets: where their bytes are and how they are packed (specification IV.A.2.i and l, III.A.1, VII). */
import { unzlibSync } from 'fflate';
import { BUDGET } from '../../../base/budget';
import type { Hdf5Bytes } from './bytes';
import { readDataspace, readDatatype, type Datatype } from './datatype';
import { readTree } from './links';
import { MESSAGE, type Message } from './object-header';

export interface Dataset {
  readonly shape: readonly number[];
  readonly type: Datatype;
  /** Its bytes in row-major order; a view of the file where they lie there in one piece. */
  bytes(): Uint8Array;
}

interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

interface Chunk {
  readonly at: number;
  readonly size: number;
  readonly offsets: readonly number[];
  /** A set bit leaves out the filter of that position. */
  readonly mask: number;
}

const [DEFLATE, SHUFFLE, FLETCHER32] = [1, 2, 3];
/** No DEFLATE stream grows by more (RFC 1951: 258 bytes for two bits, less block overhead). */
const MAX_DEFLATE_RATIO = 1032;

export function readDataset(file: Hdf5Bytes, messages: readonly Message[]): Dataset | null {
  const find = (type: number) => messages.find((message) => message.type === type);
  const [space, type, layout] = [MESSAGE.dataspace, MESSAGE.datatype, MESSAGE.layout].map(find);
  if (!space || !type || !layout) return null;
  const shape = readDataspace(file, space.at) ?? [0];
  const datatype = readDatatype(file, type.at);
  const filters = find(MESSAGE.filters);
  const fill = () => fillValue(file, find(MESSAGE.fillValue), find(MESSAGE.oldFillValue), datatype.bytes);
  return { shape, type: datatype, bytes: () => readBytes(file, { layout, filters, fill }, shape, datatype.bytes) };
}

interface Storage {
  readonly layout: Message;
  readonly filters: Message | undefined;
  /** The bytes of a value that nobody wrote; null for zeros. */
  readonly fill: () => Uint8Array | null;
}

/** What stands where nothing was written (IV.A.2.e and f). */
function fillValue(
  file: Hdf5Bytes,
  message: Message | undefined,
  old: Message | undefined,
  elementBytes: number,
): Uint8Array | null {
  const value = (at: number) => {
    const size = file.u32(at);
    return size === elementBytes ? file.slice(at + 4, size) : null;
  };
  if (!message) return old ? value(old.at) : null;
  const { at } = message;
  const version = file.u8(at);
  if (version === 3) return file.u8(at + 1) & 0x20 ? value(at + 2) : null;
  return version === 1 || file.u8(at + 3) !== 0 ? value(at + 4) : null;
}

/** Values that nobody wrote. The file holds none of them, so that they are counted against what it may describe. */
function filled(file: Hdf5Bytes, at: number, length: number, fill: Uint8Array | null): Uint8Array {
  if (!(length <= BUDGET.bytes.described))
    throw file.corrupt(at, `a data set claims ${length} bytes, and nothing of it was written`);
  const bytes = new Uint8Array(length);
  if (fill) for (let to = 0; to + fill.length <= length; to += fill.length) bytes.set(fill, to);
  return bytes;
}

function readBytes(
  file: Hdf5Bytes,
  { layout, filters, fill }: Storage,
  shape: readonly number[],
  elementBytes: number,
): Uint8Array {
  const length = shape.reduce((n, d) => n * d, 1) * elementBytes;
  const { at } = layout;
  const version = file.u8(at);
  if (version === 3 || version === 4) {
    const body = at + 2;
    switch (file.u8(at + 1)) {
      case 0:
        return exactly(file, body + 2, file.u16(body), length);
      case 1:
        if (length === 0) return file.slice(at, 0);
        if (file.address(body) === null) return filled(file, at, length, fill());
        return exactly(file, file.place(body), file.size(body + file.addressBytes), length);
      case 2:
        if (version === 4) throw file.unsupported('weights in chunks of the newest form');
        return chunked(file, body, shape, elementBytes, length, filters, fill());
    }
  }
  throw file.unsupported(`weights in a layout of version ${version}`);
}

function exactly(file: Hdf5Bytes, at: number, stored: number, wanted: number): Uint8Array {
  if (stored < wanted) throw file.corrupt(at, `a data set has ${stored} bytes for ${wanted}`);
  return file.slice(at, wanted);
}

function chunked(
  file: Hdf5Bytes,
  at: number,
  shape: readonly number[],
  elementBytes: number,
  length: number,
  filterMessage: Message | undefined,
  fill: Uint8Array | null,
): Uint8Array {
  const rank = file.u8(at) - 1;
  if (rank !== shape.length || rank < 1) throw file.corrupt(at, 'chunks have other dimensions than their data set');
  const size = Array.from({ length: rank }, (_, i) => file.u32(at + 1 + file.addressBytes + 4 * i));
  const chunkBytes = size.reduce((n, d) => n * d, elementBytes);
  const filters = filterMessage ? readFilters(file, filterMessage) : [];
  const chunks: Chunk[] = [];
  const keyBytes = 8 + 8 * (rank + 1);
  const tree = file.address(at + 1);
  if (tree !== null)
    readTree(
      file,
      tree,
      1,
      (child, key) => {
        const offsets = Array.from({ length: rank }, (_, i) => file.uint(key + 8 + 8 * i, 8));
        chunks.push({ at: child, size: file.u32(key), mask: file.u32(key + 4), offsets });
      },
      keyBytes,
    );
  // Nothing is allocated that the stored bytes could not fill, but for what was never written.
  const wanted = shape.reduce((n, d, axis) => n * Math.ceil(d / size[axis]), 1);
  const stored = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  if (
    chunks.length > wanted ||
    (chunks.length < wanted && length > BUDGET.bytes.described) ||
    chunkBytes * chunks.length > stored * (filters.length > 0 ? MAX_DEFLATE_RATIO : 1) ||
    !(chunkBytes <= BUDGET.bytes.entry)
  )
    throw file.corrupt(at, `a data set has ${chunks.length} of ${wanted} chunks, or less in them than they claim`);
  const result = chunks.length < wanted ? filled(file, at, length, fill) : new Uint8Array(length);
  for (const chunk of chunks)
    place(file, unpacked(file, chunk, filters, chunkBytes), chunk, size, shape, elementBytes, result);
  return result;
}

function readFilters(file: Hdf5Bytes, { at }: Message): Filter[] {
  const version = file.u8(at);
  let next = at + (version === 1 ? 8 : 2);
  return Array.from({ length: file.u8(at + 1) }, () => {
    const id = file.u16(next);
    const named = version === 1 || id >= 256;
    const name = named ? file.u16(next + 2) : 0;
    next += named ? 4 : 2;
    const count = file.u16(next + 2);
    next += 4 + (version === 1 ? Math.ceil(name / 8) * 8 : name);
    const values = Array.from({ length: count }, (_, i) => file.u32(next + 4 * i));
    next += 4 * count + (version === 1 && count % 2 === 1 ? 4 : 0);
    return { id, values };
  });
}

/** A chunk with its filters undone, last first. */
function unpacked(file: Hdf5Bytes, chunk: Chunk, filters: readonly Filter[], length: number): Uint8Array {
  let bytes = file.slice(chunk.at, chunk.size);
  filters.forEach((_, i) => {
    const at = filters.length - 1 - i;
    const { id, values } = filters[at];
    if (chunk.mask & (1 << at)) return;
    if (id === DEFLATE) bytes = inflated(file, bytes, chunk.at, length);
    else if (id === SHUFFLE) bytes = unshuffled(bytes, values[0] ?? 1);
    else if (id === FLETCHER32) bytes = bytes.subarray(0, Math.max(bytes.length - 4, 0));
    else throw file.unsupported(`weights packed by filter ${id}`);
  });
  if (bytes.length < length) throw file.corrupt(chunk.at, `a chunk has ${bytes.length} of ${length} bytes`);
  return bytes;
}

function inflated(file: Hdf5Bytes, packed: Uint8Array, at: number, length: number): Uint8Array {
  // Filters before this one may have made it longer by a checksum.
  const room = Math.min(length + 4, packed.length * MAX_DEFLATE_RATIO);
  try {
    return unzlibSync(packed, { out: new Uint8Array(room) });
  } catch (error) {
    throw file.corrupt(at, `a chunk cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** The first bytes of all values come first, then their second bytes, … */
function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  if (width < 2) return bytes;
  const count = Math.floor(bytes.length / width);
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < count; i++) for (let b = 0; b < width; b++) result[i * width + b] = bytes[b * count + i]!;
  result.set(bytes.subarray(count * width), count * width);
  return result;
}

/** Copies the part of a chunk that lies inside the data set, row by row. */
function place(
  file: Hdf5Bytes,
  bytes: Uint8Array,
  { at, offsets }: Chunk,
  size: readonly number[],
  shape: readonly number[],
  elementBytes: number,
  result: Uint8Array,
): void {
  if (offsets.some((offset, axis) => offset >= shape[axis] || offset % size[axis] !== 0))
    throw file.corrupt(at, 'a chunk lies outside its data set');
  const copy = (axis: number, from: number, to: number) => {
    const count = Math.min(size[axis], shape[axis] - offsets[axis]);
    if (axis === shape.length - 1) {
      const start = (to + offsets[axis]) * elementBytes;
      result.set(bytes.subarray(from * elementBytes, (from + count) * elementBytes), start);
      return;
    }
    for (let i = 0; i < count; i++)
      copy(axis + 1, (from + i) * size[axis + 1], (to + offsets[axis] + i) * shape[axis + 1]);
  };
  copy(0, 0, 0);
}
