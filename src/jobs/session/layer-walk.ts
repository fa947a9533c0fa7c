/**
 * Walks a model layer by layer with all samples at once, in float and quantized side by side. A layer is looked at, and may
 * be changed, when all before it are done: what it gets in the quantized model is what they will really send.
 */
import { elementCount, tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { ACTIVATION_INTERVAL } from '../../core/graph/ops/activation-interval';
import type { FusedActivation, Op } from '../../core/graph/ops/attrs';
import { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT, type Simulation } from '../../engine/tfjs/simulation';
import type { Batch } from '../../engine/types';

/** Values of one tensor, batch by batch. */
export type Values = readonly Float32Array[];

/** Elements that may be alive at once. */
const MOST_ELEMENTS = 48_000_000;

/** Applies a fused activation in place. */
export function activate(values: Values, activation: FusedActivation): void {
  const [low, high] = ACTIVATION_INTERVAL[activation];
  if (activation === 'none') return;
  for (const batch of values) for (let i = 0; i < batch.length; i++) batch[i] = Math.min(high, Math.max(low, batch[i]));
}

/** The graph of one op: its activations that are computed elsewhere are inputs, and it has no activation of its own. */
function graphOf(graph: Graph, op: Op): Graph {
  const inputs = [...new Set(op.inputs)].filter((id): id is TensorId => id !== null && !tensorOf(graph, id).data);
  const ids = new Set([...op.inputs, ...op.outputs]);
  const tensors = new Map([...ids].flatMap((id) => (id === null ? [] : [[id, tensorOf(graph, id)] as const])));
  return { ...graph, tensors, ops: [{ ...op, activation: 'none' }], inputs, outputs: op.outputs };
}

/** Runs one op, without its activation, on batches of values of its inputs. */
export async function runOp(
  graph: Graph,
  op: Op,
  values: ReadonlyMap<TensorId, Values>,
  sizes: readonly number[],
  simulate: Simulation = FLOAT,
): Promise<Map<TensorId, Float32Array[]>> {
  const one = graphOf(graph, op);
  const outputs = new Map<TensorId, Float32Array[]>(op.outputs.map((id) => [id, []]));
  const model = TfjsModel.load(one, { simulate });
  try {
    for (const [i, size] of sizes.entries()) {
      const batch: Batch = { size, inputs: new Map(one.inputs.map((id) => [id, values.get(id)![i]])) };
      await model.visit(batch, op.outputs, (id, result) => outputs.get(id)!.push(result.slice()));
    }
  } finally {
    model.dispose();
  }
  return outputs;
}

/** How often each activation is still to be read; one that a graph returns is not kept for that. */
export function readCounts(graph: Graph): Map<TensorId, number> {
  const counts = new Map<TensorId, number>();
  for (const op of graph.ops)
    for (const id of new Set(op.inputs))
      if (id !== null && !tensorOf(graph, id).data) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Samples that may be walked with at once, in `copies` models side by side. */
export function walkableSamples(graph: Graph, wanted: number, copies = 2): number {
  const left = readCounts(graph);
  const sizeOf = (id: TensorId) => elementCount(tensorOf(graph, id).shape);
  let alive = graph.inputs.reduce((sum, id) => sum + sizeOf(id), 0);
  let peak = alive;
  for (const op of graph.ops) {
    alive += op.outputs.reduce((sum, id) => sum + sizeOf(id), 0);
    peak = Math.max(peak, alive);
    for (const id of new Set(op.inputs)) {
      if (id === null || !left.has(id)) continue;
      left.set(id, left.get(id)! - 1);
      if (left.get(id) === 0) alive -= sizeOf(id);
    }
  }
  return Math.max(1, Math.min(wanted, Math.floor(MOST_ELEMENTS / (copies * peak))));
}

/** Activations of one model during a walk; a tensor is let go when its last reader ran. */
export class Frontier {
  readonly values = new Map<TensorId, Values>();
  private readonly left: Map<TensorId, number>;

  constructor(graph: Graph) {
    this.left = readCounts(graph);
  }

  set(id: TensorId, values: Values): void {
    if (this.left.has(id)) this.values.set(id, values);
  }

  /** `op` has run. */
  release(op: Op): void {
    for (const id of new Set(op.inputs)) {
      if (id === null || !this.left.has(id)) continue;
      const left = this.left.get(id)! - 1;
      this.left.set(id, left);
      if (left === 0) this.values.delete(id);
    }
  }
}
