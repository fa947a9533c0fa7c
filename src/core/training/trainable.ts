/** What training can work on. */
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { INT8_WEIGHT } from '../number-formats/format';
import type { QuantPlan } from '../quantize/plan';

/**
 * @param undifferentiable the ops between what is trained and the loss whose gradient is not known
 * @throws RangefinderError 'unsupported-op' naming those ops, 'unsupported-feature' naming weights with a zero point or in
 *   blocks of integers, 'invalid-settings' where there is nothing to train
 */
export function checkTrainable(graph: Graph, plan: QuantPlan, undifferentiable: readonly Op[]): void {
  if (undifferentiable.length > 0)
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `${graph.name} cannot be trained: it has ops whose gradient is not known here.`,
      details: undifferentiable.map((op) => `${definitionOf(op).label}: ${op.sourceName || op.id}`),
      hint: 'Quantize it after training instead; algorithms such as AdaRound need no gradients through the model.',
    });
  const refused = Object.values(plan.weights).filter(
    ({ format = INT8_WEIGHT, block }) => block !== undefined || (format.kind === 'int' && !format.symmetric),
  );
  if (refused.length > 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'Scales of weights are trained around zero, one for each channel or one for all.',
      details: refused.map(
        ({ tensor, block }) => `${tensor}: ${block === undefined ? 'a zero point' : `blocks of ${block}`}`,
      ),
      hint: 'Choose codes around zero, and a scale per channel or per tensor; MX formats have blocks that can be trained.',
    });
  if (Object.keys(plan.weights).length === 0)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `${graph.name} has no quantized weights to train.`,
      hint: 'Quantize at least one layer with weights.',
    });
}
