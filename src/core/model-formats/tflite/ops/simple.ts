/** Rows of operators whose inputs are those of the op and whose options hold nothing. */
import type { Op, OpKind } from '../../../graph/ops/attrs';
import type { Draft } from '../schema/tables';
import type { SharedRow, SourceOp, Target, WrittenOp, WrittenOptions } from './row';

export type Version = (op: Op, target: Target) => number;

/** Tables without fields. */
export type Empty = Exclude<
  { [N in WrittenOptions['table']]: keyof Draft<N> extends never ? N : never }[WrittenOptions['table']],
  never
>;

/** As many inputs as the op has; the options table, where there is one, is empty. */
function simple<K extends OpKind>(builtin: string, inputs: number, version: Version, table?: Empty): SharedRow<K> {
  return {
    read: {
      [builtin]: (op: SourceOp) => ({ attrs: {}, inputs: Array.from({ length: inputs }, (_, i) => op.input(i)) }),
    },
    write: (op: Op, target: Target): WrittenOp => ({
      builtin,
      version: version(op, target),
      ...(table && { options: { table, fields: {} } as WrittenOptions }),
      inputs: op.inputs,
    }),
  } as SharedRow<K>;
}

export function plain<K extends OpKind>(builtin: string, version: Version, table?: Empty): SharedRow<K> {
  return simple(builtin, 1, version, table);
}

export function pairwise<K extends OpKind>(builtin: string, table: Empty, version: Version): SharedRow<K> {
  return simple(builtin, 2, version, table);
}

export function ofThree<K extends OpKind>(builtin: string, table: Empty, version: Version): SharedRow<K> {
  return simple(builtin, 3, version, table);
}
