import { elementCount, tensorOf, type Graph, type TensorId } from './graph';
import type { Op } from './ops/attrs';
import { definitionOf } from './ops/table';

function parameterIds(graph: Graph, op: Op): TensorId[] {
  const ids = definitionOf(op).weightInputs.map((index) => op.inputs[index]);
  return ids.filter((id): id is TensorId => !!id && tensorOf(graph, id).data !== undefined);
}

/** Trained values of one op, or of all; a constant that several ops share counts once. */
export function parameterCount(graph: Graph, op?: Op): number {
  const ids = new Set((op ? [op] : graph.ops).flatMap((each) => parameterIds(graph, each)));
  return [...ids].reduce((n, id) => n + elementCount(tensorOf(graph, id).shape), 0);
}

function macsOf(graph: Graph, op: Op): number {
  const inputs = op.inputs.map((id) => (id === null ? null : tensorOf(graph, id).shape));
  const outputs = op.outputs.map((id) => tensorOf(graph, id).shape);
  return definitionOf(op).macs(op, inputs, outputs);
}

/** Multiply-accumulates for one sample in convolutions and fully connected layers, of one op or of all. */
export function macCount(graph: Graph, op?: Op): number {
  return (op ? [op] : graph.ops).reduce((n, each) => n + macsOf(graph, each), 0);
}
