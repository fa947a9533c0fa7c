/**
 * Encodes plain drafts of tables into a FlatBuffer. What a draft leaves out is absent from the file: runtimes tell an
 * absent vector from an empty one (an activation has no buffer data at all).
 */
import { Builder } from 'flatbuffers';
import { fieldsOf, unionOf, type Draft, type Field, type TableName } from './tables';

/** Kernels read constants in place with vector loads. */
const DATA_ALIGNMENT = 16;

const WIDTH: Readonly<Record<string, number>> = { u64: 8, i64: 8, u8: 1, i8: 1, bool: 1 };

/** @param sizeHint expected size in bytes, so that the buffer need not grow. */
export function encode<N extends TableName>(
  root: N,
  draft: Draft<N>,
  identifier: string,
  sizeHint: number,
): Uint8Array<ArrayBuffer> {
  const builder = new Builder(sizeHint);
  builder.finish(table(builder, root, draft), identifier);
  return builder.asUint8Array().slice();
}

function table(builder: Builder, name: TableName, draft: object): number {
  const { fields, slots } = layout(name);
  const values = draft as Readonly<Record<string, unknown>>;
  const offsets = fields.map((field) => {
    const value = values[field.name];
    return value === undefined || isScalar(field) ? 0 : reference(builder, field.type, value);
  });
  builder.startObject(slots);
  fields.forEach((field, i) => {
    const value = values[field.name];
    if (value === undefined || isDiscriminator(field, values)) return;
    if (isScalar(field)) scalar(builder, field, value as number | bigint | boolean);
    else builder.addFieldOffset(field.slot, offsets[i], 0);
    const union = unionOf(field.type);
    if (union) builder.addFieldInt8(field.slot - 1, union.indexOf((value as { table: TableName }).table) + 1, 0);
  });
  return builder.endObject();
}

/** The type of a union is written with its table; rows that were read have it as a field, too. */
function isDiscriminator({ name }: Field, values: Readonly<Record<string, unknown>>): boolean {
  if (!name.endsWith('Type')) return false;
  const member = values[name.slice(0, -4)];
  return typeof member === 'object' && member !== null && 'table' in member;
}

function scalar(builder: Builder, { slot, type, default: absent }: Field, value: number | bigint | boolean): void {
  if (type === 'f32') builder.addFieldFloat32(slot, Number(value), absent);
  else if (WIDTH[type] === 8) builder.addFieldInt64(slot, BigInt(value), BigInt(absent));
  else if (WIDTH[type] === 1) builder.addFieldInt8(slot, Number(value), absent);
  else builder.addFieldInt32(slot, Number(value), absent);
}

function reference(builder: Builder, type: string, value: unknown): number {
  switch (type) {
    case 'string':
      return value === '' ? builder.createString('') : builder.createSharedString(value as string);
    case 'data': {
      const bytes = value as Uint8Array;
      builder.prep(DATA_ALIGNMENT, bytes.length);
      return builder.createByteVector(bytes);
    }
    case 'i32[]':
      return numbers(builder, 4, value as Int32Array, (v) => builder.addInt32(v));
    case 'f32[]':
      return numbers(builder, 4, value as Float32Array, (v) => builder.addFloat32(v));
    case 'i64[]':
      return numbers(builder, 8, value as BigInt64Array, (v) => builder.addInt64(v));
    case 'u16[]':
      return numbers(builder, 2, value as Uint16Array, (v) => builder.addInt16(v));
    case 'u8[]':
      return builder.createByteVector(value as Uint8Array);
  }
  if (unionOf(type)) {
    const { table: name, fields } = value as { table: TableName; fields: object };
    return table(builder, name, fields);
  }
  if (!type.endsWith('[]')) return table(builder, type as TableName, value as object);
  const element = type.slice(0, -2) as TableName;
  const offsets = (value as readonly object[]).map((draft) => table(builder, element, draft));
  builder.startVector(4, offsets.length, 4);
  for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i]);
  return builder.endVector();
}

/** Vectors are built from their end. */
function numbers<T>(builder: Builder, width: number, values: ArrayLike<T>, add: (value: T) => void): number {
  builder.startVector(width, values.length, width);
  for (let i = values.length - 1; i >= 0; i--) add(values[i]);
  return builder.endVector();
}

function isScalar({ type }: Field): boolean {
  return type in WIDTH || type === 'i32' || type === 'u32' || type === 'f32';
}

interface Layout {
  /** Widest first, which leaves no holes between them. */
  readonly fields: readonly Field[];
  readonly slots: number;
}

const layouts = new Map<TableName, Layout>();

function layout(name: TableName): Layout {
  let known = layouts.get(name);
  if (!known) {
    const fields = fieldsOf(name).toSorted((a, b) => (WIDTH[b.type] ?? 4) - (WIDTH[a.type] ?? 4));
    known = { fields, slots: Math.max(-1, ...fields.map(({ slot }) => slot)) + 1 };
    layouts.set(name, known);
  }
  return known;
}
