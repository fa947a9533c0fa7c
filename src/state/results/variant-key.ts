import type { QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';

/**
 * What the model as algorithms and training leave it depends on: them, and the choices about weights. Ranges of activations
 * it does not.
 */
export function variantKey(
  { algorithms = [], trained, weights, layers, rules = [], tensors }: QuantSettings,
  plan: QuantPlan | null,
): string {
  const own = Object.entries(tensors).filter(([id]) => !plan || Object.hasOwn(plan.weights, id));
  return JSON.stringify([algorithms, weights, layers, rules, own, trained]);
}
