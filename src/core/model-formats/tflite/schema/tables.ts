/**
 * The TensorFlow Lite schema (version 3) as data: for each table its fields as [slot, type, default]. `decode.ts` and
 * `encode.ts` are driven by it, the types below are derived from it. Fields that only debuggers read are left out.
 *
 * Scalars: u8 i8 i32 u32 u64 i64 f32 bool. `T[]` is a vector (bool as u8), `data` a byte vector that is written 16-byte
 * aligned, `union U` one of the tables of {@link UNIONS}, which one says the field in the slot before.
 */
import { MODEL_TABLES } from './model-tables';
import { OPTIONS2_TABLES } from './options2-tables';
import { OPTIONS_TABLES } from './options-tables';

export const SCHEMA = { ...MODEL_TABLES, ...OPTIONS_TABLES, ...OPTIONS2_TABLES } as const;

export type TableName = keyof typeof SCHEMA;
export type OptionsTable = keyof typeof OPTIONS_TABLES;
export type Options2Table = keyof typeof OPTIONS2_TABLES;
export type DetailsTable = 'CustomQuantization' | 'BlockwiseQuantization' | 'MultiAxisQuantization';
export type IndicesTable = 'Int32Vector' | 'Uint16Vector' | 'Uint8Vector';

interface UnionTables {
  options: OptionsTable;
  options2: Options2Table;
  details: DetailsTable;
  indices: IndicesTable;
  processing: 'NormalizationOptions';
}

/** Tables of a union by type number, from 1 on. */
export const UNIONS: { readonly [U in keyof UnionTables]: readonly UnionTables[U][] } = {
  options: Object.keys(OPTIONS_TABLES) as OptionsTable[],
  options2: Object.keys(OPTIONS2_TABLES) as Options2Table[],
  details: ['CustomQuantization', 'BlockwiseQuantization', 'MultiAxisQuantization'],
  indices: ['Int32Vector', 'Uint16Vector', 'Uint8Vector'],
  // Those that follow in the metadata's schema treat scores and text, and are left undecoded.
  processing: ['NormalizationOptions'],
};

/** The union of a field type, or undefined. */
export function unionOf(type: string): readonly TableName[] | undefined {
  return type.startsWith('union ') ? UNIONS[type.slice(6) as keyof UnionTables] : undefined;
}

export interface Scalars {
  u8: number;
  i8: number;
  i32: number;
  u32: number;
  u64: number;
  i64: bigint;
  f32: number;
  bool: boolean;
}

interface Vectors {
  'i32[]': Int32Array;
  'f32[]': Float32Array;
  'i64[]': BigInt64Array;
  'u16[]': Uint16Array;
  'u8[]': Uint8Array;
  data: Uint8Array;
  string: string;
}

/** A table of a union, of the type found in the slot before. */
export interface Member<N extends TableName> {
  readonly table: N;
  readonly fields: Row<N>;
}

type Value<T> = T extends keyof Scalars
  ? Scalars[T]
  : T extends keyof Vectors
    ? Vectors[T]
    : T extends `union ${infer U extends keyof UnionTables}`
      ? Member<UnionTables[U]>
      : T extends `${infer E extends TableName}[]`
        ? readonly Row<E>[]
        : T extends TableName
          ? Row<T>
          : never;

type Fields<N extends TableName> = (typeof SCHEMA)[N];
type TypeOf<F> = F extends readonly [number, infer T, ...unknown[]] ? T : never;
type ScalarFields<N extends TableName> = {
  [F in keyof Fields<N>]: TypeOf<Fields<N>[F]> extends keyof Scalars ? F : never;
}[keyof Fields<N>];

/** A decoded table: scalars always carry a value (the schema's default where absent), the rest may be absent. */
export type Row<N extends TableName> = {
  readonly [F in ScalarFields<N>]: Value<TypeOf<Fields<N>[F]>>;
} & {
  readonly [F in Exclude<keyof Fields<N>, ScalarFields<N>>]?: Value<TypeOf<Fields<N>[F]>>;
};

/** A table to encode: what is left out is not written. */
export type Draft<N extends TableName> = {
  readonly [F in keyof Fields<N>]?: TypeOf<Fields<N>[F]> extends `${infer E extends TableName}[]`
    ? readonly Draft<E>[]
    : TypeOf<Fields<N>[F]> extends infer E extends TableName
      ? Draft<E>
      : TypeOf<Fields<N>[F]> extends `union ${infer U extends keyof UnionTables}`
        ? { readonly table: UnionTables[U]; readonly fields: object }
        : Value<TypeOf<Fields<N>[F]>>;
};

/** One field as the codecs see it. */
export interface Field {
  readonly name: string;
  readonly slot: number;
  readonly type: string;
  readonly default: number;
}

const FIELDS = new Map<TableName, readonly Field[]>(
  Object.entries(SCHEMA).map(([table, fields]) => [
    table as TableName,
    Object.entries(fields as Record<string, readonly [number, string, number?]>).map(([name, [slot, type, value]]) => ({
      name,
      slot,
      type,
      default: value ?? 0,
    })),
  ]),
);

export function fieldsOf(table: TableName): readonly Field[] {
  return FIELDS.get(table)!;
}
