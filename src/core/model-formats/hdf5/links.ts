/** What a group holds: names and the objects they stand for (specification III.A to III.E, IV.A.2.g). */
import type { Hdf5Bytes } from './bytes';
import { densePlaces } from './dense';
import { MESSAGE, type Message } from './object-header';

/** Where a link leads: the address of an object's header, or, of a soft link, the path it stands for. */
export type Target = number | { readonly path: string };

/** By name; links into other files are left out, which no page could follow. */
export type Links = ReadonlyMap<string, Target>;

export function readLinks(file: Hdf5Bytes, messages: readonly Message[]): Links {
  const links = new Map<string, Target>();
  for (const { type, at } of messages) {
    if (type === MESSAGE.symbolTable) readSymbolTable(file, at, links);
    if (type === MESSAGE.link) readLink(file, at, links);
    if (type === MESSAGE.linkInfo) {
      const heap = at + 2 + (file.u8(at + 1) & 1 ? 8 : 0);
      const address = file.address(heap);
      if (address === null) continue;
      for (const place of densePlaces(file, address, file.place(heap + file.addressBytes)))
        readLink(file, place.at, links);
    }
  }
  return links;
}

export const isGroup = (messages: readonly Message[]) =>
  messages.some(({ type }) => type === MESSAGE.symbolTable || type === MESSAGE.link || type === MESSAGE.linkInfo);

function readSymbolTable(file: Hdf5Bytes, at: number, links: Map<string, Target>): void {
  const heap = file.place(at + file.addressBytes);
  file.signature(heap, 'HEAP');
  const names = file.place(heap + 8 + 2 * file.lengthBytes);
  const end = names + file.size(heap + 8);
  readTree(file, file.place(at), 0, (node) => {
    file.signature(node, 'SNOD');
    const count = file.u16(node + 6);
    const size = 2 * file.addressBytes + 24;
    for (let i = 0; i < count; i++) {
      const entry = node + 8 + i * size;
      file.spend(size);
      const name = file.name(names + file.uint(entry, file.addressBytes), end);
      const cached = entry + 2 * file.addressBytes;
      // The scratch space of a soft link says where in the heap its path is (III.C, cache type 2).
      if (file.u32(cached) === 2) links.set(name, { path: file.name(names + file.u32(cached + 8), end) });
      else links.set(name, file.place(entry + file.addressBytes));
    }
  });
}

/**
 * Calls `leaf` with each child of a version 1 B-tree.
 * @param type 0: of a group; 1: of chunks, whose keys are `keyBytes` long
 */
export function readTree(
  file: Hdf5Bytes,
  at: number,
  type: 0 | 1,
  leaf: (child: number, key: number) => void,
  keyBytes = file.lengthBytes,
): void {
  const visit = (node: number, level: number | null) => {
    file.signature(node, 'TREE');
    const own = file.u8(node + 5);
    // Levels count down, so that no tree leads back into itself.
    if (file.u8(node + 4) !== type || (level !== null && own !== level))
      throw file.corrupt(node, 'a tree of the file is tangled');
    const count = file.u16(node + 6);
    const first = node + 8 + 2 * file.addressBytes;
    file.spend(count * (keyBytes + file.addressBytes));
    for (let i = 0; i < count; i++) {
      const key = first + i * (keyBytes + file.addressBytes);
      const child = file.place(key + keyBytes);
      if (own === 0) leaf(child, key);
      else visit(child, own - 1);
    }
  };
  visit(at, null);
}

function readLink(file: Hdf5Bytes, at: number, links: Map<string, Target>): void {
  const flags = file.u8(at + 1);
  let next = at + 2;
  const type = flags & 8 ? file.u8(next++) : 0;
  if (flags & 4) next += 8; // creation order
  if (flags & 16) next += 1; // character set
  const width = 1 << (flags & 3);
  const length = file.uint(next, width);
  const name = file.text(next + width, length);
  const value = next + width + length;
  if (type === 0) links.set(name, file.place(value));
  if (type === 1) links.set(name, { path: file.text(value + 2, file.u16(value)) });
}
