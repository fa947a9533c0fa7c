import type { Graph, Tensor } from '../graph/graph';

/**
 * The same graph with int4 weights a byte each: same codes, same results, a larger file. LiteRT.js has fast kernels for int8
 * only, so this is the form in which a file is tried out; the graph itself where it holds no int4.
 */
export function widenInt4(graph: Graph): Graph {
  const packed = [...graph.tensors.values()].filter(({ dtype }) => dtype === 'int4');
  if (packed.length === 0) return graph;
  const tensors = new Map(graph.tensors);
  for (const tensor of packed) tensors.set(tensor.id, { ...tensor, dtype: 'int8' } satisfies Tensor);
  return { ...graph, tensors };
}
