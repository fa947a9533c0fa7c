/** Every op kind of the Graph as a .tflite file knows it: one row reads and writes it. */
import type { OpKind } from '../../../graph/ops/attrs';
import { COMPARISONS } from './comparisons';
import { CROPPING } from './cropping';
import { ELEMENTWISE } from './elementwise';
import { FUNCTIONS } from './functions';
import { INDEXING } from './indexing';
import { LSTM } from './lstm';
import { POOLING } from './pooling';
import { writeOpaque } from './opaque';
import type { OpRows, ReadOp, SourceOp } from './row';
import { SHAPING } from './shaping';
import { WEIGHTED } from './weighted';

export const TFLITE_OPS: OpRows<OpKind> = {
  ...WEIGHTED,
  ...ELEMENTWISE,
  ...FUNCTIONS,
  ...COMPARISONS,
  ...POOLING,
  ...SHAPING,
  ...CROPPING,
  ...INDEXING,
  ...LSTM,
  opaque: { read: {}, write: writeOpaque },
  batchNorm: { read: {} },
  identity: { read: {} },
};

export interface BuiltinReader {
  readonly kind: OpKind;
  readonly read: (op: SourceOp) => ReadOp<OpKind>;
}

/** Builtin operator name → how it is read. */
export const BUILTIN_READERS: ReadonlyMap<string, BuiltinReader> = new Map(
  Object.entries(TFLITE_OPS).flatMap(([kind, row]) =>
    Object.entries(row.read as Record<string, BuiltinReader['read']>).map(([builtin, read]) => [
      builtin,
      { kind: kind as OpKind, read },
    ]),
  ),
);
