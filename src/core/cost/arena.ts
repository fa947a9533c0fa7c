/** Where activations lie in memory while a model runs: TensorFlow Lite Micro's greedy planner, as data to draw. */
import { elementCount, tensorOf, type Graph, type TensorId } from '../graph/graph';

export interface ArenaBuffer {
  readonly tensor: TensorId;
  readonly bytes: number;
  readonly offset: number;
  /** Positions of ops, inclusive: from the op that writes it (0 for inputs) to the last that reads it. */
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** In the order in which they are written, inputs first. */
  readonly buffers: readonly ArenaBuffer[];
  /** What the planner needs: the end of its highest buffer. */
  readonly bytes: number;
  /** Bytes alive while each op runs, by position. */
  readonly live: readonly number[];
  /** The most that is alive at once: no planner needs less. */
  readonly lowerBound: number;
}

type Request = Omit<ArenaBuffer, 'offset'>;

/** TFLM aligns every buffer so. */
const ALIGNMENT = 16;

/**
 * Sorts buffers by size, the largest first, and puts each into the first gap that is wide enough among those placed before
 * whose times overlap its own.
 *
 * @param bytesOf size of an activation for one sample
 */
export function planArena(graph: Graph, bytesOf: (id: TensorId) => number, alignment = ALIGNMENT): ArenaPlan {
  const requests = lifetimes(graph, bytesOf);
  const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
  const placed: ArenaBuffer[] = [];
  for (const request of [...requests].sort((a, b) => b.bytes - a.bytes)) {
    const others = placed
      .filter(({ first, last }) => first <= request.last && request.first <= last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of others) {
      if (offset + aligned(request.bytes) <= other.offset) break;
      offset = Math.max(offset, other.offset + aligned(other.bytes));
    }
    placed.push({ ...request, offset });
  }
  const live = graph.ops.map((_, at) =>
    requests.reduce((sum, { first, last, bytes }) => sum + (first <= at && at <= last ? bytes : 0), 0),
  );
  return {
    buffers: requests.map(({ tensor }) => placed.find((buffer) => buffer.tensor === tensor)!),
    bytes: placed.reduce((end, buffer) => Math.max(end, buffer.offset + aligned(buffer.bytes)), 0),
    live,
    lowerBound: live.reduce((most, bytes) => Math.max(most, bytes), 0),
  };
}

/** Graph outputs stay until the end; what nothing reads is alive while it is written. */
function lifetimes(graph: Graph, bytesOf: (id: TensorId) => number): Request[] {
  const first = new Map<TensorId, number>(graph.inputs.map((id) => [id, 0]));
  const last = new Map<TensorId, number>();
  graph.ops.forEach((op, at) => {
    for (const id of op.inputs) if (id !== null && !tensorOf(graph, id).data) last.set(id, at);
    for (const id of op.outputs) first.set(id, at);
  });
  for (const id of graph.outputs) if (first.has(id)) last.set(id, graph.ops.length - 1);
  return Array.from(first, ([tensor, at]) => ({
    tensor,
    bytes: bytesOf(tensor),
    first: at,
    last: last.get(tensor) ?? at,
  }));
}

/** Bytes of one sample of an activation at so many bits a value. */
export function activationBytes(graph: Graph, id: TensorId, bits: number): number {
  return Math.ceil((elementCount(tensorOf(graph, id).shape) * bits) / 8);
}
