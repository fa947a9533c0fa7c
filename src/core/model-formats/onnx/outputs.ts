/** What the model computes: its outputs under the file's names, images in the Graph's order. */
import type { GraphBuilder } from '../../graph/build';
import { consumers, producers, type Graph, type TensorId } from '../../graph/graph';
import { TO_NCHW } from './layouts';

/** The graph so far with these outputs; one that is an input, a constant or another output gets an op of its own. */
export function withOutputs(
  builder: GraphBuilder,
  names: readonly string[],
  outputs: readonly TensorId[],
  inputs: ReadonlySet<TensorId>,
): Graph {
  const own = outputs.map((id, i) => {
    const free = outputs.indexOf(id) === i && !inputs.has(id) && builder.tensor(id).data === undefined;
    return free ? id : builder.op('identity', names[i], [id], {})[0];
  });
  return builder.build(own);
}

/** Hands out images as the Graph computes them: a last transpose to [N,C,H,W] is taken off, and the notes say so. */
export function channelsLastOutputs(graph: Graph, names: readonly string[]): { graph: Graph; notes: string[] } {
  const writer = producers(graph);
  const readers = consumers(graph);
  const notes: string[] = [];
  /** Tensor in the Graph's order → the output it becomes. */
  const renamed = new Map<TensorId, TensorId>();
  const taken = new Set([...graph.inputs, ...graph.outputs]);
  graph.outputs.forEach((id, i) => {
    const op = writer.get(id);
    if (op?.kind !== 'transpose' || op.attrs.permutation.join() !== TO_NCHW.join() || readers.has(id)) return;
    const source = op.inputs[0]!;
    if (taken.has(source) || graph.tensors.get(source)!.data) return;
    taken.add(source);
    renamed.set(source, id);
    notes.push(`output "${names[i]}" gives images as [N, H, W, C]; the file has them as [N, C, H, W]`);
  });
  if (renamed.size === 0) return { graph, notes };
  const dropped = new Set([...renamed.values()].map((id) => writer.get(id)!));
  const name = (id: TensorId) => renamed.get(id) ?? id;
  const ops = graph.ops
    .filter((op) => !dropped.has(op))
    .map((op) => ({ ...op, inputs: op.inputs.map((id) => id && name(id)), outputs: op.outputs.map(name) }));
  const tensors = new Map(graph.tensors);
  for (const [source, id] of renamed) {
    tensors.set(id, { ...tensors.get(source)!, id });
    tensors.delete(source);
  }
  return { graph: { ...graph, ops: ops, tensors }, notes };
}

/** Gives each output the file's name for it; a tensor that has it already takes the output's. */
export function withOutputNames(graph: Graph, names: readonly string[]): Graph {
  const renamed = new Map<TensorId, TensorId>();
  const inputs = new Set(graph.inputs);
  graph.outputs.forEach((id, i) => {
    if (id === names[i] || inputs.has(names[i]) || renamed.has(names[i]) || renamed.has(id)) return;
    renamed.set(id, names[i]);
    if (graph.tensors.has(names[i])) renamed.set(names[i], id);
  });
  if (renamed.size === 0) return graph;
  const name = (id: TensorId) => renamed.get(id) ?? id;
  return {
    ...graph,
    ops: graph.ops.map((op) => ({
      ...op,
      inputs: op.inputs.map((id) => id && name(id)),
      outputs: op.outputs.map(name),
    })),
    tensors: new Map(
      [...graph.tensors.values()].map((tensor) => [name(tensor.id), { ...tensor, id: name(tensor.id) }]),
    ),
    outputs: graph.outputs.map(name),
  };
}
