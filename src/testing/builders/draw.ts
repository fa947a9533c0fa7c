/** The dice that random graphs are drawn with. */
import type { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import { BATCH, elementCount, type Shape, type TensorId } from '../../core/graph/graph';
import type { FusedActivation, OpAttrs, OpKind, Padding, Pair } from '../../core/graph/ops/attrs';

/** Draws one random op into a graph under construction. */
export class Draw {
  readonly builder = new GraphBuilder('random');
  outputs: TensorId[] = [];

  constructor(
    readonly random: Random,
    readonly backend: 'wasm' | 'cpu',
  ) {}

  int(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }
  pair(low: number, high: number): Pair {
    return [this.int(low, high), this.int(low, high)];
  }
  pick<T>(...choices: T[]): T {
    return choices[this.random.integer(choices.length)];
  }
  get padding(): Padding {
    return this.pick('same', 'valid');
  }
  get flag(): boolean {
    return this.pick(true, false);
  }
  values(count: number, low = -2, high = 2): Float32Array {
    return Float32Array.from({ length: count }, () => this.random.uniform(low, high));
  }
  input(...shape: number[]): TensorId {
    return this.builder.input('x', [BATCH, ...shape]);
  }
  constant(shape: Shape, low?: number, high?: number): TensorId {
    return this.builder.constant('c', this.values(elementCount(shape), low, high), shape);
  }
  /** Bias of `count` channels, or none. */
  bias(count: number): TensorId | null {
    return this.flag ? this.constant([count]) : null;
  }
  op<K extends OpKind>(kind: K, inputs: (TensorId | null)[], attrs: OpAttrs[K], activates = false): void {
    const activation: FusedActivation = activates ? this.pick('none', 'relu', 'relu6', 'reluN1To1') : 'none';
    this.outputs = this.builder.op(kind, kind, inputs, attrs, { activation });
  }
  image(channels = this.int(1, 6)): { x: TensorId; h: number; w: number; c: number } {
    const [h, w] = this.pair(6, 11);
    return { x: this.input(h, w, channels), h, w, c: channels };
  }
}
