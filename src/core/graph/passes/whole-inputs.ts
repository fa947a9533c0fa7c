import { consumers, tensorOf, type Graph } from '../graph';

/**
 * An input that is cast to whole numbers before anything else reads it is an input of whole numbers: word numbers of an
 * embedding, which Keras lets a model declare as float. Left float, quantization would round them to its grid.
 */
export function wholeInputs(graph: Graph): Graph {
  const readers = consumers(graph);
  const whole = graph.inputs.filter((id) => {
    const ops = readers.get(id) ?? [];
    const isCast = ops.every((op) => op.kind === 'cast' && op.attrs.to === 'int32');
    return tensorOf(graph, id).dtype === 'float32' && ops.length > 0 && isCast && !graph.outputs.includes(id);
  });
  if (whole.length === 0) return graph;
  const tensors = new Map(graph.tensors);
  for (const id of whole) tensors.set(id, { ...tensorOf(graph, id), dtype: 'int32' });
  return { ...graph, tensors };
}
