/** Object headers: the list of messages that say what a group or data set is (specification IV.A). */
import type { Hdf5Bytes } from './bytes';

export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** Kept elsewhere and referred to: types with a name of their own, which Keras never writes. */
const SHARED = 2;

interface Block {
  readonly at: number;
  readonly end: number;
}

export function readMessages(file: Hdf5Bytes, at: number): Message[] {
  return file.u8(at) === 1 ? readVersion1(file, at) : readVersion2(file, at);
}

function readVersion1(file: Hdf5Bytes, at: number): Message[] {
  const count = file.u16(at + 2);
  const first = { at: at + 16, end: at + 16 + file.u32(at + 8) };
  return collect(file, first, (block, messages, blocks) => {
    for (let next = block.at; next + 8 <= block.end && messages.length + blocks.length - 1 < count;) {
      const message = { type: file.u16(next), size: file.u16(next + 2), at: next + 8 };
      take(file, message, file.u8(next + 4), block, messages, blocks);
      next = message.at + message.size;
    }
  });
}

function readVersion2(file: Hdf5Bytes, at: number): Message[] {
  file.signature(at, 'OHDR');
  if (file.u8(at + 4) !== 2) throw file.corrupt(at, 'an object header is of an unknown version');
  const flags = file.u8(at + 5);
  let next = at + 6;
  if (flags & 0x20) next += 16; // times
  if (flags & 0x10) next += 4; // limits of dense storage
  const width = 1 << (flags & 3);
  const head = flags & 4 ? 6 : 4;
  const first = { at: next + width, end: next + width + file.uint(next, width) };
  return collect(file, first, (block, messages, blocks) => {
    const isFirst = block === first;
    if (!isFirst) file.signature(block.at, 'OCHK');
    const end = isFirst ? block.end : block.end - 4; // its checksum
    for (let from = isFirst ? block.at : block.at + 4; from + head <= end;) {
      const message = { type: file.u8(from), size: file.u16(from + 1), at: from + head };
      take(file, message, file.u8(from + 3), { ...block, end }, messages, blocks);
      from = message.at + message.size;
    }
  });
}

type ReadBlock = (block: Block, messages: Message[], blocks: Block[]) => void;

/** Of the first block and of those it continues in. */
function collect(file: Hdf5Bytes, first: Block, read: ReadBlock): Message[] {
  const messages: Message[] = [];
  const blocks = [first];
  for (const block of blocks) {
    file.need(block.at, block.end - block.at);
    file.spend(block.end - block.at);
    read(block, messages, blocks);
  }
  return messages;
}

function take(
  file: Hdf5Bytes,
  message: Message,
  flags: number,
  block: Block,
  messages: Message[],
  blocks: Block[],
): void {
  const { type, at, size } = message;
  if (at + size > block.end) throw file.corrupt(at, 'a message reaches beyond its header');
  if (type === MESSAGE.continuation) {
    const start = file.place(at);
    blocks.push({ at: start, end: start + file.size(at + file.addressBytes) });
  } else if (flags & SHARED) {
    if (type !== MESSAGE.attribute) throw file.unsupported('types shared between its data sets');
  } else messages.push(message);
}
