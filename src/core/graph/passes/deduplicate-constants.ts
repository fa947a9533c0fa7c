import type { Graph, Tensor, TensorId } from '../graph';
import { definitionOf } from '../ops/table';

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** FNV-1a; collisions are told apart by comparing. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h >>> 0;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * What ops use each constant for. Weights and biases are quantized for their op: a bias by the scale of that op's input,
 * weights along that op's channel axis. Only constants of one and the same use may become one.
 */
function uses(graph: Graph): Map<TensorId, string> {
  const uses = new Map<TensorId, Set<string>>();
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    op.inputs.forEach((id, index) => {
      if (id === null || !graph.tensors.get(id)?.data) return;
      let use = 'values';
      if (rule.kind === 'weighted' && index === rule.weightInput) use = `weights along ${rule.axis}`;
      if (rule.kind === 'weighted' && index === rule.biasInput) use = `bias of ${op.id}`;
      if (rule.kind === 'recurrent' && rule.weightInputs.includes(index)) use = 'weights as a whole';
      if (rule.kind === 'recurrent' && rule.biasInputs.includes(index)) use = `bias ${index} of ${op.id}`;
      if (!uses.has(id)) uses.set(id, new Set());
      uses.get(id)!.add(use);
    });
  }
  return new Map([...uses].map(([id, all]) => [id, [...all].sort().join()]));
}

const parametersOf = ({ quant }: Tensor) =>
  quant ? `${quant.scale.join()};${quant.zeroPoint.join()};${quant.quantizedDimension}` : '';

/** Makes one of constants that are equal in bytes, type, shape, parameters and use. The first one's id stays. */
export function deduplicateConstants(graph: Graph): Graph {
  const outputs = new Set(graph.outputs);
  const byKey = new Map<string, Tensor[]>();
  const replacedBy = new Map<TensorId, TensorId>();
  for (const [id, use] of uses(graph)) {
    const tensor = graph.tensors.get(id)!;
    const bytes = bytesOf(tensor.data!);
    const key = [use, tensor.dtype, tensor.shape.join(), parametersOf(tensor), hash(bytes)].join('|');
    const alike = byKey.get(key) ?? [];
    const twin = outputs.has(id) ? undefined : alike.find((other) => equalBytes(bytesOf(other.data!), bytes));
    if (twin) replacedBy.set(id, twin.id);
    else alike.push(tensor);
    byKey.set(key, alike);
  }
  if (replacedBy.size === 0) return graph;
  const ops = graph.ops.map((op) => {
    if (!op.inputs.some((id) => id !== null && replacedBy.has(id))) return op;
    return { ...op, inputs: op.inputs.map((id) => (id === null ? null : (replacedBy.get(id) ?? id))) };
  });
  const tensors = new Map([...graph.tensors].filter(([id]) => !replacedBy.has(id)));
  return { ...graph, ops, tensors };
}
