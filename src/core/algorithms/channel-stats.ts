import type { TensorId } from '../graph/graph';

/** What the channels of an activation (its last dimension) look like, each by itself. */
export interface ChannelStats {
  readonly count: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
  /** Of the population. */
  readonly std: Float64Array;
}

export type ChannelStatsOf = ReadonlyMap<TensorId, ChannelStats>;

/** Streams [positions, channels] values; sums in float64. */
export class ChannelObserver {
  private count = 0;
  private readonly min: Float64Array;
  private readonly max: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;

  constructor(private readonly channels: number) {
    this.min = new Float64Array(channels).fill(Infinity);
    this.max = new Float64Array(channels).fill(-Infinity);
    this.sum = new Float64Array(channels);
    this.squares = new Float64Array(channels);
  }

  observe(values: ArrayLike<number>): void {
    const { channels, min, max, sum, squares } = this;
    for (let at = 0; at < values.length; at += channels)
      for (let c = 0; c < channels; c++) {
        const x = values[at + c];
        if (x < min[c]) min[c] = x;
        if (x > max[c]) max[c] = x;
        sum[c] += x;
        squares[c] += x * x;
      }
    this.count += values.length / channels;
  }

  stats(): ChannelStats {
    const { count, min, max } = this;
    const mean = this.sum.map((sum) => sum / count);
    const std = this.squares.map((squares, c) => Math.sqrt(Math.max(0, squares / count - mean[c] ** 2)));
    return { count, min: min.slice(), max: max.slice(), mean, std };
  }
}
