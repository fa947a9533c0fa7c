import type { Graph, Tensor } from '../graph';
import { softmaxReach } from '../softmax-reach';

/**
 * What masks become at most. A softmax gives exactly zero to what lies 104 below its largest value, so that this hides
 * whatever scores there are; and it is small enough for int8 kernels to multiply and add.
 */
const MASK = 2 ** 16;

/**
 * Constants that hide values from a softmax (−∞, the smallest float32, −10⁹) become −65536: infinities have no scale, and
 * with such a large one nothing is left of the scores. The softmax gives what it did, except for rows that are masked
 * throughout, whose values stand for nothing.
 */
export function finiteMasks(graph: Graph): Graph {
  const isMask = ({ data }: Tensor) => data instanceof Float32Array && data.some((value) => Math.abs(value) > MASK);
  const masks = [...graph.tensors.values()].filter(isMask);
  if (masks.length === 0) return graph;
  const reaches = softmaxReach(graph);
  const finite = masks.filter(({ id }) => reaches(id));
  if (finite.length === 0) return graph;
  const tensors = new Map(graph.tensors);
  for (const tensor of finite) {
    const values = tensor.data as Float32Array;
    tensors.set(tensor.id, { ...tensor, data: values.map((value) => Math.max(-MASK, Math.min(MASK, value))) });
  }
  return { ...graph, tensors };
}
