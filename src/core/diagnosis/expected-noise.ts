/** What each layer's rounding amounts to by itself, from calibration and weights alone: nothing is run for it. */
import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import { INT8_ACTIVATION } from '../number-formats/format';
import { clipFigures } from '../quantize/clip-figures';
import type { Calibration, QuantizedPart, QuantPlan } from '../quantize/plan';
import { weightError } from '../quantize/weight-error';

/**
 * Noise to signal of what is a layer's own: its weights' rounding and clipping as a share of their power, plus its output's
 * as a share of its own. With independent weights a layer turns relative noise of its weights into as much relative noise
 * of its output, and hands on what its input has; so these shares stand, roughly, for what reaches the model's output.
 *
 * @param graph whose constants are quantized, @param reference of the same ops, with the float ones
 */
export function expectedNoise(
  graph: Graph,
  reference: Graph,
  plan: QuantPlan,
  { activations }: Calibration,
  part: QuantizedPart = 'both',
): ReadonlyMap<OpId, number> {
  const floatOps = new Map(reference.ops.map((op) => [op.id, op]));
  return new Map(
    graph.ops.map((op) => {
      let noise = 0;
      op.inputs.forEach((id, i) => {
        const planned = id === null ? undefined : lookup(plan.weights, id);
        const original = floatOps.get(op.id)?.inputs[i];
        if (!planned || !id || !original || part === 'activations') return;
        const used = tensorOf(graph, id);
        const float = tensorOf(reference, original).data as Float32Array;
        const { signal, clipping, rounding } = weightError(float, used.data as Float32Array, used.shape, planned);
        if (signal > 0) noise += (clipping + rounding) / signal;
      });
      if (part !== 'weights') for (const id of op.outputs) noise += outputNoise(id, plan, activations);
      return [op.id, noise] as const;
    }),
  );
}

function outputNoise(id: TensorId, plan: QuantPlan, activations: Calibration['activations']): number {
  const planned = lookup(plan.activations, id);
  const stats = lookup(activations, id);
  const format = planned?.format ?? INT8_ACTIVATION;
  // Blocks have no range to be judged by; their values are rounded well enough to come last.
  if (!planned || !stats || stats.count === 0 || format.kind === 'block') return 0;
  const { sqnrDb } = clipFigures(stats, planned.range, format);
  return Number.isFinite(sqnrDb) ? 10 ** (-sqnrDb / 10) : 0;
}
