import { RangefinderError } from '../../../../base/errors';
import type { Op } from '../../../graph/ops/attrs';
import { operatorDraft, type CarriedOperator } from '../carried';
import { builtinName } from '../schema/enums';
import type { Target, WrittenOp } from './row';

/** An operator as its file had it, with its inputs and outputs where they are now. */
export function writeOpaque(op: Op<'opaque'>, target: Target): WrittenOp {
  const { code, row, intermediates } = op.attrs.payload as CarriedOperator;
  if (!code || !row)
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `${op.attrs.operator} "${op.sourceName}" has no form in a .tflite file.`,
      where: op.id,
    });
  return {
    builtin: builtinName(Math.max(code.builtinCode, code.deprecatedBuiltinCode)),
    ...(code.customCode && { customCode: code.customCode }),
    version: code.version,
    inputs: op.inputs,
    carried: {
      ...operatorDraft(row),
      ...(intermediates.length > 0 && {
        intermediates: Int32Array.from(intermediates, (tensor) => target.internal(tensor)),
      }),
    },
  };
}
