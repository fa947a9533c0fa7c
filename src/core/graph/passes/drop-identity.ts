import type { Graph, QuantParams, Tensor, TensorId } from '../graph';
import { tensorOf } from '../graph';
import type { Op } from '../ops/attrs';

function equalQuant(a: QuantParams | undefined, b: QuantParams | undefined): boolean {
  if (!a || !b) return a === b;
  return a.scale.join() === b.scale.join() && a.zeroPoint.join() === b.zeroPoint.join();
}

const sameTensor = (x: Tensor, y: Tensor) =>
  x.dtype === y.dtype && x.shape.join() === y.shape.join() && equalQuant(x.quant, y.quant);

/** Whether an op hands its first input on unchanged. */
function handsOn(op: Op, graph: Graph): boolean {
  if (op.activation !== 'none' || op.inputs.length !== 1) return false;
  if (!sameTensor(tensorOf(graph, op.inputs[0]!), tensorOf(graph, op.outputs[0]))) return false;
  switch (op.kind) {
    case 'identity':
    case 'reshape':
    case 'slice':
    case 'concat':
    case 'pad':
    case 'cast':
      return true; // types and shapes are equal, so nothing was moved, cut off or added
    case 'transpose':
      return op.attrs.permutation.every((axis, i) => axis === i);
    default:
      return false;
  }
}

/**
 * Removes ops that hand their input on: identity, and reshapes, transposes, slices, pads and concatenations that change
 * nothing. Ids of graph inputs and outputs stay; an op between two of them stays with them.
 */
export function dropIdentity(graph: Graph): Graph {
  const outputs = new Set(graph.outputs);
  /** Tensors that cannot take another name. */
  const named = new Set<TensorId>([...graph.inputs, ...graph.outputs]);
  for (const { id, data } of graph.tensors.values()) if (data) named.add(id);
  /** Dropped output → the tensor that was handed on, itself not dropped. */
  const source = new Map<TensorId, TensorId>();
  /** Tensor → the graph output it has to be written as. */
  const writtenAs = new Map<TensorId, TensorId>();
  const dropped = new Set<Op>();
  for (const op of graph.ops) {
    if (!handsOn(op, graph)) continue;
    const y = op.outputs[0];
    const x = source.get(op.inputs[0]!) ?? op.inputs[0]!;
    if (outputs.has(y)) {
      if (named.has(x) || writtenAs.has(x)) continue;
      writtenAs.set(x, y);
    }
    source.set(y, x);
    dropped.add(op);
  }
  if (dropped.size === 0) return graph;

  const renamed = (id: TensorId) => {
    const kept = source.get(id) ?? id;
    return writtenAs.get(kept) ?? kept;
  };
  const ops = graph.ops
    .filter((op) => !dropped.has(op))
    .map((op) => {
      const inputs = op.inputs.map((id) => id && renamed(id));
      const written = op.outputs.map(renamed);
      const same = inputs.every((id, i) => id === op.inputs[i]) && written.every((id, i) => id === op.outputs[i]);
      return same ? op : { ...op, inputs, outputs: written };
    });
  const gone = new Set([...source.keys(), ...writtenAs.keys()].filter((id) => renamed(id) !== id));
  const tensors = new Map([...graph.tensors].filter(([id]) => !gone.has(id)));
  return { ...graph, ops, tensors };
}
