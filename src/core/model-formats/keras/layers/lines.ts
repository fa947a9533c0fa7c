import { BATCH, type TensorId } from '../../../graph/graph';
import type { LayerCall } from './layer';

/** [N,L,C] → [N,1,L,C]: one-dimensional layers run as two-dimensional ones over a single row. */
export function line(layer: LayerCall, x: TensorId): TensorId {
  const [, length, channels] = layer.shape(x) as [number, number, number];
  return layer.op('reshape', [x], { shape: [BATCH, 1, length, channels] });
}

/** Back to [N,L,C]. */
export function unline(layer: LayerCall, x: TensorId): TensorId {
  const [, , length, channels] = layer.shape(x) as [number, number, number, number];
  return layer.op('reshape', [x], { shape: [BATCH, length, channels] });
}
