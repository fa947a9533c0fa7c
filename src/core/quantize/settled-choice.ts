/** What the estimator "auto" stands for, tensor by tensor. */
import { consumers, type Graph, type TensorId } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';
import type { EstimatorChoice } from './settings';

export const AUTO = 'auto';

const MIN_MAX: EstimatorChoice = { id: 'minmax', params: {} };

/**
 * Tensors at the borders of a model: its inputs, its outputs, and what an output is a probability of. Clipping there makes
 * the largest scores equal, and inputs unlike what the model was given, which no measure of a few samples weighs up.
 */
export function borderTensors(graph: Graph): Set<TensorId> {
  const borders = new Set([...graph.inputs, ...graph.outputs]);
  const readersOf = consumers(graph);
  for (const op of graph.ops) {
    const [x] = op.inputs;
    const isLast = op.outputs.every((id) => graph.outputs.includes(id));
    if (x && isLast && definitionOf(op).quant.kind === 'fixed-output' && readersOf.get(x)?.length === 1) borders.add(x);
  }
  return borders;
}

/**
 * @param measured what calibration found best; absent where it did not measure
 * @param atBorder whether the range is one of {@link borderTensors}
 */
export function settledChoice(
  choice: EstimatorChoice,
  measured: EstimatorChoice | undefined,
  atBorder: boolean,
): EstimatorChoice {
  if (choice.id !== AUTO) return choice;
  return atBorder ? MIN_MAX : (measured ?? MIN_MAX);
}
