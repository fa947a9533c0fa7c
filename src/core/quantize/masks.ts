/** Ranges of what feeds a softmax: no finer and no wider than what the softmax can see asks for. */
import { consumers, tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import type { Range, TensorStats } from '../calibration/types';
import type { Sharing } from './sharing';

/** How far below the lowest of the largest scores masked ones are put: e^-8 is a twelfth of a step of the probabilities. */
const HIDDEN = 8;

/** The range of scores with room for the masked ones, which saturate at its lower end. */
export function withRoomForMasked(range: Range, { masked }: TensorStats): Range {
  return masked ? { min: Math.min(range.min, masked.lowestPeak - HIDDEN / masked.factor), max: range.max } : range;
}

/** Scores closer than this are alike to a softmax in int8, whose kernel takes no step below 2^-26: 255 steps reach so far. */
const LEAST_SPREAD = 2 ** -17;

/** The range of scores, wide enough for the kernel: those of an untrained network may all but vanish. */
export function wideEnoughForSoftmax({ min, max }: Range): Range {
  return { min, max: Math.max(max, LEAST_SPREAD) };
}

type RangeOf = (id: TensorId) => Range | undefined;

/**
 * Ranges for what is added to scores to mask them: as far down as it takes to reach the lower end of the masked scores,
 * where they saturate, instead of down to −10⁹, which would leave the kernel no digits for the scores.
 *
 * @param isMasked whether these are scores some of which are masked
 * @param rangeOf the planned range of an activation, and the extent of a constant
 */
export function maskRanges(
  graph: Graph,
  sharing: Sharing,
  isMasked: (id: TensorId) => boolean,
  rangeOf: RangeOf,
): Map<TensorId, Range> {
  const readersOf = consumers(graph);
  /** What the op needs of an operand; null where it is no op that masks scores. */
  const neededBy = (op: Op, operand: TensorId): Range | null => {
    if ((op.kind !== 'add' && op.kind !== 'sub') || op.activation !== 'none' || !isMasked(op.outputs[0])) return null;
    const [scores, own] = [rangeOf(op.outputs[0]), rangeOf(operand)];
    const [a, b] = op.inputs as readonly [TensorId, TensorId];
    const other = rangeOf(operand === a ? b : a);
    if (!scores || !own || !other || a === b) return null;
    if (op.kind === 'sub' && operand === b) return { min: own.min, max: Math.min(own.max, other.max - scores.min) };
    const least = scores.min - (op.kind === 'add' ? other.max : -other.min);
    return { min: Math.max(own.min, least), max: own.max };
  };
  const ranges = new Map<TensorId, Range>();
  const operands = new Set(
    graph.ops.flatMap((op) => (isMasked(op.outputs[0]) && (op.kind === 'add' || op.kind === 'sub') ? op.inputs : [])),
  );
  for (const id of operands) {
    if (id === null) continue;
    const source = tensorOf(graph, id).data ? id : sharing.sourceOf(id);
    const members = sharing.membersOf(source);
    if (ranges.has(source) || members.some((member) => graph.outputs.includes(member))) continue;
    const needed: (Range | null)[] = [];
    for (const member of members)
      for (const reader of readersOf.get(member) ?? [])
        if (!reader.outputs.some((output) => members.includes(output))) needed.push(neededBy(reader, member));
    const known = needed.filter((range) => range !== null);
    if (known.length === 0 || known.length < needed.length) continue;
    const range = { min: Math.min(...known.map(({ min }) => min)), max: Math.max(...known.map(({ max }) => max)) };
    const own = rangeOf(id);
    if (own && (range.min > own.min || range.max < own.max)) ranges.set(source, range);
  }
  return ranges;
}
