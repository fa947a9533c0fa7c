/** Refuses a file for all the ops Rangefinder does not model at once. */
import { RangefinderError } from '../../errors';
import { BUILTIN_READERS } from './ops/table';
import type { FileOp } from './source-op';

const MOST_DETAILS = 100;

export function refuseUnsupported(ops: readonly FileOp[], fileName: string): void {
  const unknown = ops.filter((op) => !BUILTIN_READERS.has(op.builtin) && !op.mayEvaluate());
  if (unknown.length > 0) throw unsupportedOps(unknown, fileName);
}

export function unsupportedOps(ops: readonly FileOp[], fileName: string): RangefinderError {
  const names = [...new Set(ops.map((op) => op.builtin))];
  const details = ops.slice(0, MOST_DETAILS).map((op) => `${op.builtin} (${op.place()})`);
  if (ops.length > MOST_DETAILS) details.push(`… and ${ops.length - MOST_DETAILS} more`);
  return new RangefinderError({
    code: 'unsupported-op',
    message: `The model uses ${names.length === 1 ? 'an operator' : 'operators'} Rangefinder does not model: ${names.join(', ')}.`,
    where: fileName,
    hint: 'Replace these layers, or cut the model before them.',
    details,
  });
}
