/** Where ranges start from. */
import { lookup, put } from '../../base/lookup';
import type { Graph, TensorId } from '../graph/graph';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../number-formats/format';
import type { ActivationPlan, Calibration, QuantPlan, WeightPlan } from '../quantize/plan';
import { planQuantization } from '../quantize/resolve';
import type { QuantSettings } from '../quantize/settings';
import { roundingNoise } from './rounding-noise';
import type { QatSettings } from './settings';

/** Where ranges of coarse formats start: the estimator behind each word but `settings`. */
const ESTIMATOR = { fitted: 'mse', lsq: 'lsq' } as const;

/** Formats this coarse need a range that clips; what spans everything wastes most of their few values. */
const isCoarse = (format: AnyFormat) => roundingNoise(format) > 1.5 * roundingNoise(INT8_WEIGHT);

/**
 * The plan of the settings with ranges of the least squared error, or of LSQ's rule, where formats are coarser than 8 bits.
 * Ranges set by hand, grids that an algorithm chose and estimators chosen for a single tensor stay.
 */
export function startPlan(
  graph: Graph,
  calibration: Calibration,
  settings: QuantSettings,
  start: QatSettings['startRanges'],
): QuantPlan {
  const planned = planQuantization(graph, calibration, settings);
  if (start === 'settings') return planned;
  const estimator = { id: ESTIMATOR[start], params: {} };
  const fitted = planQuantization(graph, calibration, {
    ...settings,
    weights: { ...settings.weights, estimator },
    activations: { ...settings.activations, estimator },
  });
  const isFree = (id: TensorId, origin: (ActivationPlan | WeightPlan)['origin'], format: AnyFormat) =>
    origin === 'estimated' && !lookup(settings.tensors, id)?.estimator && isCoarse(format);
  const activations = { ...planned.activations };
  for (const { tensor, sharedWith = tensor } of Object.values(planned.activations)) {
    const { origin, format = INT8_ACTIVATION } =
      lookup(planned.activations, sharedWith) ?? lookup(planned.activations, tensor)!;
    if (isFree(sharedWith, origin, format)) put(activations, tensor, lookup(fitted.activations, tensor)!);
  }
  const weights = { ...planned.weights };
  for (const { tensor, origin, format = INT8_WEIGHT } of Object.values(planned.weights))
    if (isFree(tensor, origin, format)) put(weights, tensor, lookup(fitted.weights, tensor)!);
  return { ...planned, activations, weights };
}
