/** What a model may unfold into: a small file can ask for much by using a part of itself again and again. */
import { BUDGET } from '../../base/budget';
import { RangefinderError } from '../../base/errors';

const MOST_OPS = BUDGET.ops;
export const MOST_OUTPUTS = BUDGET.outputsOfOp;

/** @throws RangefinderError 'too-large' where one op more, of so many outputs, would be too many */
export function checkLimits(opsSoFar: number, outputs: number, where: string): void {
  if (opsSoFar < MOST_OPS && outputs <= MOST_OUTPUTS) return;
  throw new RangefinderError({
    code: 'too-large',
    message:
      outputs > MOST_OUTPUTS
        ? `"${where}" has ${outputs} outputs; at most ${MOST_OUTPUTS} are read.`
        : `The model unfolds into more than ${MOST_OPS} ops.`,
    where,
    hint: 'Models of this size do not fit into a browser.',
  });
}
