/**
 * HDF5 files as Keras writes them through h5py, read in place: groups in symbol tables or compact links, data sets in one
 * piece, compact or in deflated chunks, attributes that are texts (HDF5 File Format Specification 3.0). The HDF5 library
 * compiled to WebAssembly loops without end on some damaged files, which nothing in the same thread can stop; here every
 * address is checked and the work is counted.
 */
import { RangefinderError } from '../../../base/errors';
import { readAttributes, type Attributes } from './attributes';
import { Hdf5Bytes } from './bytes';
import { readDataset, type Dataset } from './dataset';
import { isGroup, readLinks, type Links } from './links';
import { readMessages, type Message } from './object-header';

/** Soft links followed for one path, as many as the HDF5 library follows. */
const MOST_LINKS = 16;

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export class Hdf5Group {
  #links: Links | undefined;
  #attributes: Attributes | undefined;

  constructor(
    private readonly file: Hdf5Bytes,
    private readonly messages: readonly Message[],
    /** Objects by address, each read once. */
    private readonly objects: Map<number, Hdf5Group | Dataset | null>,
    /** Where paths begin that start with a slash; the group itself where it is the root. */
    private readonly root?: Hdf5Group,
  ) {}

  keys(): string[] {
    return [...this.links.keys()];
  }

  /** Names of groups separated by slashes. */
  group(path: string): Hdf5Group | undefined {
    const object = this.object(path);
    return object instanceof Hdf5Group ? object : undefined;
  }

  dataset(path: string): Dataset | undefined {
    const object = this.object(path);
    return object instanceof Hdf5Group ? undefined : (object ?? undefined);
  }

  /** The texts of an attribute; undefined where there is no such attribute. */
  texts(name: string): readonly string[] | undefined {
    this.#attributes ??= readAttributes(this.file, this.messages);
    return this.#attributes.get(name);
  }

  private get links(): Links {
    return (this.#links ??= readLinks(this.file, this.messages));
  }

  private object(path: string, followed = 0): Hdf5Group | Dataset | null | undefined {
    const [first, ...rest] = path.split('/').filter(Boolean);
    if (first === undefined) return this;
    const at = this.links.get(first);
    if (at === undefined) return undefined;
    if (typeof at === 'object') {
      if (followed >= MOST_LINKS) throw this.file.corrupt(0, `its link "${first}" leads in circles`);
      const from = at.path.startsWith('/') ? (this.root ?? this) : this;
      return from.object([at.path, ...rest].join('/'), followed + 1);
    }
    let object = this.objects.get(at);
    if (object === undefined) {
      const messages = readMessages(this.file, at);
      object = isGroup(messages)
        ? new Hdf5Group(this.file, messages, this.objects, this.root ?? this)
        : readDataset(this.file, messages);
      this.objects.set(at, object);
    }
    if (rest.length === 0) return object;
    return object instanceof Hdf5Group ? object.object(rest.join('/'), followed) : undefined;
  }
}

/**
 * The root of a file. Data is read when asked for, as views of `bytes` where that is possible.
 * @throws RangefinderError 'unknown-format', 'corrupt-file', 'unsupported-feature'; so do the groups
 */
export function openHdf5(bytes: Uint8Array, fileName: string): Hdf5Group {
  const at = headerOffset(bytes);
  if (at < 0)
    throw new RangefinderError({
      code: bytes.length ? 'unknown-format' : 'corrupt-file',
      message: bytes.length ? `"${fileName}" is not an HDF5 file.` : `"${fileName}" is empty.`,
      where: fileName,
      hint: 'Choose a .h5 file that Keras saved with model.save().',
    });
  // Addresses count from the signature.
  const file = new Hdf5Bytes(bytes.subarray(at), fileName);
  return new Hdf5Group(file, readMessages(file, rootAddress(file)), new Map());
}

/** HDF5 allows a user block before the header: 0, 512, 1024, 2048, … bytes. */
function headerOffset(bytes: Uint8Array): number {
  for (let at = 0; at + SIGNATURE.length <= bytes.length; at = at === 0 ? 512 : at * 2)
    if (SIGNATURE.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}

/** Reads the superblock (II.A): sizes of addresses and lengths, the length of the file, where the root is. */
function rootAddress(file: Hdf5Bytes): number {
  if (file.length < 48) throw truncated(file, null);
  const version = file.u8(8);
  if (version > 3) throw file.unsupported(`a superblock of version ${version}`);
  const old = version < 2;
  file.addressBytes = file.u8(old ? 13 : 9);
  file.lengthBytes = file.u8(old ? 14 : 10);
  if (![2, 4, 8].includes(file.addressBytes) || ![2, 4, 8].includes(file.lengthBytes))
    throw file.corrupt(9, `addresses have ${file.addressBytes} and lengths ${file.lengthBytes} bytes`);
  const first = old ? (version === 0 ? 24 : 28) : 12;
  const field = (index: number) => first + index * file.addressBytes;
  const end = file.uint(field(2), file.addressBytes);
  if (end > file.length) throw truncated(file, end);
  // Of the root's entry in a symbol table, the second field; later the superblock says it itself.
  return file.place(field(old ? 5 : 3));
}

function truncated({ fileName, length }: Hdf5Bytes, stated: number | null): RangefinderError {
  return new RangefinderError({
    code: 'corrupt-file',
    message:
      stated === null
        ? `"${fileName}" ends within its header, after ${length} bytes.`
        : `"${fileName}" is truncated: ${length} of ${stated} bytes are there.`,
    where: fileName,
    hint: 'Copy or download the file again.',
  });
}
