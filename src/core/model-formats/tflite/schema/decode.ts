/**
 * Decodes a FlatBuffer into plain rows, with every offset checked against the file before it is followed. A hostile file
 * can make many offsets point at one place, so that a small file unfolds into a huge tree: what is decoded is therefore
 * counted against the size of the file, which an honest file cannot exceed.
 *
 * Vectors of numbers are views into the file where its alignment allows and copies otherwise.
 */
import { RangefinderError } from '../../../../base/errors';
import { fieldsOf, unionOf, type Field, type Row, type Scalars, type TableName } from './tables';

const ELEMENT_BYTES = { 'i32[]': 4, 'f32[]': 4, 'i64[]': 8, 'u16[]': 2, 'u8[]': 1, data: 1, string: 1 } as const;
const SCALAR_BYTES: Record<keyof Scalars, number> = { u8: 1, i8: 1, bool: 1, i32: 4, u32: 4, f32: 4, u64: 8, i64: 8 };
/** What a table takes at least in an honest file: the offset that points to it and the one to its vtable. */
const TABLE_BYTES = 8;

export class Decoder {
  private readonly view: DataView;
  private readonly text = new TextDecoder();
  private budget: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileName: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.budget = 2 * bytes.byteLength + 65536;
  }

  /** Decodes the root table and all below it. */
  root<N extends TableName>(table: N): Row<N> {
    return this.table(table, this.pointer(0, table), table);
  }

  private table<N extends TableName>(table: N, at: number, path: string): Row<N> {
    this.spend(TABLE_BYTES, at, path);
    this.need(at, 4, path);
    const vtable = at - this.view.getInt32(at, true);
    this.need(vtable, 4, path);
    const slots = (this.view.getUint16(vtable, true) - 4) >> 1;
    const size = this.view.getUint16(vtable + 2, true);
    if (slots < 0 || size < 4) throw this.corrupt(vtable, path, 'has an impossible vtable');
    this.need(vtable + 4, 2 * slots, path);
    this.need(at, size, path);

    const row: Record<string, unknown> = {};
    for (const field of fieldsOf(table)) {
      const offset = field.slot < slots ? this.view.getUint16(vtable + 4 + 2 * field.slot, true) : 0;
      if (offset === 0) {
        if (field.type in SCALAR_BYTES) row[field.name] = absent(field);
        continue;
      }
      const where = `${path}.${field.name}`;
      const width = SCALAR_BYTES[field.type as keyof Scalars] ?? 4;
      if (offset < 4 || offset + width > size) throw this.corrupt(at + offset, where, 'lies outside its table');
      const value =
        field.type in SCALAR_BYTES
          ? this.scalar(field.type as keyof Scalars, at + offset, where)
          : this.reference(field, row, at + offset, where);
      if (value !== undefined) row[field.name] = value;
    }
    return row as Row<N>;
  }

  private scalar(type: keyof Scalars, at: number, path: string): number | bigint | boolean {
    switch (type) {
      case 'u8':
        return this.view.getUint8(at);
      case 'i8':
        return this.view.getInt8(at);
      case 'bool':
        return this.view.getUint8(at) !== 0;
      case 'i32':
        return this.view.getInt32(at, true);
      case 'u32':
        return this.view.getUint32(at, true);
      case 'f32':
        return this.view.getFloat32(at, true);
      case 'u64': {
        const value = this.view.getBigUint64(at, true);
        if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.corrupt(at, path, 'is impossibly large');
        return Number(value);
      }
      case 'i64':
        return this.view.getBigInt64(at, true);
    }
  }

  private reference(field: Field, row: Record<string, unknown>, at: number, path: string): unknown {
    const { type } = field;
    const union = unionOf(type);
    if (union) {
      const table = union[(row[`${field.name}Type`] as number) - 1];
      if (!table) return undefined;
      return { table, fields: this.table(table, this.pointer(at, path), `${path}(${table})`) };
    }
    const target = this.pointer(at, path);
    if (type in ELEMENT_BYTES) return this.numbers(type as keyof typeof ELEMENT_BYTES, target, path);
    if (!type.endsWith('[]')) return this.table(type as TableName, target, path);
    const element = type.slice(0, -2) as TableName;
    const count = this.count(target, 4, path);
    const rows: Row<TableName>[] = [];
    for (let i = 0; i < count; i++) {
      const where = `${path}[${i}]`;
      rows.push(this.table(element, this.pointer(target + 4 + 4 * i, where), where));
    }
    return rows;
  }

  private numbers(type: keyof typeof ELEMENT_BYTES, at: number, path: string): unknown {
    const width = ELEMENT_BYTES[type];
    const count = this.count(at, width, path);
    this.spend(count * width, at, path);
    const bytes = this.bytes.subarray(at + 4, at + 4 + count * width);
    switch (type) {
      case 'data':
      case 'u8[]':
        return bytes;
      case 'string':
        return this.text.decode(bytes);
      case 'i32[]':
        return typedView(Int32Array, bytes);
      case 'f32[]':
        return typedView(Float32Array, bytes);
      case 'u16[]':
        return typedView(Uint16Array, bytes);
      case 'i64[]':
        return typedView(BigInt64Array, bytes);
    }
  }

  /** Length of the vector at `at`, its elements checked to lie inside the file. */
  private count(at: number, width: number, path: string): number {
    this.need(at, 4, path);
    const count = this.view.getUint32(at, true);
    if (at + 4 + count * width > this.bytes.byteLength)
      throw this.corrupt(at, path, `claims ${count} elements, more than the file holds`);
    return count;
  }

  private pointer(at: number, path: string): number {
    this.need(at, 4, path);
    const target = at + this.view.getUint32(at, true);
    this.need(target, 4, path);
    return target;
  }

  private need(at: number, length: number, path: string): void {
    if (at < 0 || at + length > this.bytes.byteLength) throw this.corrupt(at, path, 'points outside the file');
  }

  private spend(bytes: number, at: number, path: string): void {
    this.budget -= bytes;
    if (this.budget < 0) throw this.corrupt(at, path, 'repeats more content than the file can hold');
  }

  private corrupt(at: number, path: string, problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file is damaged: ${path} ${problem}.`,
      where: `${this.fileName}, byte ${at} of ${this.bytes.byteLength}`,
      hint: 'Download or export the file again.',
    });
  }
}

/** The value of a scalar that is not there. */
export function absent({ type, default: value }: Field): number | bigint | boolean {
  return type === 'bool' ? value !== 0 : type === 'i64' ? BigInt(value) : value;
}

interface TypedArrayType<T> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Little-endian numbers as a typed array: a view where the bytes are aligned, otherwise a copy. */
export function typedView<T>(type: TypedArrayType<T>, bytes: Uint8Array): T {
  const width = type.BYTES_PER_ELEMENT;
  const length = Math.floor(bytes.byteLength / width);
  return bytes.byteOffset % width === 0
    ? new type(bytes.buffer, bytes.byteOffset, length)
    : new type(bytes.slice().buffer, 0, length);
}
