import type { GraphBuilder } from '../../../graph/build';
import { BATCH, elementCount, type Shape, type TensorId } from '../../../graph/graph';
import type { FusedActivation, OpAttrs, OpKind } from '../../../graph/ops/attrs';
import type { Laid } from '../../keras/layout';
import type { GraphNode } from './node';
import { isKnown, type Known, type Value } from './value';

/** One node as its translator sees it. Ops it adds are named after it; the result takes the node's own name. */
export class Call {
  private ops = 0;

  constructor(
    readonly node: GraphNode,
    readonly inputs: readonly Value[],
    private readonly builder: GraphBuilder,
    /** Constants made before, by what they were made of, so that nodes share them. */
    private readonly constants: Map<Known, TensorId>,
  ) {}

  get count(): number {
    return this.inputs.length;
  }

  value(index: number): Value {
    const value = this.inputs[index];
    if (value === undefined) throw this.node.corrupt(`has ${this.inputs.length} inputs`);
    return value;
  }

  /** An input as a tensor; known values become a constant. */
  tensor(index: number): TensorId {
    const value = this.value(index);
    return isKnown(value) ? this.constant(value) : value;
  }

  /** All inputs up to `end` (excluded; from the end where negative) as tensors. */
  tensors(end = this.inputs.length): TensorId[] {
    return this.inputs.slice(0, end).map((_, i) => this.tensor(i));
  }

  /** An input that has to be known while reading. */
  known(index: number): Known {
    const value = this.value(index);
    if (isKnown(value)) return value;
    throw this.node.unsupported(`input ${index} that is computed at run time`);
  }

  /** Whole numbers known while reading; the batch is -1. */
  ints(index: number): number[] {
    const values = Array.from(this.known(index).values);
    if (values.some(Number.isNaN)) throw this.node.unsupported(`input ${index} that depends on the batch`);
    return values.map((v) => (v === Infinity ? BATCH : v));
  }

  int(index: number): number {
    const [value] = this.ints(index);
    if (value === undefined) throw this.node.corrupt(`has an empty input ${index}`);
    return value;
  }

  shape(tensor: TensorId): Shape {
    return this.builder.shape(tensor);
  }

  dtype(tensor: TensorId): string {
    return this.builder.tensor(tensor).dtype;
  }

  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(positive) || positive < 0 || positive >= rank)
      throw this.node.corrupt(`has axis ${axis} on ${rank} dimensions`);
    return positive;
  }

  /** A trained weight in the Graph's layout. */
  weight(index: number, rank: number, lay: (weight: Laid) => Laid): TensorId {
    const { values, shape } = this.known(index);
    if (shape.length !== rank) throw this.node.corrupt(`has weights of ${shape.length} dimensions instead of ${rank}`);
    const laid = lay({ data: Float32Array.from(values), shape });
    return this.builder.constant(`${this.node.name}/weights`, laid.data, laid.shape);
  }

  scalar(value: number): TensorId {
    return this.builder.constant(`${this.node.name}/constant`, Float32Array.of(value), []);
  }

  /** A zero of an input's own type. */
  zeroLike(index: number): TensorId {
    const real = this.dtype(this.tensor(index)) === 'float32';
    return this.builder.constant(`${this.node.name}/zero`, real ? Float32Array.of(0) : Int32Array.of(0), []);
  }

  op<K extends OpKind>(
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    activation: FusedActivation = 'none',
  ): TensorId {
    return this.all(kind, inputs, attrs, activation)[0];
  }

  all<K extends OpKind>(
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    activation: FusedActivation = 'none',
  ): TensorId[] {
    const { name } = this.node;
    const id = this.ops++ === 0 ? name : `${name}/${kind}`;
    const outputs = [`${name}/${kind}`];
    return this.builder.op(kind, id, inputs, attrs, { sourceName: name, activation, outputs });
  }

  private constant(known: Known): TensorId {
    const made = this.constants.get(known);
    if (made !== undefined) return made;
    const values = Array.from(known.values);
    if (
      !values.every((v) => Number.isFinite(v) || known.dtype === 'float32') ||
      values.length !== elementCount(known.shape)
    )
      throw this.node.unsupported('a shape that depends on the batch, as data');
    const data = known.dtype === 'float32' ? Float32Array.from(known.values) : Int32Array.from(known.values);
    const id = this.builder.constant(`${this.node.name}/constant`, data, known.shape);
    this.constants.set(known, id);
    return id;
  }
}

/** How nodes of one operation become ops; one value for each output. */
export type Translate = (call: Call) => Value | readonly Value[];
export type OpTable = Readonly<Record<string, Translate>>;
