/**
 * Decodes Protocol Buffers messages by the tables of `schema.ts`. The wire format is read by protobufjs' minimal reader;
 * its reflective build would compile decoders from strings, which a page with a content security policy refuses, and
 * would unpack weights into arrays of boxed numbers.
 *
 * Byte fields are views into the file. What is decoded is bounded by the file's own bytes, as nothing in the format can
 * be referred to twice; only the number of messages is limited beyond that.
 */
import protobuf from 'protobufjs/minimal.js';
import { RangefinderError } from '../../../../base/errors';
import { typedView } from '../../tflite/schema/decode';
import { fieldsOf, type Field, type Message, type MessageName } from './schema';

/** Far more than any model has nodes, attributes and dimensions; a hostile file could claim one every two bytes. */
const MOST_MESSAGES = 500_000;

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

type Numbers = Float32Array | Float64Array;
type Row = Record<string, unknown>;
/** Numbers of a repeated field that come one by one, as attributes write them. */
type Loose = Map<Field, number[]>;

/** @throws RangefinderError 'corrupt-file' with the place, 'too-large' */
export function decodeMessage<N extends MessageName>(bytes: Uint8Array, message: N, fileName: string): Message<N> {
  // Node's Buffer is a Uint8Array whose slices are views, while copies are wanted of what is not aligned.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return new Decoder(plain, fileName).message(message, bytes.length, message) as Message<N>;
}

class Decoder {
  private readonly reader: protobuf.Reader;
  private readonly text = new TextDecoder();
  private messages = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileName: string,
  ) {
    this.reader = protobuf.Reader.create(bytes);
  }

  /** A message that ends at `end`; `row` is what was read of it before, as the format lets a message come in parts. */
  message(name: MessageName, end: number, path: string, row: Row = {}): Row {
    if (++this.messages > MOST_MESSAGES)
      throw new RangefinderError({
        code: 'too-large',
        message: `This ONNX file consists of more than ${MOST_MESSAGES} parts.`,
        where: this.fileName,
        hint: 'Models of this size do not fit into a browser.',
      });
    const fields = fieldsOf(name);
    for (const field of fields.values()) if (field.type.endsWith('[]')) row[field.name] ??= emptyList(field);
    const { reader } = this;
    const loose: Loose = new Map();
    while (reader.pos < end) {
      const at = reader.pos;
      try {
        const tag = reader.tag();
        const field = fields.get(tag >>> 3);
        if (field) this.field(field, tag & 7, row, loose, `${path}.${field.name}`);
        else reader.skipType(tag & 7);
      } catch (thrown) {
        throw thrown instanceof RangefinderError ? thrown : this.corrupt(at, path, 'cannot be read');
      }
      if (reader.pos > end) throw this.corrupt(at, path, 'reaches beyond its end');
    }
    for (const [{ name }, numbers] of loose) row[name] = joined(row[name] as Numbers, numbers);
    return row;
  }

  private field(field: Field, wire: number, row: Row, loose: Loose, path: string): void {
    const at = this.reader.pos;
    const expect = (...wanted: number[]) => {
      if (!wanted.includes(wire)) throw this.corrupt(at, path, `has wire type ${wire}`);
    };
    switch (field.type) {
      case 'int':
        expect(VARINT);
        row[field.name] = this.integer(true);
        return;
      case 'float':
        expect(FIXED32);
        row[field.name] = this.reader.float();
        return;
      case 'string':
        expect(BYTES);
        row[field.name] = this.text.decode(this.chunk(path));
        return;
      case 'string[]':
        expect(BYTES);
        append(row, field.name, this.text.decode(this.chunk(path)));
        return;
      case 'bytes':
        expect(BYTES);
        row[field.name] = this.chunk(path);
        return;
      case 'bytes[]':
        expect(BYTES);
        append(row, field.name, this.chunk(path));
        return;
      case 'int[]':
      case 'uint[]':
        expect(VARINT, BYTES);
        if (wire === VARINT) push(loose, field, this.integer(field.type === 'int[]'));
        else row[field.name] = joined(row[field.name] as Numbers, this.integers(field.type === 'int[]', path));
        return;
      case 'float[]':
        expect(FIXED32, BYTES);
        if (wire === FIXED32) push(loose, field, this.reader.float());
        else row[field.name] = joined(row[field.name] as Numbers, this.fixed(Float32Array, path));
        return;
      case 'double[]':
        expect(FIXED64, BYTES);
        if (wire === FIXED64) push(loose, field, this.reader.double());
        else row[field.name] = joined(row[field.name] as Numbers, this.fixed(Float64Array, path));
        return;
      default:
        expect(BYTES);
        this.child(field, row, path);
    }
  }

  private child(field: Field, row: Row, path: string): void {
    const length = this.length(path);
    const end = this.reader.pos + length;
    if (!field.type.endsWith('[]')) {
      row[field.name] = this.message(field.type as MessageName, end, path, row[field.name] as Row | undefined);
      return;
    }
    const { length: index } = row[field.name] as Row[];
    append(row, field.name, this.message(field.type.slice(0, -2) as MessageName, end, `${path}[${index}]`));
  }

  private integer(signed: boolean): number {
    const value = signed ? this.reader.int64() : this.reader.uint64();
    return (value as unknown as { toNumber(): number }).toNumber();
  }

  private integers(signed: boolean, path: string): Float64Array {
    const end = this.length(path) + this.reader.pos;
    // Every varint ends in a byte below 128.
    let count = 0;
    for (let at = this.reader.pos; at < end; at++) if (this.bytes[at] < 128) count++;
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.integer(signed);
    if (this.reader.pos !== end) throw this.corrupt(this.reader.pos, path, 'ends within a number');
    return values;
  }

  private fixed<T extends Numbers>(
    type: { new (buffer: ArrayBufferLike, at: number, length: number): T; readonly BYTES_PER_ELEMENT: number },
    path: string,
  ): T {
    const width = type.BYTES_PER_ELEMENT;
    const at = this.reader.pos;
    const bytes = this.chunk(path);
    if (bytes.length % width !== 0) throw this.corrupt(at, path, 'ends within a number');
    return typedView(type, bytes);
  }

  /** Length-delimited content, a view. */
  private chunk(path: string): Uint8Array {
    const length = this.length(path);
    const start = this.reader.pos;
    this.reader.pos += length;
    return this.bytes.subarray(start, start + length);
  }

  private length(path: string): number {
    const at = this.reader.pos;
    const length = this.reader.uint32();
    if (this.reader.pos + length > this.bytes.length) throw this.corrupt(at, path, `claims ${length} bytes`);
    return length;
  }

  private corrupt(at: number, path: string, problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: ${path} ${problem}.`,
      where: `${this.fileName}, byte ${at} of ${this.bytes.length}`,
      hint: 'Download or export the file again.',
    });
  }
}

function emptyList({ type }: Field): unknown {
  if (type === 'float[]') return NO_FLOATS;
  return type === 'int[]' || type === 'uint[]' || type === 'double[]' ? NO_NUMBERS : NOTHING;
}

function append(row: Row, name: string, item: unknown): void {
  const list = row[name] as unknown[];
  if (list === NOTHING) row[name] = [item];
  else list.push(item);
}

/** Most lists stay empty: they share these. */
const NOTHING: unknown[] = [];
const NO_FLOATS = new Float32Array(0);
const NO_NUMBERS = new Float64Array(0);

function push(loose: Loose, field: Field, value: number): void {
  const list = loose.get(field);
  if (list) list.push(value);
  else loose.set(field, [value]);
}

function joined(first: Numbers, second: Numbers | readonly number[]): Numbers {
  if (first.length === 0 && !Array.isArray(second)) return second as Numbers;
  const length = first.length + second.length;
  const all = first instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
