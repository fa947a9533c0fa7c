import type { Graph, TensorId } from '../graph';
import { elementCount } from '../graph';
import type { Op, OpKind } from '../ops/attrs';
import { UNARY } from './layout/rules';
import { Rewrite } from './rewrite';

const OVER_LAST_AXIS: ReadonlySet<OpKind> = new Set<OpKind>(['softmax', 'logSoftmax', 'l2Normalization']);
const WITH_CONSTANT: ReadonlySet<OpKind> = new Set<OpKind>(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'prelu']);

/** Whether an op treats all rows of its input alike, so that it does not care how they are arranged. */
function isRowwise(op: Op, x: TensorId, rewrite: Rewrite): boolean {
  if (UNARY.has(op.kind) || OVER_LAST_AXIS.has(op.kind)) return true;
  const others = op.inputs.filter((id) => id !== x);
  return (
    WITH_CONSTANT.has(op.kind) &&
    others.length === 1 &&
    others.every((id) => {
      const { data, shape } = rewrite.tensor(id!);
      return data !== undefined && elementCount(shape.slice(0, -1)) === 1;
    })
  );
}

/** The ops from a dense layer's output to the reshape that arranges its rows again; null where there is none. */
function rowsAfter(dense: Op, rewrite: Rewrite): Op[] | null {
  const ops: Op[] = [];
  for (let at = dense.outputs[0]; ; at = ops.at(-1)!.outputs[0]!) {
    const op = rewrite.onlyReader(at);
    if (!op) return null;
    if (op.kind === 'reshape') return ops;
    if (!isRowwise(op, at, rewrite)) return null;
    ops.push(op);
  }
}

/**
 * TensorFlow spells a dense layer on a sequence or an image as reshape → matrix product → reshape, with the positions of
 * all samples as the rows of one matrix. Here the layer works on the positions where they are, which leaves the batch
 * alone and takes one reshape away, often both.
 *
 * @param graph validated
 */
export function densePositions(graph: Graph): Graph {
  const rewrite = new Rewrite(graph);
  for (const op of graph.ops) {
    if (op.kind !== 'fullyConnected') continue;
    const matrix = op.inputs[0]!;
    const flatten = rewrite.writer(matrix);
    if (flatten?.kind !== 'reshape' || flatten.activation !== 'none' || rewrite.onlyReader(matrix) !== op) continue;
    const source = flatten.inputs[0]!;
    const [{ shape: positions }, { shape: rows }] = [rewrite.tensor(source), rewrite.tensor(matrix)];
    const [units, inputs] = rewrite.tensor(op.inputs[1]!).shape;
    const keepsRows = positions.length > 2 && positions.at(-1) === inputs && rows.length === 2 && rows[1] === inputs;
    const after = keepsRows && rowsAfter(op, rewrite);
    if (!after) continue;
    for (const { outputs } of [op, ...after]) rewrite.reshape(outputs[0], [...positions.slice(0, -1), units]);
    rewrite.replace(flatten);
    rewrite.replace(op, { ...op, attrs: { keepDims: true }, inputs: [source, ...op.inputs.slice(1)] });
  }
  return rewrite.done();
}
