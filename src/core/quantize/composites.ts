/** Ops that lose so much in int8 that they are left in float: not one by one, but with all they belong to. */
import { consumers, tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import { normalizations } from '../graph/normalizations';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { chooseQuantParams } from '../numerics/affine';
import { INT8_ACTIVATION } from '../number-formats/format';
import { ofHistogram } from '../calibration/distribution';
import { quantizationError } from '../calibration/quantization-error';
import type { TensorStats } from '../calibration/types';

/**
 * A variance in int8 has two digits where its root needs as many as its octaves; whatever is divided by it has the error of
 * the coarsest step. Of all ways to compute a normalization in LiteRT, that in float between int8 tensors errs least.
 */
const NORMALIZATION = 'it is part of a normalization, whose variance int8 cannot hold';

/** Probabilities gain this much, in decibels, by a scale of their own, or stay with the kernel's. */
const WORTH_FLOAT = 6;

const PROBABILITIES = 'its probabilities are far below 1, where its int8 kernel has few codes';

/** Ops that are left in float for the sake of what they are part of, with the reason. */
export function floatComposites(
  graph: Graph,
  statsOf: (id: TensorId) => TensorStats | undefined,
): ReadonlyMap<OpId, string> {
  const reasons = new Map<OpId, string>();
  for (const { ops } of normalizations(graph)) for (const { id } of ops) reasons.set(id, NORMALIZATION);
  const readersOf = consumers(graph);
  for (const op of graph.ops) if (losesProbabilities(graph, op, readersOf, statsOf)) reasons.set(op.id, PROBABILITIES);
  return reasons;
}

/** Whether a softmax of attention, which weighs values, spends most of its kernel's codes on what never comes. */
function losesProbabilities(
  graph: Graph,
  op: Op,
  readersOf: ReadonlyMap<TensorId, readonly Op[]>,
  statsOf: (id: TensorId) => TensorStats | undefined,
): boolean {
  const rule = definitionOf(op).quant;
  const [y] = op.outputs;
  const stats = statsOf(y);
  if (op.kind !== 'softmax' || rule.kind !== 'fixed-output' || !stats || stats.count === 0) return false;
  if (graph.outputs.includes(y) || !leadsToProduct(y, readersOf) || tensorOf(graph, y).dtype !== 'float32')
    return false;
  const distribution = ofHistogram(stats);
  const errorOf = (params: { scale: number; zeroPoint: number }) => {
    const { clipping, rounding } = quantizationError(distribution, params, INT8_ACTIVATION);
    return clipping + rounding;
  };
  const [own, prescribed] = [errorOf(chooseQuantParams(stats, INT8_ACTIVATION)), errorOf(rule)];
  return own > 0 && 10 * Math.log10(prescribed / own) > WORTH_FLOAT;
}

/** Whether a matrix product reads it, perhaps reshaped. */
function leadsToProduct(id: TensorId, readersOf: ReadonlyMap<TensorId, readonly Op[]>): boolean {
  return (readersOf.get(id) ?? []).some(
    ({ kind, outputs }) =>
      kind === 'batchMatMul' ||
      ((kind === 'reshape' || kind === 'transpose') && outputs.some((y) => leadsToProduct(y, readersOf))),
  );
}
