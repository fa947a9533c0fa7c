/**
 * Dense storage: links of groups with many members, and attributes where there are many, kept as messages in a fractal heap
 * that a version 2 B-tree indexes (specification III.A.2 and III.G).
 */
import type { Hdf5Bytes } from './bytes';

/** Where a stored message lies. */
export interface Place {
  readonly at: number;
  readonly size: number;
}

/** Where the identifier of a heap object begins in a record of the tree, by the type of its records. */
const ID_OFFSETS: Readonly<Record<number, number>> = { 5: 4, 8: 0 };
/** Signature, version, type, checksum. */
const NODE_OVERHEAD = 10;

/** Bytes that hold numbers up to a limit. */
const widthOf = (limit: number) => Math.floor(Math.log2(Math.max(limit, 1)) / 8) + 1;

export function densePlaces(file: Hdf5Bytes, heapAt: number, treeAt: number): Place[] {
  const heap = new FractalHeap(file, heapAt);
  const places: Place[] = [];
  readTree(file, treeAt, (id) => places.push(heap.place(id)));
  return places;
}

function readTree(file: Hdf5Bytes, at: number, use: (id: number) => void): void {
  file.signature(at, 'BTHD');
  const idOffset = ID_OFFSETS[file.u8(at + 5)];
  if (idOffset === undefined) throw file.corrupt(at, 'an index of the file is of an unknown kind');
  const nodeBytes = file.u32(at + 6);
  const recordBytes = file.u16(at + 10);
  const depth = file.u16(at + 12);
  const root = file.address(at + 16);
  if (recordBytes < idOffset + 4 || nodeBytes < NODE_OVERHEAD + recordBytes || depth > 16)
    throw file.corrupt(at, 'an index of the file is damaged');
  // By level from the leaves up: how many records a node holds, and all below it.
  const leafMost = Math.floor((nodeBytes - NODE_OVERHEAD) / recordBytes);
  const countBytes = widthOf(leafMost);
  const totals = [leafMost];
  const totalBytes = [0];
  for (let level = 1; level <= depth; level++) {
    const pointer = file.addressBytes + countBytes + totalBytes[level - 1];
    const most = Math.floor((nodeBytes - NODE_OVERHEAD - pointer) / (recordBytes + pointer));
    totals.push((most + 1) * totals[level - 1] + most);
    totalBytes.push(widthOf(totals[level]));
  }
  const visit = (node: number, level: number, count: number) => {
    file.signature(node, level === 0 ? 'BTLF' : 'BTIN');
    const first = node + 6;
    file.need(first, count * recordBytes);
    file.spend(count * recordBytes);
    for (let i = 0; i < count; i++) use(first + i * recordBytes + idOffset);
    if (level === 0) return;
    const pointer = file.addressBytes + countBytes + totalBytes[level - 1];
    for (let i = 0; i <= count; i++) {
      const child = first + count * recordBytes + i * pointer;
      visit(file.place(child), level - 1, uint(file, child + file.addressBytes, countBytes));
    }
  };
  if (root !== null) visit(root, depth, file.u16(at + 16 + file.addressBytes));
}

/** An unsigned number of any width. */
function uint(file: Hdf5Bytes, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + file.u8(at + i);
  return value;
}

class FractalHeap {
  private readonly offsetBytes: number;
  private readonly sizeBytes: number;
  private readonly width: number;
  private readonly startBytes: number;
  private readonly directRows: number;
  private readonly root: number;
  private readonly rootRows: number;

  constructor(
    private readonly file: Hdf5Bytes,
    at: number,
  ) {
    file.signature(at, 'FRHP');
    const { addressBytes: address, lengthBytes: length } = file;
    if (file.u16(at + 7) > 0) throw file.unsupported('its groups compressed');
    const mostManaged = file.u32(at + 10);
    const table = at + 14 + 10 * length + 2 * address;
    this.width = file.u16(table);
    this.startBytes = file.size(table + 2);
    const mostDirect = file.size(table + 2 + length);
    const heapBits = file.u16(table + 2 + 2 * length);
    this.root = file.place(table + 6 + 2 * length);
    this.rootRows = file.u16(table + 6 + 2 * length + address);
    this.offsetBytes = Math.ceil(heapBits / 8);
    this.sizeBytes = Math.min(Math.ceil(Math.log2(mostDirect) / 8), widthOf(mostManaged));
    this.directRows = Math.log2(mostDirect) - Math.log2(this.startBytes) + 2;
    const powers = [this.width, this.startBytes, mostDirect].every((n) => n >= 1 && Number.isInteger(Math.log2(n)));
    if (!powers || heapBits > 48 || this.sizeBytes > 6) throw file.corrupt(at, 'a heap of the file is damaged');
  }

  /** Where the object with the identifier at `id` lies. */
  place(id: number): Place {
    const { file, offsetBytes, sizeBytes } = this;
    const kind = (file.u8(id) >> 4) & 3;
    if (kind === 2) return { at: id + 1, size: (file.u8(id) & 15) + 1 };
    if (kind !== 0) throw file.unsupported('names or attributes of more than 64 KiB');
    const offset = uint(file, id + 1, offsetBytes);
    const size = uint(file, id + 1 + offsetBytes, sizeBytes);
    const at = this.find(offset);
    file.need(at, size);
    return { at, size };
  }

  private rowBytes(row: number): number {
    return this.startBytes * 2 ** Math.max(row - 1, 0);
  }

  /** Address of what is `offset` bytes into the heap. */
  private find(offset: number): number {
    const { file, width } = this;
    let [block, rows, rest] = [this.root, this.rootRows, offset];
    while (rows > 0) {
      file.signature(block, 'FHIB');
      const first = block + 5 + file.addressBytes + this.offsetBytes;
      let row = 0;
      while (row < rows && rest >= this.rowBytes(row) * width) rest -= this.rowBytes(row++) * width;
      if (row >= rows) throw file.corrupt(block, 'a heap of the file ends before one of its objects');
      const column = Math.floor(rest / this.rowBytes(row));
      rest -= column * this.rowBytes(row);
      block = file.place(first + (row * width + column) * file.addressBytes);
      const isDirect = row < this.directRows;
      rows = isDirect ? 0 : Math.log2(this.rowBytes(row)) - Math.log2(this.startBytes * width) + 1;
    }
    file.signature(block, 'FHDB');
    return block + rest;
  }
}
