/** Damage to a `.tflite` that leaves it a FlatBuffer: fields of its tables changed by what the schema says they are. */
import type { Random } from '../../base/random';
import { Decoder } from '../../core/model-formats/tflite/schema/decode';
import { encode } from '../../core/model-formats/tflite/schema/encode';
import { IDENTIFIER } from '../../core/model-formats/tflite/schema/enums';
import {
  fieldsOf,
  unionOf,
  type Draft,
  type Field,
  type Member,
  type TableName,
} from '../../core/model-formats/tflite/schema/tables';

/** A decoded table that may be changed. */
type Table = Record<string, unknown>;

interface Place {
  readonly table: TableName;
  readonly row: Table;
  readonly field: Field;
}

const INTEGERS = [-1, 0, 1, 2, 3, 4, 7, 8, 127, 128, 255, 65536, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)];
const FLOATS = [0, -0, 1, -1, 0.5, 1e-45, 1e-20, 1e20, 3.4e38, Infinity, -Infinity, NaN];
const TEXTS = ['', 'x', 'constructor', '__proto__', 'valueOf', '\u202egnirts', '<b>', 'n'.repeat(3000)];
/** Bytes that a constant grows or shrinks by. */
const WORDS = [1, 4, 16];

/** A changed copy; null for bytes that are no model, or for changes that cannot be written down. */
export function mutateFlatbuffer(bytes: Uint8Array, random: Random): Uint8Array | null {
  try {
    const model = new Decoder(bytes, 'mutant').root('Model') as unknown as Table;
    for (let n = 1 + random.integer(3); n > 0; n--) change(model, random);
    return encode('Model', model as Draft<'Model'>, IDENTIFIER, bytes.length + 1024);
  } catch {
    return null;
  }
}

function change(model: Table, random: Random): void {
  const byTable = new Map<TableName, Place[]>();
  collect('Model', model, byTable);
  const places = pick([...byTable.values()], random);
  const { row, field } = pick(places, random);
  const value = row[field.name];
  if (random.integer(12) === 0) {
    // The value of the same field elsewhere: another tensor's shape, another operator's options.
    row[field.name] = pick(
      places.filter((place) => place.field === field),
      random,
    ).row[field.name];
  } else if (random.integer(24) === 0 && value !== undefined) delete row[field.name];
  else row[field.name] = changed(field, value, random);
}

/** The fields of a table and of all below it, gathered by the name of the table. */
function collect(table: TableName, row: Table, found: Map<TableName, Place[]>): void {
  const places = found.get(table) ?? [];
  found.set(table, places);
  for (const field of fieldsOf(table)) {
    places.push({ table, row, field });
    const value = row[field.name];
    if (value === undefined) continue;
    if (unionOf(field.type)) {
      const member = value as Member<TableName>;
      collect(member.table, member.fields, found);
    } else if (isTables(field)) {
      for (const inner of value as Table[]) collect(elementOf(field), inner, found);
    } else if (isTable(field)) collect(field.type as TableName, value as Table, found);
  }
}

const NUMBERS = /^(u8|i8|i32|u32|u64|i64|f32|bool|string|data)(\[\])?$/;
const isTables = ({ type }: Field) => type.endsWith('[]') && !NUMBERS.test(type);
const isTable = ({ type }: Field) => !NUMBERS.test(type) && !/\[\]$|^u16/.test(type) && !unionOf(type);
const elementOf = ({ type }: Field) => type.slice(0, -2) as TableName;

function changed(field: Field, value: unknown, random: Random): unknown {
  switch (field.type) {
    case 'bool':
      return value !== true;
    case 'f32':
      return real(Number(value ?? 0), random);
    case 'u8':
    case 'i8':
      return random.integer(2) ? Number(value) + random.integer(5) - 2 : random.integer(64);
    case 'i32':
    case 'u32':
    case 'u64':
      return whole(Number(value ?? 0), random);
    case 'i64':
      return BigInt(whole(Number(value ?? 0), random));
    case 'string':
      return pick(TEXTS, random);
    case 'i32[]':
      return Int32Array.from(listed([...((value as Int32Array | undefined) ?? [])], whole, random));
    case 'u16[]':
      return Uint16Array.from(listed([...((value as Uint16Array | undefined) ?? [])], whole, random));
    case 'i64[]':
      return BigInt64Array.from(
        listed(Array.from((value as BigInt64Array | undefined) ?? [], Number), whole, random).map(BigInt),
      );
    case 'f32[]':
      return Float32Array.from(listed([...((value as Float32Array | undefined) ?? [])], real, random));
    case 'u8[]':
    case 'data':
      return content((value as Uint8Array | undefined) ?? new Uint8Array(0), random);
  }
  return Array.isArray(value) ? rearranged(value as Table[], random) : value;
}

function whole(value: number, random: Random): number {
  return random.integer(2) ? Math.trunc(value) + random.integer(5) - 2 : pick(INTEGERS, random);
}

function real(value: number, random: Random): number {
  return random.integer(3) ? pick(FLOATS, random) : value * pick([2, -1, 0.5, 1000], random);
}

/** One element changed, added, dropped or moved. */
function listed(
  values: number[],
  change: (value: number, random: Random) => number,
  random: Random,
): readonly number[] {
  const at = random.integer(values.length + 1);
  switch (values.length === 0 ? 1 : random.integer(6)) {
    case 0:
      return values.toSpliced(at, 1);
    case 1:
      return values.toSpliced(at, 0, change(values[at] ?? 1, random));
    case 2:
      return values.toReversed();
    default:
      return values.with(at % values.length, change(values[at % values.length], random));
  }
}

/** Bytes of a constant: a few values become others, floats among them, or it is longer or shorter than its shape says. */
function content(bytes: Uint8Array, random: Random): Uint8Array {
  const by = pick(WORDS, random);
  if (random.integer(5) === 0) return bytes.slice(0, Math.max(0, bytes.length - by));
  if (random.integer(5) === 0 || bytes.length < 4)
    return Uint8Array.from([...bytes.subarray(0, 1e6), ...Array<number>(by).fill(0)]);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let n = 1 + random.integer(3); n > 0; n--) {
    const at = random.integer(copy.length >> 2) * 4;
    if (random.integer(2)) view.setFloat32(at, pick(FLOATS, random), true);
    else view.setInt32(at, pick(INTEGERS, random), true);
  }
  return copy;
}

/** Rows dropped, doubled or in another order. */
function rearranged(rows: readonly Table[], random: Random): Table[] {
  const at = random.integer(rows.length + 1);
  if (rows.length === 0) return [];
  const row = rows[at % rows.length];
  switch (random.integer(3)) {
    case 0:
      return rows.toSpliced(at % rows.length, 1);
    case 1:
      return rows.toSpliced(at, 0, structuredClone(row));
    default:
      return rows.toSpliced(at % rows.length, 1).toSpliced(random.integer(rows.length), 0, row);
  }
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)];
}
