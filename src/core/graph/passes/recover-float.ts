/**
 * The float graph that a quantized one stands for. Integers become the real numbers they mean, conversions between the two
 * vanish, and every tensor keeps what the file stores it as in `storedAs`: its own range, to be drawn and planned with.
 */
import type { DType, Graph, StoredAs, Tensor, TensorId } from '../graph';
import type { Op } from '../ops/attrs';
import { definitionOf } from '../ops/table';
import { dequantize } from '../../numerics/dequantize';
import { dropIdentity } from './drop-identity';
import { prune } from './prune';

const CODES: ReadonlySet<DType> = new Set<DType>(['int4', 'uint4', 'int8', 'uint8', 'int16', 'uint16']);
/** Wide integers with parameters are biases; elsewhere they count or index. */
const ACCUMULATORS: ReadonlySet<DType> = new Set<DType>(['int32', 'int64']);

/** Whether a tensor holds codes of real numbers. */
export function holdsCodes({ dtype, quant }: Pick<Tensor, 'dtype' | 'quant'>): boolean {
  return quant !== undefined && CODES.has(dtype);
}

/** A graph with integer activations was quantized by whoever made the file. */
export function isQuantized(graph: Graph): boolean {
  for (const tensor of graph.tensors.values())
    if (!tensor.data && tensor.dtype !== 'int4' && holdsCodes(tensor)) return true;
  return false;
}

/** Activations of which the file says the range. */
export function storedRanges(graph: Graph): number {
  let count = 0;
  for (const { data, storedAs } of graph.tensors.values()) if (!data && storedAs) count++;
  return count;
}

/**
 * Gives the graph itself back where it is float already, and where an operator that is not modelled works on its integers:
 * only the file's own runtime knows what that one does with them.
 */
export function recoverFloat(graph: Graph): Graph {
  if (!isQuantized(graph)) return graph;
  const biases = biasesOf(graph);
  const isReal = (tensor: Tensor) =>
    holdsCodes(tensor) || (tensor.quant !== undefined && ACCUMULATORS.has(tensor.dtype) && biases.has(tensor.id));
  const touches = ({ inputs, outputs }: Op) =>
    [...inputs, ...outputs].some((id) => id !== null && holdsCodes(graph.tensors.get(id)!));
  if (graph.ops.some((op) => op.kind === 'opaque' && touches(op))) return graph;

  const tensors = new Map<TensorId, Tensor>();
  for (const tensor of graph.tensors.values()) tensors.set(tensor.id, isReal(tensor) ? asReal(tensor) : tensor);
  const ops = graph.ops.map((op): Op => {
    if (op.kind !== 'quantize' && op.kind !== 'dequantize') return op;
    shareStored(tensors, op.inputs[0]!, op.outputs[0]!);
    return { ...op, kind: 'identity', attrs: {} };
  });
  const real = prune(dropIdentity({ ...graph, ops, tensors }));
  const count = storedRanges(real);
  const note = `opened as the float model that the quantized file stands for; ${count} activations keep the range the file gives them`;
  return { ...real, provenance: { ...graph.provenance, notes: [...graph.provenance.notes, note] } };
}

/** Constants that weighted ops add to their accumulators. */
function biasesOf(graph: Graph): ReadonlySet<TensorId> {
  const biases = new Set<TensorId>();
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    const id = rule.kind === 'weighted' ? op.inputs[rule.biasInput] : null;
    if (id && graph.tensors.get(id)?.data) biases.add(id);
  }
  return biases;
}

function asReal({ quant, dtype, data, ...tensor }: Tensor): Tensor {
  const storedAs: StoredAs = { dtype, quant: quant! };
  return {
    ...tensor,
    dtype: 'float32',
    ...(data && { data: dequantize(data, tensor.shape, quant!) }),
    storedAs,
  };
}

/** What is only converted has one range; where both sides have their own, each keeps it. */
function shareStored(tensors: Map<TensorId, Tensor>, from: TensorId, to: TensorId): void {
  const [x, y] = [tensors.get(from)!, tensors.get(to)!];
  const storedAs = x.storedAs ?? y.storedAs;
  if (!storedAs || x.data) return;
  if (!x.storedAs) tensors.set(from, { ...x, storedAs });
  if (!y.storedAs) tensors.set(to, { ...y, storedAs });
}
