/**
 * How strongly a model's first layer reacts to its input. Trained networks keep pre-activations near unit deviation: batch
 * normalization does so by construction, initial weights by design. Fed bytes where it wants 0..1 the first layer is
 * overdriven by a factor of hundreds; the other way round it hardly tells one input from another.
 */
import { consumers, tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { OpKind } from '../graph/ops/attrs';

const WEIGHTED: ReadonlySet<OpKind> = new Set(['conv2d', 'depthwiseConv2d', 'transposeConv2d', 'fullyConnected']);

/** The output of the first layer with weights that every value of a single input goes through. */
export function firstResponse(graph: Graph): { readonly tensor: TensorId; readonly channels: number } | undefined {
  if (graph.inputs.length !== 1) return undefined;
  const readers = consumers(graph);
  let [tensor] = graph.inputs;
  for (;;) {
    const [op, ...others] = readers.get(tensor) ?? [];
    if (!op || others.length > 0 || op.outputs.length !== 1) return undefined;
    [tensor] = op.outputs;
    if (WEIGHTED.has(op.kind)) return { tensor, channels: tensorOf(graph, tensor).shape.at(-1)! };
  }
}

/** Deviation of a channel over samples and positions, as root mean square over the channels. */
export function responseDeviation(activations: readonly Float32Array[], channels: number): number {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let values = 0;
  for (const activation of activations) {
    values += activation.length;
    for (let i = 0; i < activation.length; i += channels)
      for (let c = 0; c < channels; c++) {
        sums[c] += activation[i + c];
        squares[c] += activation[i + c] ** 2;
      }
  }
  const perChannel = values / channels;
  let variance = 0;
  for (let c = 0; c < channels; c++)
    variance += Math.max(0, squares[c] / perChannel - (sums[c] / perChannel) ** 2) / channels;
  return Math.sqrt(variance);
}

/**
 * Between 0.03 and 10. Measured with images: 0.15 to 1.0 where the range was right (ResNet8, VWW, MobileNet, BlazeFace,
 * UltraFace, DeepLab), 0.003 and 15 to 78 where it was off by 255. A factor of two is beyond what this can tell.
 */
export function isPlausibleResponse(deviation: number): boolean {
  return deviation > 0.03 && deviation < 10;
}
