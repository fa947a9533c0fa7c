import { RangefinderError } from '../../../base/errors';
import { BATCH, type Graph, type Shape, type Tensor, type TensorId } from '../graph';
import type { Op } from '../ops/attrs';
import { inferOp } from '../ops/infer';

/** The op's attributes where they spell out a batch of 1, with the symbolic one instead. */
function withSymbolicAttrs(op: Op): Op {
  switch (op.kind) {
    case 'broadcastTo':
      if (op.attrs.shape[0] !== 1) return op;
      return { ...op, attrs: { shape: op.attrs.shape.with(0, BATCH) } };
    case 'reshape':
      if (op.attrs.shape[0] !== 1) return op;
      return { ...op, attrs: { shape: op.attrs.shape.with(0, BATCH) } };
    case 'slice':
      if (op.attrs.begin[0] !== 0 || op.attrs.size[0] !== 1) return op;
      return { ...op, attrs: { ...op.attrs, size: op.attrs.size.with(0, BATCH) } };
    case 'stridedSlice':
      if (op.attrs.begin[0] !== 0 || op.attrs.end[0] !== 1 || op.attrs.strides[0] < 1) return op;
      return { ...op, attrs: { ...op.attrs, end: op.attrs.end.with(0, BATCH), strides: op.attrs.strides.with(0, 1) } };
    default:
      return op;
  }
}

const withBatchDim = (shape: Shape): Shape => shape.with(0, BATCH);

/**
 * Makes a batch of 1 that the file fixed symbolic, so that several samples run at once. Shape rules refuse whatever
 * would mix samples or need to know their number; where one does, the graph is returned unchanged.
 */
export function symbolicBatch(graph: Graph): Graph {
  if (!graph.inputs.every((id) => graph.tensors.get(id)!.shape[0] === 1)) return graph;
  const tensors = new Map<TensorId, Tensor>(graph.tensors);
  const setShape = (id: TensorId, shape: Shape) => tensors.set(id, { ...tensors.get(id)!, shape });
  for (const id of graph.inputs) setShape(id, withBatchDim(tensors.get(id)!.shape));
  const isBatched = (id: TensorId | null) => id !== null && tensors.get(id)!.shape[0] === BATCH;
  try {
    const ops = graph.ops.map((op) => {
      const symbolic = op.inputs.some(isBatched) ? withSymbolicAttrs(op) : op;
      const { op: inferred, shapes } = inferOp(symbolic, (id) => tensors.get(id)!);
      shapes.forEach((shape, i) => setShape(op.outputs[i], shape));
      return inferred;
    });
    const consistent = [...tensors.values()].every(({ id, shape }) => {
      const before = graph.tensors.get(id)!.shape;
      return shape.length === before.length && shape.every((d, i) => d === before[i] || (i === 0 && before[0] === 1));
    });
    return consistent && graph.outputs.every(isBatched) ? { ...graph, ops, tensors } : graph;
  } catch (thrown) {
    if (thrown instanceof RangefinderError && thrown.code === 'invalid-graph') return graph;
    throw thrown;
  }
}
