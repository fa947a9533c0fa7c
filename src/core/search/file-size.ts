/** How many bytes the constants of a planned model take, as a file would store them. */
import { lookup } from '../../base/lookup';
import { BLOCK_SCALE_BYTES } from '../cost/formats';
import { elementCount, tensorOf, type Graph } from '../graph/graph';
import { INT8_WEIGHT, bitsOf } from '../number-formats/format';
import { isPacked, storedWeightFormat } from '../quantize/format-choice';
import type { QuantPlan, WeightPlan } from '../quantize/plan';
import type { OpKind } from '../graph/ops/attrs';

/** Codes that are not packed take a byte each; formats that no file here holds count with their bits. */
function weightBytes(plan: WeightPlan, kind: OpKind, count: number): number {
  const { format = INT8_WEIGHT, block } = plan;
  const stored = storedWeightFormat(plan);
  const bits = stored && !isPacked(plan, kind) ? 8 : bitsOf(format);
  const scales =
    format.kind === 'block' ? Math.ceil(count / format.size) : block ? BLOCK_SCALE_BYTES * plan.ranges.length : 0;
  return Math.ceil((count * bits) / 8) + scales;
}

/** Weights by their plan; biases, and the constants of ops in float, four bytes a value; other operands a byte each. */
export function storedBytes(graph: Graph, plan: QuantPlan): number {
  const keptFloat = new Set(plan.keptFloat.map(({ op }) => op));
  const sizes = new Map<string, number>();
  for (const op of graph.ops) {
    const weighted = op.inputs.some((id) => id !== null && Object.hasOwn(plan.weights, id));
    for (const id of op.inputs) {
      if (id === null) continue;
      const { data, shape, dtype } = tensorOf(graph, id);
      if (!data) continue;
      const count = elementCount(shape);
      const own = keptFloat.has(op.id) ? undefined : lookup(plan.weights, id);
      if (own) sizes.set(id, weightBytes(own, op.kind, count));
      else if (keptFloat.has(op.id) || weighted || dtype !== 'float32') sizes.set(id, 4 * count);
      else sizes.set(id, count);
    }
  }
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}
