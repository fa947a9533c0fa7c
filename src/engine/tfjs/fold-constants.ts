/** Computes once what of a graph depends on no input, whatever the ops: a file's ops all have something to do. */
import { tensorOf, type DType, type Graph, type Tensor, type TensorData, type TensorId } from '../../core/graph/graph';
import { isOpaque } from '../../core/graph/partition';
import type { Op } from '../../core/graph/ops/attrs';
import { prune } from '../../core/graph/passes/prune';
import { TfjsModel } from './model';
import { FLOAT } from './simulation';

/** How the engine's numbers are kept as constants of these types. Others, which nothing computes with, stay as they are. */
const STORED: Readonly<Partial<Record<DType, (values: ArrayLike<number | bigint>) => TensorData>>> = {
  float32: (values) => Float32Array.from(values, Number),
  int32: (values) => Int32Array.from(values, Number),
  int64: (values) => BigInt64Array.from(values, BigInt),
  bool: (values) => Uint8Array.from(values, Number),
};

/** Ops all of whose inputs are constants, or computed from constants alone. Expects topological order. */
export function constantOps(graph: Graph): Op[] {
  const known = new Set<TensorId>();
  const isKnown = (id: TensorId | null) => id === null || known.has(id) || tensorOf(graph, id).data !== undefined;
  return graph.ops.filter((op) => {
    const isStorable = op.outputs.every((id) => STORED[tensorOf(graph, id).dtype]);
    if (isOpaque(op) || !isStorable || !op.inputs.every(isKnown)) return false;
    for (const id of op.outputs) known.add(id);
    return true;
  });
}

/**
 * The graph with constants in place of what {@link constantOps} compute. Outputs of the graph stay computed, by the last op
 * that leads to them.
 *
 * @param graph validated, in float; the tfjs backend is ready
 */
export async function foldConstants(graph: Graph): Promise<Graph> {
  const folded = new Set(constantOps(graph).filter((op) => !op.outputs.some((id) => graph.outputs.includes(id))));
  if (folded.size === 0) return graph;
  const readElsewhere = new Set(graph.ops.filter((op) => !folded.has(op)).flatMap((op) => op.inputs));
  const wanted = [...folded].flatMap((op) => op.outputs).filter((id) => readElsewhere.has(id));
  const model = TfjsModel.load({ ...graph, ops: [...folded], inputs: [], outputs: wanted }, { simulate: FLOAT });
  const tensors = new Map<TensorId, Tensor>(graph.tensors);
  try {
    for (const [id, { data }] of await model.run({ size: 1, inputs: new Map() }, wanted)) {
      const tensor = tensorOf(graph, id);
      tensors.set(id, { ...tensor, data: STORED[tensor.dtype]!(data) });
    }
  } finally {
    model.dispose();
  }
  return prune({ ...graph, tensors, ops: graph.ops.filter((op) => !folded.has(op)) });
}
