/** Attributes of groups: texts, which is what Keras writes (specification IV.A.2.m and III.E). */
import type { Hdf5Bytes } from './bytes';
import { readDataspace, readDatatype } from './datatype';
import { densePlaces, type Place } from './dense';
import { MESSAGE, type Message } from './object-header';

/** The texts of an attribute, one or many; none of one that holds something else. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

export function readAttributes(file: Hdf5Bytes, messages: readonly Message[]): Attributes {
  const attributes = new Map<string, readonly string[]>();
  for (const message of messages) {
    if (message.type === MESSAGE.attribute) readAttribute(file, message, attributes);
    if (message.type === MESSAGE.attributeInfo) {
      const heap = message.at + 2 + (file.u8(message.at + 1) & 1 ? 2 : 0);
      const address = file.address(heap);
      if (address === null) continue;
      for (const place of densePlaces(file, address, file.place(heap + file.addressBytes)))
        readAttribute(file, place, attributes);
    }
  }
  return attributes;
}

function readAttribute(file: Hdf5Bytes, { at, size }: Place, attributes: Map<string, readonly string[]>): void {
  const version = file.u8(at);
  if (version < 1 || version > 3) throw file.corrupt(at, 'an attribute is of an unknown version');
  const lengths = [file.u16(at + 2), file.u16(at + 4), file.u16(at + 6)] as const;
  const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const name = at + (version === 3 ? 9 : 8);
  const type = name + padded(lengths[0]);
  const space = type + padded(lengths[1]);
  const data = space + padded(lengths[2]);
  if (data > at + size) throw file.corrupt(at, 'an attribute reaches beyond its header');
  if (version > 1 && file.u8(at + 1) !== 0) throw file.unsupported('types shared between its attributes');
  const label = file.text(name, lengths[0]).replace(/\0.*$/s, '');
  const datatype = readDatatype(file, type);
  const count = readDataspace(file, space)?.reduce((n, d) => n * d, 1) ?? 0;
  if (datatype.kind !== 'text' && datatype.kind !== 'heap-text') {
    attributes.set(label, []);
    return;
  }
  if (data + count * datatype.bytes > at + size) throw file.corrupt(at, `attribute "${label}" is cut off`);
  const entry = (i: number) => data + i * datatype.bytes;
  const read =
    datatype.kind === 'text'
      ? (i: number) => file.text(entry(i), datatype.bytes).replace(/\0.*$/s, '')
      : (i: number) => heapText(file, entry(i));
  attributes.set(
    label,
    Array.from({ length: count }, (_, i) => read(i)),
  );
}

/** Text in a global heap: its length, the heap's address, the number of the object there. */
function heapText(file: Hdf5Bytes, at: number): string {
  const length = file.u32(at);
  if (length === 0) return '';
  const heap = file.place(at + 4);
  const wanted = file.u32(at + 4 + file.addressBytes);
  file.signature(heap, 'GCOL');
  const end = heap + file.size(heap + 8);
  const head = 8 + file.lengthBytes;
  for (let next = heap + 8 + file.lengthBytes; next + head <= end;) {
    file.spend(head);
    const index = file.u16(next);
    const size = file.size(next + 8);
    if (index === wanted) {
      if (length > size) throw file.corrupt(next, 'a text is longer than its place');
      return file.text(next + head, length).replace(/\0.*$/s, '');
    }
    if (index === 0) break; // free space, always last
    next += head + Math.ceil(size / 8) * 8;
  }
  throw file.corrupt(heap, 'a text is not where it should be');
}
