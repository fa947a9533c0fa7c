import { RangefinderError } from '../../../base/errors';
import type { GraphBuilder, OpOptions } from '../../graph/build';
import { elementCount, type DType, type QuantParams, type StoredAs, type TensorId } from '../../graph/graph';
import { permutedData, permutedShape } from '../../graph/permute';
import type { OpAttrs, OpKind } from '../../graph/ops/attrs';
import { definitionOfKind } from '../../graph/ops/table';
import { Attributes } from './attributes';
import { isReal, type Constant } from './constant';
import type { Trait } from './trait';
import type { Message } from './proto/schema';

/** Exporters write out arithmetic on shapes and constants that others compute once. */
export const SIMPLIFY_HINT = 'Run onnxsim (onnx-simplifier) on the file, which computes beforehand what is fixed.';

/** What a name of the file stands for: values known while reading, or a tensor of the Graph. */
export type Value = Constant | TensorId;

export const isConstantValue = (value: Value): value is Constant => typeof value === 'object';

/** What a node sees of the model around it. */
export interface Scope {
  readonly builder: GraphBuilder;
  readonly opset: number;
  /** @throws RangefinderError 'corrupt-file' for a name nothing before writes */
  value(name: string, reader: OnnxNode): Value;
  /** The tensor a constant became, shared by all that use it: float32, or with `own` of the type it is of. */
  constantTensor(name: string, constant: Constant, own?: boolean): TensorId;
  /** Takes so many values off what may be computed while reading; false where that is more than is left. */
  spend(values: number): boolean;
  /** Tensors without negative values, as far as the ops that made them tell. */
  readonly nonNegative: Set<TensorId>;
  /** What is known of tensors beyond their values' range, to recognise functions spelled out. */
  readonly traits: Map<TensorId, Trait>;
  /** Truth values that say where another tensor is not a number → that tensor. */
  readonly nanTests: Map<TensorId, TensorId>;
  note(text: string): void;
  /** Constants that the file keeps as integers. */
  readonly stored: Map<TensorId, StoredAs>;
  /** Adds the ops of a graph within the graph; returns its outputs. */
  inline(graph: Uint8Array, reader: OnnxNode): readonly Value[];
}

/** One node of the file. Ops it adds are named after it; what the last one computes takes the name of its output. */
export class OnnxNode {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Attributes;

  constructor(
    private readonly scope: Scope,
    message: Message<'NodeProto'>,
  ) {
    this.type = message.opType ?? '';
    this.inputs = message.input;
    this.outputs = message.output;
    this.name = message.name || message.output.find((name) => name !== '') || this.type;
    this.attrs = new Attributes(message.attribute, this.place);
  }

  get place(): string {
    return `${this.type} "${this.name}"`;
  }

  get opset(): number {
    return this.scope.opset;
  }

  /** Whether an optional input is there. */
  has(index: number): boolean {
    return (this.inputs[index] ?? '') !== '';
  }

  value(index: number): Value {
    if (!this.has(index))
      throw new RangefinderError({
        code: 'corrupt-file',
        message: `This ONNX file is damaged: ${this.place} lacks input ${index}.`,
        where: this.name,
        hint: 'Download or export the file again.',
      });
    return this.scope.value(this.inputs[index], this);
  }

  /** The values of an input where they are known, undefined where the model computes them or the input is absent. */
  constant(index: number): Constant | undefined {
    const value = this.has(index) ? this.value(index) : undefined;
    return value !== undefined && isConstantValue(value) ? value : undefined;
  }

  /** The values of an input that has to be known. */
  known(index: number, what: string): Constant {
    this.value(index);
    return (
      this.constant(index) ??
      this.refuse(`${what} computed by the model, where Rangefinder needs fixed values`, SIMPLIFY_HINT)
    );
  }

  /** Numbers given as an attribute by older releases and as an input by newer ones. */
  list(attribute: string, index: number): number[] | undefined {
    if (this.attrs.has(attribute)) return this.attrs.ints(attribute);
    return this.has(index) ? [...this.known(index, attribute).values] : undefined;
  }

  /** A single number, likewise. */
  scalar(attribute: string, index: number): number | undefined {
    if (this.attrs.has(attribute)) return this.attrs.float(attribute, 0);
    if (!this.has(index)) return undefined;
    const { values } = this.known(index, attribute);
    return values.length === 1 ? values[0] : this.refuse(`its ${attribute} is not a single number`);
  }

  /** An input as a tensor of real numbers of the Graph; known values become a constant. */
  tensor(index: number): TensorId {
    const value = this.value(index);
    if (!isConstantValue(value)) {
      const type = this.typeOf(value);
      return WHOLE.has(type) ? this.refuse(`it computes with ${type} values`) : value;
    }
    if (!isReal(value.type)) this.refuse(`it computes with integers (${value.type})`);
    if (value.values.length === 0) this.refuse('it computes with an empty tensor');
    return this.scope.constantTensor(this.inputs[index], value);
  }

  /** An input as a tensor of the Graph, whole numbers and truth values too. */
  any(index: number): TensorId {
    const value = this.value(index);
    if (!isConstantValue(value)) return value;
    if (value.values.length === 0) this.refuse('it works on an empty tensor');
    return this.scope.constantTensor(this.inputs[index], value, true);
  }

  typeOf(tensor: TensorId): DType {
    return this.scope.builder.tensor(tensor).dtype;
  }

  /** What the codes of a tensor mean; undefined where it holds none. */
  quantOf(tensor: TensorId): QuantParams | undefined {
    return this.scope.builder.tensor(tensor).quant;
  }

  shape(index: number): readonly number[] {
    const value = this.value(index);
    return isConstantValue(value) ? value.shape : this.shapeOf(value);
  }

  shapeOf(tensor: TensorId): readonly number[] {
    return this.scope.builder.shape(tensor);
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(positive) && positive >= 0 && positive < rank) return positive;
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: ${this.place} works along axis ${axis} of ${rank} dimensions.`,
      where: this.name,
      hint: 'Export the model again.',
    });
  }

  /** Adds an op that computes the node's result. */
  op<K extends OpKind>(
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions = {},
  ): TensorId {
    return this.ops(kind, inputs, attrs, options)[0];
  }

  /** Likewise for an op of several outputs. */
  ops<K extends OpKind>(
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions = {},
  ): TensorId[] {
    return this.#add(kind, this.name, inputs, attrs, { outputs: this.outputs, ...options });
  }

  /** Adds an op on the way to the result. */
  step<K extends OpKind>(
    name: string,
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions = {},
  ): TensorId {
    return this.steps(name, kind, inputs, attrs, options)[0];
  }

  /** Likewise for an op of several outputs. */
  steps<K extends OpKind>(
    name: string,
    kind: K,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions = {},
  ): TensorId[] {
    return this.#add(kind, `${this.name}/${name}`, inputs, attrs, options);
  }

  /** A constant the reader made up or laid out anew. */
  fixed(name: string, values: Iterable<number>, shape: readonly number[]): TensorId {
    const data = values instanceof Float32Array ? values : Float32Array.from(values);
    return this.scope.builder.constant(name, data, shape);
  }

  /** A stored weight with its dimensions in another order, and the parameters it may have been stored with. */
  laidOut(name: string, { values, shape, storedAs }: Constant, permutation: readonly number[]): TensorId {
    const moved = permutation.some((axis, i) => axis !== i);
    const data = moved ? permutedData(values as Float32Array, shape, permutation) : values;
    const id = this.fixed(name, data, permutedShape(shape, permutation));
    if (storedAs) {
      const quantizedDimension = permutation.indexOf(storedAs.quant.quantizedDimension);
      this.scope.stored.set(id, { ...storedAs, quant: { ...storedAs.quant, quantizedDimension } });
    }
    return id;
  }

  /** Positions, as ops that pick values take them. */
  indices(name: string, positions: readonly number[], shape: readonly number[]): TensorId {
    return this.scope.builder.constant(name, Int32Array.from(positions), shape);
  }

  truths(name: string, values: readonly boolean[], shape: readonly number[]): TensorId {
    return this.scope.builder.constant(name, Uint8Array.from(values, Number), shape, { dtype: 'bool' });
  }

  /** The same number everywhere, as an operand. */
  number(value: number): TensorId {
    return this.fixed(`${this.name}/${value}`, [value], []);
  }

  get traits(): Map<TensorId, Trait> {
    return this.scope.traits;
  }

  get nanTests(): Map<TensorId, TensorId> {
    return this.scope.nanTests;
  }

  isNonNegative(tensor: TensorId): boolean {
    return this.scope.nonNegative.has(tensor);
  }

  /** Says on the page what was changed or assumed; the same words are said once. */
  note(text: string): void {
    this.scope.note(text);
  }

  /** Checks how many values are about to be computed while reading. */
  checkCount(shape: readonly number[]): number {
    const count = elementCount(shape);
    if (shape.every((d) => Number.isSafeInteger(d) && d >= 0) && this.scope.spend(count)) return count;
    throw new RangefinderError({
      code: 'too-large',
      message: `${this.place} has a constant result of shape [${shape.slice(0, 8).join(', ')}].`,
      where: this.name,
      hint: 'The file is damaged, or too large for a browser.',
    });
  }

  /** The outputs of a branch, whose ops are added. */
  inline(attribute: string): readonly Value[] {
    return this.scope.inline(this.attrs.graph(attribute) ?? this.refuse(`it has no ${attribute}`), this);
  }

  /** The operator is known, this use of it is not modelled. */
  refuse(reason: string, hint?: string): never {
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `${this.place}: ${reason}.`,
      where: this.name,
      ...(hint && { hint }),
    });
  }

  /** The parameters of codes that an op moves or picks without computing with them. */
  #handedOn(kind: OpKind, [first]: readonly (TensorId | null)[]): QuantParams | undefined {
    if (!first || !isHandingOn(kind)) return undefined;
    const { dtype, quant } = this.scope.builder.tensor(first);
    return dtype === 'float32' ? undefined : quant;
  }

  #add<K extends OpKind>(
    kind: K,
    name: string,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions,
  ): TensorId[] {
    const quant = options.quant ?? this.#handedOn(kind, inputs);
    const all = { sourceName: this.name, ...options, ...(quant && { quant }) };
    const outputs = this.scope.builder.op(kind, name, inputs, attrs, all);
    const nonNegative = (id: TensorId | null) => id !== null && this.isNonNegative(id);
    const sure =
      MAKES_NON_NEGATIVE.has(kind) ||
      options.activation === 'relu' ||
      options.activation === 'relu6' ||
      (KEEPS_NON_NEGATIVE.has(kind) && inputs.every(nonNegative));
    if (sure) for (const id of outputs) this.scope.nonNegative.add(id);
    return outputs;
  }
}

const isHandingOn = (kind: OpKind) => kind === 'identity' || definitionOfKind(kind).quant.kind === 'same-scale';

/** What ops on real numbers do not take. */
const WHOLE: ReadonlySet<DType> = new Set<DType>(['bool', 'int32', 'int64']);

const MAKES_NON_NEGATIVE: ReadonlySet<OpKind> = new Set<OpKind>([
  'relu',
  'relu6',
  'sigmoid',
  'softmax',
  'exp',
  'abs',
  'sqrt',
]);
const KEEPS_NON_NEGATIVE: ReadonlySet<OpKind> = new Set<OpKind>([
  'add',
  'mul',
  'concat',
  'split',
  'averagePool2d',
  'maxPool2d',
  'mean',
  'reduceMax',
  'reshape',
  'transpose',
  'slice',
  'stridedSlice',
  'resizeBilinear',
  'resizeNearest',
  'spaceToDepth',
  'depthToSpace',
  'gather',
  'tile',
  'sum',
  'reduceMin',
  'identity',
]);
