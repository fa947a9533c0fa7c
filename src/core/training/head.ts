/** Where a model's loss is taken: before the softmax or sigmoid it ends in, which the loss computes more exactly itself. */
import { producers, type Graph, type TensorId } from '../graph/graph';

export interface Head {
  /** What the loss sees. */
  readonly tensor: TensorId;
  /** What the model makes of it: class probabilities, independent probabilities, or nothing more. */
  readonly kind: 'softmax' | 'sigmoid' | 'linear';
  /** Factor inside the softmax. */
  readonly beta: number;
}

/** The head of an output; reshapes after a softmax leave the order of its values. */
export function headOf(graph: Graph, output: TensorId): Head {
  const producerOf = producers(graph);
  let op = producerOf.get(output);
  while (op && (op.kind === 'reshape' || op.kind === 'identity') && op.activation === 'none') {
    const next = producerOf.get(op.inputs[0]!);
    if (!next || !['softmax', 'sigmoid', 'reshape', 'identity'].includes(next.kind)) break;
    op = next;
  }
  if (op?.kind === 'softmax') return { tensor: op.inputs[0]!, kind: 'softmax', beta: op.attrs.beta };
  if (op?.kind === 'sigmoid') return { tensor: op.inputs[0]!, kind: 'sigmoid', beta: 1 };
  return { tensor: output, kind: 'linear', beta: 1 };
}
