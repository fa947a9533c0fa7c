/** Refuses a file for all the ops Rangefinder does not model at once. */
import { RangefinderError } from '../../errors';
import { BUILTIN_READERS } from './ops/table';
import type { FileOp } from './source-op';

export function refuseUnsupported(ops: readonly FileOp[], fileName: string): void {
  const unknown = ops.filter((op) => !BUILTIN_READERS.has(op.builtin) && !op.mayEvaluate());
  if (unknown.length > 0) throw unsupportedOps(unknown, fileName);
}

export function unsupportedOps(ops: readonly FileOp[], fileName: string): RangefinderError {
  const names = [...new Set(ops.map((op) => op.builtin))];
  return new RangefinderError({
    code: 'unsupported-op',
    message: `The model uses ${names.length === 1 ? 'an operator' : 'operators'} Rangefinder does not model: ${names.join(', ')}.`,
    where: fileName,
    hint: 'Replace these layers, or cut the model before them.',
    details: ops.map((op) => `${op.builtin} (${op.place()})`),
  });
}
