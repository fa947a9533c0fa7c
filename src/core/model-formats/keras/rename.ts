import type { Graph, TensorId } from '../../graph/graph';

/**
 * Gives tensors the names asked for, as far as they are free. Reading a layer names what its ops produce along the way;
 * only at its end is it known which of them the layer's own name belongs to.
 */
export function renameTensors(graph: Graph, wanted: ReadonlyMap<TensorId, string>): Graph {
  const taken = new Set([...graph.tensors.keys()].filter((id) => !wanted.has(id)));
  const names = new Map<TensorId, TensorId>();
  for (const [id, name] of wanted) {
    if (!graph.tensors.has(id)) continue;
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    names.set(id, free);
  }
  const renamed = (id: TensorId): TensorId => names.get(id) ?? id;
  const values = (map: Readonly<Record<string, TensorId>>) =>
    Object.fromEntries(Object.entries(map).map(([key, id]) => [key, renamed(id)]));
  return {
    ...graph,
    tensors: new Map([...graph.tensors].map(([id, tensor]) => [renamed(id), { ...tensor, id: renamed(id) }])),
    ops: graph.ops.map((op) => ({
      ...op,
      inputs: op.inputs.map((id) => id && renamed(id)),
      outputs: op.outputs.map(renamed),
    })),
    inputs: graph.inputs.map(renamed),
    outputs: graph.outputs.map(renamed),
    provenance: {
      ...graph.provenance,
      ...(graph.provenance.states && {
        states: graph.provenance.states.map(({ input, output }) => ({
          input: renamed(input),
          output: renamed(output),
        })),
      }),
      signatures: graph.provenance.signatures.map((s) => ({
        ...s,
        inputs: values(s.inputs),
        outputs: values(s.outputs),
      })),
    },
  };
}
