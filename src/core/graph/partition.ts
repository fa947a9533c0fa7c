/**
 * Graphs with opaque ops, cut in two: the part that can be computed, which everything works on, and the rest, which an
 * exported file gets back as it was.
 */
import { consumers, tensorOf, type Graph, type Tensor, type TensorId } from './graph';
import { UniqueNames } from './names';
import type { Op } from './ops/attrs';
import { prune } from './passes/prune';

export const isOpaque = (op: Op): op is Op<'opaque'> => op.kind === 'opaque';

/**
 * Ops that nobody here can compute, each with the opaque op that is to blame: opaque ones, and all that follow them.
 * Expects topological order.
 */
export function uncomputable(graph: Graph): ReadonlyMap<Op, Op<'opaque'>> {
  const blamed = new Map<TensorId, Op<'opaque'>>();
  const ops = new Map<Op, Op<'opaque'>>();
  for (const op of graph.ops) {
    const cause = isOpaque(op) ? op : op.inputs.map((id) => id && blamed.get(id)).find((found) => found);
    if (!cause) continue;
    ops.set(op, cause);
    for (const id of op.outputs) blamed.set(id, cause);
  }
  return ops;
}

/**
 * What can be computed of a graph, as a graph of its own: its outputs are those of the whole that it computes, then the
 * tensors that it hands to the rest. The very graph where nothing in it is opaque; null where nothing can be computed.
 */
export function computablePart(graph: Graph): Graph | null {
  if (!graph.ops.some(isOpaque)) return graph;
  const rest = uncomputable(graph);
  const ops = graph.ops.filter((op) => !rest.has(op));
  const computed = new Set(ops.flatMap((op) => op.outputs));
  const readers = consumers(graph);
  const handedOn = [...computed].filter((id) => readers.get(id)?.some((op) => rest.has(op)));
  const outputs = [...new Set([...graph.outputs.filter((id) => computed.has(id)), ...handedOn])];
  if (outputs.length === 0) return null;
  const read = new Set(ops.flatMap((op) => op.inputs));
  const inputs = graph.inputs.filter((id) => read.has(id));
  return prune({ ...graph, ops, inputs, outputs });
}

/**
 * The whole again, with another form of its part: normalized, changed by algorithms or quantized. Tensors keep their names
 * as far as the rest reads them; what became integer is turned back for it.
 *
 * @param part what became of `computablePart(whole)`; null where it has none
 */
export function rejoin(part: Graph | null, whole: Graph): Graph {
  if (part === null || !whole.ops.some(isOpaque)) return part ?? whole;
  const rest = [...uncomputable(whole).keys()];
  const own = new Set([...whole.inputs, ...rest.flatMap((op) => [...op.inputs, ...op.outputs])]);
  const shared = new Set([...part.inputs, ...part.outputs]);
  const tensors = new Map<TensorId, Tensor>();
  for (const id of own) if (id !== null && !shared.has(id)) tensors.set(id, tensorOf(whole, id));
  const ops: Op[] = [];

  // Names that passes made up may be taken in the rest.
  const names = new UniqueNames([...tensors.keys(), ...part.tensors.keys()]);
  const renamed = new Map<TensorId, TensorId>();
  for (const tensor of part.tensors.values()) {
    const id = tensors.has(tensor.id) && !shared.has(tensor.id) ? names.take(tensor.id) : tensor.id;
    if (id !== tensor.id) renamed.set(tensor.id, id);
    tensors.set(id, { ...tensor, id });
  }
  const nameOf = (id: TensorId) => renamed.get(id) ?? id;
  for (const op of part.ops)
    ops.push({
      ...op,
      inputs: op.inputs.map((id) => id && nameOf(id)),
      outputs: op.outputs.map(nameOf),
    });

  const opNames = new UniqueNames(part.ops.map(({ id }) => id));
  const restOps = rest.map((op) => ({ ...op, id: opNames.take(op.id) }));
  /** The tensor in the type that the rest knows it in; made once, whoever reads it. */
  const original = new Map<TensorId, TensorId>();
  const asBefore = (id: TensorId): TensorId => {
    const { dtype } = tensorOf(whole, id);
    const now = tensors.get(id)!;
    if (!shared.has(id) || now.dtype === dtype) return id;
    const known = original.get(id);
    if (known !== undefined) return known;
    const back = names.take(`${id}_${dtype}`);
    original.set(id, back);
    tensors.set(back, { id: back, dtype, shape: now.shape });
    const name = opNames.take(`${back}/convert`);
    const convert = { id: name, inputs: [id], outputs: [back], activation: 'none', sourceName: name } as const;
    ops.push(
      now.quant ? { ...convert, kind: 'dequantize', attrs: {} } : { ...convert, kind: 'cast', attrs: { to: dtype } },
    );
    return back;
  };
  for (const op of restOps) ops.push({ ...op, inputs: op.inputs.map((id) => id && asBefore(id)) });
  return { ...whole, tensors, ops };
}
