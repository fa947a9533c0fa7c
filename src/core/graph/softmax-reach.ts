/** Which tensors matter to softmaxes alone: attention scores, and the masks that are added to them. */
import { consumers, tensorOf, type Graph, type TensorId } from './graph';
import type { OpKind } from './ops/attrs';

/** Ops that hand values on, shifted or scaled at most, with the inputs they hand on. All of them where none are listed. */
const PASSING: ReadonlyMap<OpKind, readonly number[] | null> = new Map<OpKind, readonly number[] | null>([
  ...(['reshape', 'transpose', 'slice', 'stridedSlice', 'split', 'unpack', 'pack', 'concat'] as const).map(
    (kind) => [kind, null] as const,
  ),
  ...(['broadcastTo', 'tile', 'reverse', 'pad', 'identity', 'add', 'sub', 'mul', 'maximum', 'minimum'] as const).map(
    (kind) => [kind, null] as const,
  ),
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
 * Tensors whose rows are those of a softmax: its input, and what that is a reshape of, as long as rows stay whole.
 * Nothing else may read them.
 */
export function softmaxRows(graph: Graph): Set<TensorId> {
  const reaches = softmaxReach(graph);
  const rows = new Set<TensorId>();
  for (const op of [...graph.ops].reverse()) {
    const [x] = op.inputs;
    if (!x || tensorOf(graph, x).data || !reaches(x)) continue;
    const keepsRows =
      op.kind === 'reshape' &&
      rows.has(op.outputs[0]) &&
      tensorOf(graph, x).shape.at(-1) === tensorOf(graph, op.outputs[0]).shape.at(-1);
    if (op.kind === 'softmax' || keepsRows) rows.add(x);
  }
  return rows;
}
