import * as activations from './activations';
import * as arithmetic from './arithmetic';
import type { Op, OpKind } from './attrs';
import { batchMatMul } from './batch-mat-mul';
import { batchNorm } from './batch-norm';
import * as comparisons from './comparisons';
import * as convolution from './convolution';
import type { OpDefinition } from './definition';
import * as elementwise from './elementwise';
import { fullyConnected } from './fully-connected';
import * as gathering from './gather';
import * as joining from './joining';
import * as layout from './layout';
import { opaque } from './opaque';
import * as pooling from './pooling';
import * as quantization from './quantization';
import * as recurrent from './recurrent';
import * as reductions from './reductions';
import * as reshaping from './reshape';
import * as resizing from './resize';
import * as slicing from './slicing';

/** Every op kind. A new one is a definition in this folder and its line here. */
export const OPS: { readonly [K in OpKind]: OpDefinition<K> } = {
  ...convolution,
  fullyConnected,
  batchMatMul,
  batchNorm,
  ...recurrent,
  ...arithmetic,
  ...elementwise,
  ...comparisons,
  ...joining,
  ...gathering,
  ...pooling,
  ...reductions,
  ...activations,
  ...reshaping,
  ...layout,
  ...slicing,
  ...resizing,
  ...quantization,
  opaque,
};

export function definitionOf(op: Op): OpDefinition {
  return definitionOfKind(op.kind);
}

export function definitionOfKind(kind: OpKind): OpDefinition {
  return OPS[kind] as unknown as OpDefinition; // each definition is called with ops of its own kind only
}
