/** Statistics of a graph's activations in one batch, wherever it is run. */
import { seenBySoftmax, type SeenValues } from '../../core/calibration/masked-rows';
import { Observer } from '../../core/calibration/observer';
import { tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { softmaxRows } from '../../core/graph/softmax-reach';
import type { TfjsModel } from '../../engine/tfjs/model';
import type { Batch } from '../../engine/types';
import type { TensorStatistics } from '../pool/thread-protocol';

/** Activation tensors that calibration observes: graph inputs and everything an op computes. */
export function activationIds(graph: Graph): TensorId[] {
  return [...graph.inputs, ...graph.ops.flatMap((op) => op.outputs)].filter(
    (id) => tensorOf(graph, id).dtype === 'float32',
  );
}

/** Activations as statistics see them: without what a softmax cannot see. */
export class SeenActivations {
  /** Inputs of softmaxes, with the length of a row and what the softmax multiplies them by. */
  private readonly rows: ReadonlyMap<TensorId, readonly [length: number, factor: number]>;

  constructor(graph: Graph) {
    this.rows = new Map(
      [...softmaxRows(graph)].map(([id, factor]) => [id, [tensorOf(graph, id).shape.at(-1)!, factor]]),
    );
  }

  of(id: TensorId, values: Float32Array): SeenValues {
    const row = this.rows.get(id);
    return row ? seenBySoftmax(values, ...row) : { values, masked: null };
  }
}

export class BatchStatistics {
  private readonly ids: readonly TensorId[];
  private readonly seen: SeenActivations;

  constructor(graph: Graph) {
    this.ids = activationIds(graph);
    this.seen = new SeenActivations(graph);
  }

  async of(engine: TfjsModel, batch: Batch): Promise<Map<TensorId, TensorStatistics>> {
    const statistics = new Map<TensorId, TensorStatistics>();
    await engine.visit(batch, this.ids, (id, values) => {
      const { values: seen, masked } = this.seen.of(id, values);
      statistics.set(id, { observed: Observer.batch(seen), masked });
    });
    return statistics;
  }
}
