/**
 * Reads numbers of an HDF5 file, each checked to lie inside it. A hostile file can make many addresses point at one place,
 * so that a small file unfolds into endless work: what is parsed is counted against the size of the file.
 */
import { RangefinderError } from '../../../base/errors';

/** Structures are parsed once each, but may share bytes, and names are compared: an honest file stays far below. */
const WORK_PER_BYTE = 16;
const FREE_WORK = 2 ** 20;

export class Hdf5Bytes {
  readonly view: DataView;
  /** Bytes of an address and of a length; set when the superblock is read. */
  addressBytes = 8;
  lengthBytes = 8;
  #work: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly fileName: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#work = FREE_WORK + WORK_PER_BYTE * bytes.length;
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    this.need(at, 1);
    return this.view.getUint8(at);
  }

  u16(at: number): number {
    this.need(at, 2);
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.view.getUint32(at, true);
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  uint(at: number, width: number): number {
    if (width === 8) {
      this.need(at, 8);
      return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
    }
    return width === 4 ? this.u32(at) : width === 2 ? this.u16(at) : this.u8(at);
  }

  size(at: number): number {
    return this.uint(at, this.lengthBytes);
  }

  /** null for the address that stands for nothing, all of whose bits are set. */
  address(at: number): number | null {
    const value = this.uint(at, this.addressBytes);
    if (value === (this.addressBytes === 8 ? 2 ** 64 : 2 ** (8 * this.addressBytes) - 1)) return null;
    if (value >= this.length) throw this.corrupt(at, 'an address points outside the file');
    return value;
  }

  /** An address that has to be there. */
  place(at: number): number {
    return this.address(at) ?? this.fail(at, 'an address is missing');
  }

  slice(at: number, length: number): Uint8Array {
    this.need(at, length);
    return this.bytes.subarray(at, at + length);
  }

  text(at: number, length: number): string {
    this.spend(length);
    return new TextDecoder().decode(this.slice(at, length));
  }

  /** Text up to the first zero byte, at most to `end`. */
  name(at: number, end: number): string {
    const stop = this.bytes.indexOf(0, at);
    if (at > end || stop < 0 || stop > end) throw this.corrupt(at, 'a name does not end');
    return this.text(at, stop - at);
  }

  signature(at: number, wanted: string): void {
    this.need(at, 4);
    for (let i = 0; i < 4; i++)
      if (this.bytes[at + i] !== wanted.charCodeAt(i))
        throw this.corrupt(at, `there is no ${wanted} where one should be`);
    this.spend(4);
  }

  need(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.length)) throw this.corrupt(at, 'it ends within a structure');
  }

  spend(work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw this.corrupt(0, 'it refers to the same content over and over');
  }

  fail(at: number, problem: string): never {
    throw this.corrupt(at, problem);
  }

  corrupt(at: number, problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `"${this.fileName}" is damaged: ${problem}.`,
      where: `${this.fileName}, byte ${at} of ${this.length}`,
      hint: 'Copy or download the file again.',
    });
  }

  unsupported(what: string): RangefinderError {
    return new RangefinderError({
      code: 'unsupported-feature',
      message: `"${this.fileName}" stores ${what}, which Rangefinder does not read.`,
      where: this.fileName,
      hint: 'Save the model again with Keras, which writes HDF5 files of the plain kind.',
    });
  }
}
