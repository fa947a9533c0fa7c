import type { OpSink } from '../../../graph/unroll';
import type { LayerCall } from './layer';

/** A layer as what unrolled and stacked computations add their ops to. */
export const sinkOf = (layer: LayerCall): OpSink => ({
  op: layer.op,
  ops: layer.ops,
  shape: layer.shape,
  constant: (name, values, shape) => layer.made(name, values, shape),
});
