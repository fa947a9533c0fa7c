/** What all engines have in common: a Graph, batches of float samples in, tensors out. */
import type { Shape, TensorData, TensorId } from '../core/graph/graph';

export interface Batch {
  readonly size: number;
  /** Graph input → float32 values of `size` samples, row-major, batch outermost. */
  readonly inputs: ReadonlyMap<TensorId, Float32Array>;
}

export interface EngineTensor {
  readonly shape: Shape;
  readonly data: TensorData;
}
