/** Which tensors matter to softmaxes alone: attention scores, and the masks that are added to them. */
import { consumers, tensorOf, type Graph, type TensorId } from './graph';
import type { Op, OpKind } from './ops/attrs';

/** Ops that hand values on, shifted or scaled at most, with the inputs they hand on. All of them where none are listed. */
const PASSING: ReadonlyMap<OpKind, readonly number[] | null> = new Map<OpKind, readonly number[] | null>([
  ...(['reshape', 'transpose', 'slice', 'stridedSlice', 'split', 'unpack', 'pack', 'concat'] as const).map(
    (kind) => [kind, null] as const,
  ),
  ...(
    ['broadcastTo', 'tile', 'reverse', 'pad', 'identity', 'add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const
  ).map((kind) => [kind, null] as const),
  ['gather', [0]],
  ['gatherNd', [0]],
  ['select', [1, 2]],
]);

/**
 * Tells of a tensor whether all that becomes of it goes into softmaxes: then its values count only as far as they do
 * beside the largest ones.
 */
export function softmaxReach(graph: Graph): (id: TensorId) => boolean {
  const readersOf = consumers(graph);
  const known = new Map<TensorId, boolean>();
  const reaches = (id: TensorId): boolean => {
    const answer = known.get(id);
    if (answer !== undefined) return answer;
    const readers = readersOf.get(id) ?? [];
    const found =
      readers.length > 0 &&
      !graph.outputs.includes(id) &&
      readers.every((op) => {
        if (op.kind === 'softmax') return true;
        const passed = PASSING.get(op.kind);
        if (passed === undefined || op.activation !== 'none') return false;
        const isPassed = op.inputs.every((input, i) => input !== id || (passed?.includes(i) ?? true));
        return isPassed && op.outputs.every(reaches);
      });
    known.set(id, found);
    return found;
  };
  return reaches;
}

/**
 * Tensors whose rows are those of a softmax, with what the softmax multiplies them by: its input, and what that is a reshape
 * of, as long as rows stay whole, or a multiple of. Nothing else may read them.
 */
export function softmaxRows(graph: Graph): Map<TensorId, number> {
  const reaches = softmaxReach(graph);
  const rows = new Map<TensorId, number>();
  for (const op of [...graph.ops].reverse()) {
    const [x, factor] = scaledInput(graph, op);
    if (x === null || tensorOf(graph, x).data || !reaches(x)) continue;
    const below = rows.get(op.outputs[0]);
    const keepsRows = tensorOf(graph, x).shape.at(-1) === tensorOf(graph, op.outputs[0]).shape.at(-1);
    if (op.kind === 'softmax') rows.set(x, op.attrs.beta);
    else if (below !== undefined && keepsRows && factor > 0) rows.set(x, below * factor);
  }
  return rows;
}

/** The input of a reshape or of a multiplication by one number, with that number; 0 for other ops. */
function scaledInput(graph: Graph, op: Op): readonly [TensorId | null, number] {
  const [a = null, b = null] = op.inputs;
  if (op.kind === 'reshape' || op.kind === 'softmax') return [a, 1];
  if (op.activation !== 'none' || (op.kind !== 'mul' && op.kind !== 'div')) return [a, 0];
  const numberOf = (id: TensorId | null) => {
    const data = id === null ? undefined : tensorOf(graph, id).data;
    return data instanceof Float32Array && data.length === 1 ? data[0] : null;
  };
  const [first, second] = [numberOf(a), numberOf(b)];
  if (second !== null) return [a, op.kind === 'mul' ? second : 1 / second];
  return first !== null && op.kind === 'mul' ? [b, first] : [a, 0];
}
