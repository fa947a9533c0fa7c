/**
 * The float graph that a quantized one stands for. Integers become the real numbers they mean, conversions between the two
 * vanish, and every tensor keeps what the file stores it as in `storedAs`: its own range, to be drawn and planned with.
 */
import { elementCount, type DType, type Graph, type StoredAs, type Tensor, type TensorId } from '../graph';
import type { Op } from '../ops/attrs';
import { definitionOf } from '../ops/table';
import { dequantize } from '../../numerics/dequantize';
import { clamp, roundHalfAway } from '../../numerics/round';
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
  const ops = graph.ops.flatMap((op): Op[] => {
    if (op.kind !== 'quantize' && op.kind !== 'dequantize') return [op];
    const [from, to] = [tensors.get(op.inputs[0]!)!, tensors.get(op.outputs[0])!];
    if (from.data instanceof Float32Array) {
      tensors.set(to.id, roundedConstant(from, to));
      return [];
    }
    shareStored(tensors, from, to);
    return [{ ...op, kind: 'identity', attrs: {} }];
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
    const inputs = rule.kind === 'weighted' ? [rule.biasInput] : rule.kind === 'recurrent' ? rule.biasInputs : [];
    for (const input of inputs) {
      const id = op.inputs[input];
      if (id && graph.tensors.get(id)?.data) biases.add(id);
    }
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
function shareStored(tensors: Map<TensorId, Tensor>, from: Tensor, to: Tensor): void {
  const storedAs = from.storedAs ?? to.storedAs;
  if (!storedAs) return;
  if (!from.storedAs) tensors.set(from.id, { ...from, storedAs });
  if (!to.storedAs) tensors.set(to.id, { ...to, storedAs });
}

/** Codes that a type holds. */
const BOUNDS: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** A float constant that the file rounds as it runs, as training with quantization leaves weights: rounded beforehand. */
function roundedConstant(from: Tensor, { storedAs = from.storedAs, ...to }: Tensor): Tensor {
  const values = from.data as Float32Array;
  const bounds = storedAs && BOUNDS[storedAs.dtype];
  if (!bounds) return { ...to, dtype: 'float32', data: values, ...(storedAs && { storedAs }) };
  const { scale, zeroPoint, quantizedDimension } = storedAs.quant;
  const inner = elementCount(to.shape.slice(quantizedDimension + 1));
  const data = values.map((value, i) => {
    const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    const code = roundHalfAway(value / scale[channel]) + zeroPoint[channel];
    return scale[channel] * (clamp(code, ...bounds) - zeroPoint[channel]);
  });
  return { ...to, dtype: 'float32', data, storedAs };
}
