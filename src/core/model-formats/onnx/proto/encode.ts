/** Encodes messages of {@link SCHEMA} in protobuf's wire format. */
import type { SCHEMA } from './schema';
import { fieldsOf, type Message, type MessageName } from './schema';

/** A message whose absent fields are left out. */
export type MessageDraft<N extends MessageName> = {
  readonly [F in keyof Message<N>]?: Draft<Message<N>[F]>;
};

type Draft<T> = T extends readonly (infer E)[]
  ? readonly Draft<E>[]
  : T extends Float32Array | Float64Array | Uint8Array | string | number | undefined
    ? T
    : { readonly [F in keyof T]?: Draft<T[F]> };

const TEXT = new TextEncoder();
const VARINT = 0;
const EIGHT_BYTES = 1;
const DELIMITED = 2;
const FOUR_BYTES = 5;

/** Grows as it is written to. */
class Sink {
  private bytes = new Uint8Array(256);
  private length = 0;

  varint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  delimited(field: number, bytes: Uint8Array): void {
    this.varint(field * 8 + DELIMITED);
    this.varint(bytes.length);
    this.append(bytes);
  }

  taken(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Numbers are little-endian on every machine that runs this. */
const raw = (values: Float32Array | Float64Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function packed(values: Iterable<number>): Uint8Array {
  const sink = new Sink();
  for (const value of values) sink.varint(value);
  return sink.taken();
}

export function encodeMessage<N extends MessageName>(name: N, message: MessageDraft<N>): Uint8Array<ArrayBuffer> {
  const sink = new Sink();
  for (const { name: field, number, type } of fieldsOf(name).values()) {
    const value = (message as Readonly<Record<string, unknown>>)[field];
    if (value !== undefined) encodeField(sink, number, type, value);
  }
  return sink.taken();
}

function encodeField(sink: Sink, field: number, type: string, value: unknown): void {
  if (type.endsWith('[]') && !isNumeric(type)) {
    for (const item of value as readonly unknown[]) encodeField(sink, field, type.slice(0, -2), item);
    return;
  }
  switch (type) {
    case 'int':
      sink.varint(field * 8 + VARINT);
      return sink.varint(value as number);
    case 'float':
      sink.varint(field * 8 + FOUR_BYTES);
      return sink.append(raw(Float32Array.of(value as number)));
    case 'double':
      sink.varint(field * 8 + EIGHT_BYTES);
      return sink.append(raw(Float64Array.of(value as number)));
    case 'string':
      return sink.delimited(field, TEXT.encode(value as string));
    case 'bytes':
      return sink.delimited(field, value as Uint8Array);
    case 'int[]':
    case 'uint[]':
      return sink.delimited(field, packed(value as Float64Array));
    case 'float[]':
    case 'double[]':
      return sink.delimited(field, raw(value as Float32Array));
    default:
      return sink.delimited(field, encodeMessage(type as keyof typeof SCHEMA, value as never));
  }
}

const isNumeric = (type: string) => /^(int|uint|float|double)\[\]$/.test(type);
