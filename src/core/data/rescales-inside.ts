import { consumers, tensorOf, type Graph } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';

/** A factor that brings bytes to the size of what layers expect. */
const SHRINKS = 0.1;

/** Whether every input is made smaller by a constant before the first layer with weights: the model takes raw values. */
export function rescalesInside(graph: Graph): boolean {
  const readers = consumers(graph);
  return graph.inputs.every((input) => {
    const pending = [input];
    const seen = new Set(pending);
    for (let id = pending.pop(); id !== undefined; id = pending.pop())
      for (const op of readers.get(id) ?? []) {
        if (definitionOf(op).quant.kind === 'weighted') continue;
        const constants = op.inputs.flatMap((other) => (other === null ? [] : (tensorOf(graph, other).data ?? [])));
        const values = constants.flatMap((data) => Array.from(data as Float32Array, Math.abs));
        if (op.kind === 'mul' && values.length > 0 && values.every((value) => value < SHRINKS)) return true;
        if (op.kind === 'div' && values.length > 0 && values.every((value) => value > 1 / SHRINKS)) return true;
        for (const output of op.outputs) {
          if (seen.has(output)) continue;
          seen.add(output);
          pending.push(output);
        }
      }
    return false;
  });
}
