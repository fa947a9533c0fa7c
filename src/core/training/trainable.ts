/** What training can work on. */
import { RangefinderError } from '../errors';
import type { Graph } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { INT8_ACTIVATION, type AnyFormat, type IntFormat } from '../numerics/format';
import { storedWeightFormat } from '../quantize/format-choice';
import type { QuantPlan } from '../quantize/plan';

/** The integers of a planned tensor; {@link checkTrainable} refused all other formats. */
export function integerFormat({ format }: { readonly format?: AnyFormat }, otherwise: IntFormat): IntFormat {
  return format?.kind === 'int' ? format : otherwise;
}

const isTrainable = (format: AnyFormat): boolean => format.kind === 'int' && format.bits >= 2 && format.bits <= 8;

/**
 * @param undifferentiable the ops between what is trained and the loss whose gradient is not known
 * @throws RangefinderError 'unsupported-op' naming those ops, 'unsupported-feature' naming tensors whose format cannot be
 *   trained, 'invalid-settings' where there is nothing to train
 */
export function checkTrainable(graph: Graph, plan: QuantPlan, undifferentiable: readonly Op[]): void {
  if (undifferentiable.length > 0)
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `${graph.name} cannot be trained: it has ops whose gradient is not known here.`,
      details: undifferentiable.map((op) => `${definitionOf(op).label}: ${op.sourceName || op.id}`),
      hint: 'Quantize it after training instead; algorithms such as AdaRound need no gradients through the model.',
    });
  const formats = [
    ...Object.values(plan.weights).filter((weights) => !storedWeightFormat(weights)),
    ...Object.values(plan.activations).filter(({ format = INT8_ACTIVATION }) => !isTrainable(format)),
  ];
  if (formats.length > 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'Training rounds to integers of 2 to 8 bits, weights around zero and by channel; other formats are set.',
      details: formats.map(({ tensor }) => tensor),
      hint: 'Choose INT8 or INT4 for weights and activations.',
    });
  if (Object.keys(plan.weights).length === 0)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `${graph.name} has no quantized weights to train.`,
      hint: 'Quantize at least one layer with weights.',
    });
}
