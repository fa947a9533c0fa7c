/**
 * What a model hands out, cut to where one figure can stand for it: its outputs, and of an output that is only joined from
 * several tensors each of these. One figure over boxes in pixels and scores below one says nothing of the scores.
 */
import { BATCH, elementCount, producers, tensorOf, withBatch, type Graph, type TensorId } from '../graph/graph';
import type { Op, OpKind } from '../graph/ops/attrs';

/** What the last op before an output makes of its values. */
export type Ending = 'softmax' | 'log-softmax' | 'sigmoid' | 'normalised' | 'positions' | 'linear';

export interface OutputPart {
  /** For people: the output's name, and for a part of it also that of what was joined. */
  readonly name: string;
  /** Position among the outputs that are judged. */
  readonly output: number;
  /** Without the batch. */
  readonly shape: readonly number[];
  readonly ending: Ending;
  /** Where its values stand in a row of the output: `runs` stretches of `width` values, `stride` apart, from `start`. */
  readonly runs: number;
  readonly stride: number;
  readonly start: number;
  readonly width: number;
  /** Positions along the axis that was joined; absent for a whole output. */
  readonly slice?: { readonly axis: number; readonly from: number; readonly to: number };
}

export interface JudgedOutputs {
  /** Laid end to end, these are a row: what a model says of one sample. */
  readonly tensors: readonly TensorId[];
  /** Values of each for one sample. */
  readonly sizes: readonly number[];
  readonly parts: readonly OutputPart[];
}

/** Models made for visualization hand out every layer; beyond this many outputs the one that matters is judged alone. */
const MOST_OUTPUTS = 12;
/** An output joined from more is a list, not a record. */
const MOST_PARTS = 8;

const HANDS_ON: ReadonlySet<OpKind> = new Set<OpKind>(['reshape', 'transpose', 'cast', 'quantize', 'dequantize']);
const ENDINGS: Partial<Record<OpKind, Ending>> = {
  softmax: 'softmax',
  logSoftmax: 'log-softmax',
  sigmoid: 'sigmoid',
  l2Normalization: 'normalised',
  argMax: 'positions',
};

/** @param main the output that is judged where there are too many */
export function judgedOutputs(graph: Graph, main: TensorId): JudgedOutputs {
  const producerOf = producers(graph);
  const isOpen = tensorOf(graph, graph.inputs[0]).shape[0] === BATCH;
  // What does not grow with the batch says nothing of single samples.
  const computed = [...new Set(graph.outputs)].filter(
    (id) => producerOf.has(id) && (!isOpen || tensorOf(graph, id).shape[0] === BATCH),
  );
  const tensors = computed.length > MOST_OUTPUTS ? [main] : computed.length > 0 ? computed : [main];
  const sizes = tensors.map((id) => elementCount(tensorOf(graph, id).shape));
  const parts = tensors.flatMap((id, output) => partsOf(graph, producerOf, id, output));
  return { tensors, sizes, parts };
}

function endingOf(producerOf: ReadonlyMap<TensorId, Op>, id: TensorId): Ending {
  for (let op = producerOf.get(id); op; op = producerOf.get(op.inputs[0])) {
    const ending = ENDINGS[op.kind];
    if (ending) return ending;
    if (!HANDS_ON.has(op.kind) || op.inputs[0] === null) break;
  }
  return 'linear';
}

interface Joined {
  readonly join: Op;
  /** For each value of the output, which of the joined tensors it comes from. */
  readonly origins: Uint8Array;
}

/** What an output is joined from, past ops that only turn it or give it another shape. */
function joinBefore(graph: Graph, producerOf: ReadonlyMap<TensorId, Op>, id: TensorId): Joined | null {
  const passed: Op[] = [];
  let op = producerOf.get(id);
  for (; op?.kind === 'transpose' || op?.kind === 'reshape'; op = producerOf.get(op.inputs[0]!)) passed.unshift(op);
  if (op?.kind !== 'concat' || op.inputs.length < 2 || op.inputs.length > MOST_PARTS) return null;
  let shape = withBatch(tensorOf(graph, op.outputs[0]).shape, 1);
  const inner = elementCount(shape.slice(op.attrs.axis + 1));
  const ends: number[] = [];
  for (const input of op.inputs) ends.push((ends.at(-1) ?? 0) + tensorOf(graph, input!).shape[op.attrs.axis]);
  let origins: Uint8Array = Uint8Array.from({ length: elementCount(shape) }, (_, i) => {
    const at = Math.floor(i / inner) % ends.at(-1)!;
    return ends.findIndex((end) => at < end);
  });
  for (const { kind, attrs, outputs } of passed) {
    if (kind === 'transpose') origins = turned(origins, shape, attrs.permutation);
    shape = withBatch(tensorOf(graph, outputs[0]).shape, 1);
  }
  return { join: op, origins };
}

function turned(values: Uint8Array, shape: readonly number[], permutation: readonly number[]): Uint8Array {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const result = new Uint8Array(values.length);
  const at = permutation.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    result[i] = values[at.reduce((sum, position, axis) => sum + position * strides[permutation[axis]], 0)];
    for (let axis = at.length - 1; axis >= 0; axis--) {
      if (++at[axis] < shape[permutation[axis]]) break;
      at[axis] = 0;
    }
  }
  return result;
}

/** The axis along which the joined tensors lie one after the other, and where each begins; null where they are interleaved. */
function axisOf(origins: Uint8Array, shape: readonly number[], parts: number) {
  for (let axis = 0; axis < shape.length; axis++) {
    const inner = elementCount(shape.slice(axis + 1));
    const alongAxis = Array.from({ length: shape[axis] }, (_, i) => origins[i * inner]);
    if (new Set(alongAxis).size < parts || alongAxis.some((origin, i) => i > 0 && origin < alongAxis[i - 1])) continue;
    if (origins.every((origin, i) => origin === alongAxis[Math.floor(i / inner) % shape[axis]]))
      return { axis, alongAxis };
  }
  return null;
}

function partsOf(graph: Graph, producerOf: ReadonlyMap<TensorId, Op>, id: TensorId, output: number): OutputPart[] {
  const { shape: batched } = tensorOf(graph, id);
  const hasBatch = batched.length > 1 && (batched[0] === BATCH || batched[0] === 1);
  const shape = hasBatch ? batched.slice(1) : batched;
  const size = elementCount(shape);
  const name = id.split(';')[0];
  const whole = { name, output, shape, ending: endingOf(producerOf, id), runs: 1, stride: size, start: 0, width: size };
  const found = joinBefore(graph, producerOf, id);
  const joined = found?.join.inputs.filter((input): input is TensorId => input !== null) ?? [];
  const place = found && new Set(joined).size === joined.length ? axisOf(found.origins, shape, joined.length) : null;
  if (!place) return [whole];
  const { axis, alongAxis } = place;
  const inner = elementCount(shape.slice(axis + 1));
  return joined.map((input, i): OutputPart => {
    const [from, to] = [alongAxis.indexOf(i), alongAxis.lastIndexOf(i) + 1];
    return {
      name: `${name} › ${(producerOf.get(input)?.sourceName || input).split(';')[0]}`,
      output,
      shape: shape.map((d, other) => (other === axis ? to - from : d)),
      ending: endingOf(producerOf, input),
      runs: elementCount(shape.slice(0, axis)),
      stride: shape[axis] * inner,
      start: from * inner,
      width: (to - from) * inner,
      slice: { axis, from, to },
    };
  });
}

/** A part's values in a row of its output; no copy where they stand together. */
export function valuesOf({ runs, stride, start, width }: OutputPart, output: Float32Array): Float32Array {
  if (runs === 1) return start === 0 && width === output.length ? output : output.subarray(start, start + width);
  const values = new Float32Array(runs * width);
  for (let run = 0; run < runs; run++) {
    const at = run * stride + start;
    values.set(output.subarray(at, at + width), run * width);
  }
  return values;
}

/** The values of each output in a row. */
export function splitRow({ sizes }: JudgedOutputs, row: Float32Array): Float32Array[] {
  if (sizes.length === 1) return [row];
  let at = 0;
  return sizes.map((size) => row.subarray(at, (at += size)));
}

/** Rows of a batch, end to end, of the outputs of that batch. */
export function joinRows(outputs: readonly ArrayLike<number>[], samples: number): Float32Array {
  if (outputs.length === 1) return outputs[0] instanceof Float32Array ? outputs[0] : Float32Array.from(outputs[0]);
  const sizes = outputs.map(({ length }) => length / samples);
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const rows = new Float32Array(width * samples);
  for (let i = 0; i < samples; i++) {
    let at = i * width;
    outputs.forEach((values, o) => {
      for (let k = 0; k < sizes[o]; k++) rows[at++] = values[i * sizes[o] + k];
    });
  }
  return rows;
}
