/** What one row of the op table is: how an operator of a file becomes an op of the Graph, and how it is written back. */
import type { RangefinderError } from '../../../../base/errors';
import type { DType, QuantParams, Shape, Tensor, TensorId } from '../../../graph/graph';
import type { FusedActivation, Op, OpAttrs, OpKind, Padding } from '../../../graph/ops/attrs';
import type { CarriedTensor } from '../carried';
import { ACTIVATIONS, PADDINGS } from '../schema/enums';
import type { Draft, OptionsTable, Row } from '../schema/tables';

/** An operator of the file while it is read. Methods throw 'corrupt-file' or 'unsupported-feature' naming it. */
export interface SourceOp {
  /** Absent where the operator has fewer inputs or marks this one as left out. */
  optional(index: number): Tensor | null;
  input(index: number): Tensor;
  readonly inputCount: number;
  readonly outputCount: number;
  /** Type of the first output. */
  readonly outputType: DType;
  /** First output as the file declares it; dynamic dimensions beyond the batch are -1. */
  readonly declaredOutput: Shape;
  /** Parameters of a variable that the operator keeps its state in; null where it has none. */
  variableParams(index: number): QuantParams | null;
  /** Likewise of a tensor that the file lists as the operator's own. */
  intermediateParams(index: number): QuantParams | null;
  options<N extends OptionsTable>(table: N): Row<N>;
  /** Values of an integer input that is known on reading: a constant, or computed from shapes. BATCH is the batch. */
  ints(index: number): number[];
  knownInts(index: number): number[] | null;
  activation(code: number): FusedActivation;
  corrupt(problem: string): RangefinderError;
  unsupported(feature: string): RangefinderError;
}

export interface ReadOp<K extends OpKind> {
  readonly attrs: OpAttrs[K];
  readonly inputs: readonly (Tensor | null)[];
  readonly activation?: FusedActivation;
  /** Outputs of the op behind those that the operator has. */
  readonly unlisted?: readonly { readonly name: string; readonly dtype: DType; readonly quant?: QuantParams }[];
}

/** The graph being written. */
export interface Target {
  tensor(id: TensorId): Tensor;
  /** The shape as the file carries it: the symbolic batch made concrete, unless it is to stay dynamic. */
  fileShape(id: TensorId): number[];
  /** Same, but -1 for a batch that a runtime may resize. */
  dynamicShape(id: TensorId): number[];
  /** Adds a constant, or finds the one with the same content. */
  constant(
    name: string,
    dtype: DType,
    data: Int32Array | Int8Array | Float32Array,
    shape: Shape,
    like?: Tensor,
  ): Operand;
  /** Adds a tensor that only its operator knows, as the source file had it; returns its index. */
  internal(tensor: CarriedTensor): number;
  /** Adds a tensor that only its operator knows; a variable keeps its values between runs. Returns its index. */
  own(tensor: Omit<Tensor, 'data'>, isVariable: boolean): number;
}

/** Input of a written operator: a tensor of the graph, a constant made by {@link Target.constant}, or left out. */
export type Operand = TensorId | { readonly constant: number } | null;

export interface WrittenOp {
  readonly builtin: string;
  readonly customCode?: string;
  readonly version: number;
  readonly options?: WrittenOptions;
  readonly inputs: readonly Operand[];
  /** What an operator carries that is not modelled; takes the place of `options`. */
  readonly carried?: Draft<'Operator'>;
  /** How many of the op's outputs the operator has; all where left out. */
  readonly outputs?: number;
  /** Tensors of its own that the operator takes parameters from. */
  readonly intermediates?: readonly number[];
}

export type WrittenOptions = {
  [N in OptionsTable]: { readonly table: N; readonly fields: Draft<N> };
}[OptionsTable];

export interface OpRow<K extends OpKind> {
  /** The builtin operators that read as this kind. */
  readonly read: Readonly<Record<string, (op: SourceOp) => ReadOp<K>>>;
  /** Absent for kinds that a pass removes before writing. */
  write?(op: Op<K>, target: Target): WrittenOp;
}

/** One row that serves several kinds whose attributes are alike. */
export type SharedRow<K extends OpKind> = { [P in K]: (row: OpRow<P>) => void }[K] extends (row: infer R) => void
  ? R
  : never;

export type OpRows<K extends OpKind> = { readonly [P in K]: OpRow<P> };

export function isInt8(op: Op, target: Target): boolean {
  const id = op.inputs[0];
  return id !== null && id !== undefined && target.tensor(id).dtype === 'int8';
}

/** The usual versioning rule: the float kernel came first, the int8 one second. */
export function int8Version(op: Op, target: Target): number {
  return isInt8(op, target) ? 2 : 1;
}

/** Two inputs of more dimensions than the first broadcasting kernels could walk. */
export function broadcastsOver4(op: Op, target: Target): boolean {
  const [a, b] = op.inputs.map((id) => target.tensor(id!).shape);
  return Math.max(a.length, b.length) > 4 && String(a) !== String(b);
}

export function paddingOf(op: SourceOp, code: number): Padding {
  const padding = PADDINGS[code];
  if (!padding) throw op.corrupt(`has an unknown padding ${code}`);
  return padding;
}

export function paddingCode(padding: Padding): number {
  return PADDINGS.indexOf(padding);
}

export function activationCode(activation: FusedActivation): number {
  return ACTIVATIONS.indexOf(activation);
}

/** An axis counted from the front. */
export function axisOf(op: SourceOp, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= rank)
    throw op.corrupt(`has axis ${axis} on a tensor of rank ${rank}`);
  return positive;
}

/** Strides, dilations, filter and block sizes: whole numbers from 1 on. */
export function positive(op: SourceOp, what: string, ...values: readonly number[]): void {
  for (const value of values) if (!Number.isInteger(value) || value < 1) throw op.corrupt(`has ${what} ${value}`);
}
