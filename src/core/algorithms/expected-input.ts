/**
 * The mean of what a layer gets, from the distribution of what feeds it: an output that is normal before its ReLU has a
 * rectified normal's mean after it. Where no layer feeds it directly, the mean that was measured.
 */
import type { TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import type { ChannelStats } from './channel-stats';
import { expectedRelu, expectedRelu6 } from './correct-bias';
import type { WeightedLayer } from './layer';

export class ExpectedInputs {
  private readonly known = new Map<TensorId, Float64Array>();

  /** @param before statistics of a layer's output before its activation: those that batch norm knew as β and γ. */
  addLayer({ op, output }: WeightedLayer, { mean, std }: ChannelStats): void {
    const { activation } = op;
    if (activation === 'reluN1To1') return;
    const rectified = { none: (m: number) => m, relu: expectedRelu, relu6: expectedRelu6 }[activation];
    this.known.set(
      output,
      mean.map((m, c) => rectified(m, std[c])),
    );
  }

  /** An op between layers: averages and reshapes keep the mean of every channel. */
  addOp(op: Op): void {
    const [input] = op.inputs;
    const mean = input ? this.known.get(input) : undefined;
    const keeps = op.kind === 'averagePool2d' || op.kind === 'mean' || op.kind === 'reshape';
    if (mean && keeps && op.activation === 'none') this.known.set(op.outputs[0], mean);
  }

  of(input: TensorId): Float64Array | undefined {
    return this.known.get(input);
  }
}
