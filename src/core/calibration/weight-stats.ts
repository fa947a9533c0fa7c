import type { Shape } from '../graph/graph';
import { eachChannel } from './channels';
import { Observer } from './observer';
import type { TensorStats, WeightStats } from './types';

/** Channels are many and small: 1024 of them with 2048 bins each would take 16 MB. */
const CHANNEL_BINS = 128;

/**
 * @param data row-major values of `shape`.
 * @param quantizedDimension whose indices get statistics of their own; null for none.
 */
export function weightStats(
  data: Float32Array,
  shape: Shape,
  quantizedDimension: number | null,
  { channelBins = CHANNEL_BINS }: { readonly channelBins?: number } = {},
): WeightStats {
  const whole = new Observer();
  whole.observe(data);
  const channels: TensorStats[] = [];
  if (quantizedDimension !== null)
    eachChannel(data, shape, quantizedDimension, (_, values) => {
      const observer = new Observer(channelBins);
      observer.observe(values);
      channels.push(observer.stats());
    });
  return { tensor: whole.stats(), quantizedDimension, channels };
}
