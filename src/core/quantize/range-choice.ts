/** How the range of one tensor is to be found, of all who have a say in it. */
import { lookup } from '../../base/lookup';
import type { OpId, TensorId } from '../graph/graph';
import type { QuantSettings, TensorOverride } from './settings';

/**
 * A tensor's own choices, else those of its layer: the op that writes it, or whose weights it is. An estimator somebody
 * gave the tensor itself is not to be hidden by a range of the layer.
 */
export function rangeChoice(
  { tensors, layers }: QuantSettings,
  id: TensorId,
  op: OpId | undefined,
  kind: 'weight' | 'activation',
): TensorOverride {
  const own = lookup(tensors, id) ?? {};
  const layer = op === undefined ? undefined : lookup(layers, op);
  if (!layer || own.range || own.estimator) return own;
  const range = layer[`${kind}Range`];
  const estimator = layer[`${kind}Estimator`];
  return { ...own, ...(range && { range }), ...(estimator && { estimator }) };
}
