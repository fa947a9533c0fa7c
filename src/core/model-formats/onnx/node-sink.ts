import type { TensorId } from '../../graph/graph';
import type { OpSink } from '../../graph/unroll';
import type { OnnxNode } from './node';

/** Ops on the way to a node's result: named after the node, constants of one name made once. */
export class NodeSink implements OpSink {
  readonly #constants = new Map<string, TensorId>();

  /** @param prefix of the names of constants, where a node has several sinks */
  constructor(
    private readonly node: OnnxNode,
    private readonly prefix = '',
  ) {}

  op: OpSink['op'] = (kind, inputs, attrs) => this.node.step(kind, kind, inputs, attrs);
  ops: OpSink['ops'] = (kind, inputs, attrs) => this.node.steps(kind, kind, inputs, attrs);

  constant(name: string, values: Float32Array, shape: readonly number[]): TensorId {
    const known = this.#constants.get(name);
    if (known !== undefined) return known;
    const id = this.node.fixed(`${this.node.name}/${this.prefix}${name}`, values, shape);
    this.#constants.set(name, id);
    return id;
  }

  shape(tensor: TensorId): readonly number[] {
    return this.node.shapeOf(tensor);
  }
}
