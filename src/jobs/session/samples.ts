/** Preprocessed samples, divided over the model's inputs, in batches. */
import { Random } from '../../base/random';
import type { RawSample, SampleSource, Split } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { elementCount, tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import type { Batch } from '../../engine/types';

/** Decoded and preprocessed samples kept at most; beyond it they are read again each time. */
const CACHE_BYTES = 128 * 2 ** 20;

/** Activation elements a batch may hold at once: keeps a large model's calibration under 100 MB. */
const BATCH_ELEMENTS = 6_000_000;

/** Samples whose files are asked for before their turn, so that they come while the engine computes. */
const AHEAD = 64;

export class SampleReader {
  private readonly cache = new Map<number, Float32Array>();
  private cachedBytes = 0;
  /** Sample → the one after it. */
  private readonly next = new Map<number, number>();
  /**
   * @param orders in which samples are going to be read, as far as that is known
   * @param states that samples are begun with in turn, which follow their own values; none for models without
   */
  constructor(
    readonly source: SampleSource,
    private readonly prepare: (sample: RawSample) => Float32Array,
    orders: readonly Uint32Array[] = [],
    private readonly states: readonly Float32Array[] = [],
  ) {
    for (const order of orders) for (let i = 1; i < order.length; i++) this.next.set(order[i - 1], order[i]);
  }

  async read(index: number): Promise<Float32Array> {
    const kept = this.cache.get(index);
    if (kept) return kept;
    this.fetchAfter(index);
    const values = this.withState(index, this.prepare(await this.source.read(index)));
    if (this.cachedBytes + values.byteLength <= CACHE_BYTES) {
      this.cache.set(index, values);
      this.cachedBytes += values.byteLength;
    }
    return values;
  }

  private withState(index: number, sample: Float32Array): Float32Array {
    if (this.states.length === 0) return sample;
    const state = this.states[index % this.states.length];
    const values = new Float32Array(sample.length + state.length);
    values.set(sample);
    values.set(state, sample.length);
    return values;
  }

  private fetchAfter(index: number): void {
    const { source, next } = this;
    if (!source.fetch) return;
    let at: number | undefined = index;
    for (let i = 0; i < AHEAD && at !== undefined; i++) {
      at = next.get(at);
      if (at !== undefined && !this.cache.has(at)) source.fetch(at);
    }
  }
}

/**
 * Samples that are neither calibrated nor evaluated on, in an order that does not depend on the files'. Those of a set of
 * its own for evaluation are never among them.
 */
export function unusedSamples(
  { size, evaluationStart = size }: Pick<SampleSource, 'size' | 'evaluationStart'>,
  { calibration, evaluation }: Split,
): Uint32Array {
  const used = new Set([...calibration, ...evaluation]);
  const unused = Uint32Array.from({ length: evaluationStart }, (_, i) => i).filter((i) => !used.has(i));
  return new Random(0).shuffle(unused);
}

/** The states that a sequence begins with, zeros, for a reader; none where the model keeps no state. */
export function zeroStates({ tensors, provenance: { states = [] } }: Graph): Float32Array[] {
  const size = states.reduce((sum, { input }) => sum + elementCount(tensors.get(input)!.shape), 0);
  return size > 0 ? [new Float32Array(size)] : [];
}

/** Input elements of one sample, per graph input. */
export function inputSizes(graph: Graph): { id: TensorId; size: number }[] {
  return graph.inputs.map((id) => ({ id, size: elementCount(tensorOf(graph, id).shape) }));
}

/**
 * Reads `indices` as one batch. A model with several inputs takes its sample's values in the order of its inputs.
 * @throws RangefinderError 'invalid-data' where a sample's size is not the model's.
 */
export async function readBatch(reader: SampleReader, graph: Graph, indices: ArrayLike<number>): Promise<Batch> {
  const sizes = inputSizes(graph);
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const inputs = new Map(sizes.map(({ id, size }) => [id, new Float32Array(size * indices.length)]));
  for (let i = 0; i < indices.length; i++) {
    const values = await reader.read(indices[i]);
    if (values.length !== total)
      throw new RangefinderError({
        code: 'invalid-data',
        message: `A sample has ${values.length} values after preprocessing; the model takes ${total}.`,
        where: `sample ${indices[i]} of ${reader.source.name}`,
        hint: 'Change the preprocessing (resize, channels) to match the model input.',
      });
    let at = 0;
    for (const { id, size } of sizes) {
      inputs.get(id)!.set(values.subarray(at, at + size), i * size);
      at += size;
    }
  }
  return { size: indices.length, inputs };
}

/** Samples per batch: as many as keep all activations of a batch in memory, at most `limit`. 1 for a static batch. */
export function batchSizeFor(graph: Graph, limit = 32): number {
  if (graph.inputs.some((id) => tensorOf(graph, id).shape[0] !== -1)) return 1;
  let elements = 1;
  for (const tensor of graph.tensors.values()) if (!tensor.data) elements += elementCount(tensor.shape);
  return Math.max(1, Math.min(limit, Math.floor(BATCH_ELEMENTS / elements)));
}

/** Consecutive runs of at most `size` indices. */
export function* chunks(indices: Uint32Array, size: number): Generator<Uint32Array> {
  for (let at = 0; at < indices.length; at += size) yield indices.subarray(at, at + size);
}
