/** An operator of the file as the rows of the op table see it. */
import { lookup } from '../../../base/lookup';
import { RangefinderError } from '../../../base/errors';
import { BATCH, type DType, type QuantParams, type Shape, type Tensor } from '../../graph/graph';
import type { FusedActivation } from '../../graph/ops/attrs';
import { carriedOf } from './carried';
import type { SourceOp } from './ops/row';
import type { TensorReader } from './read-tensors';
import { ACTIVATIONS, builtinName } from './schema/enums';
import type { OptionsTable, Row } from './schema/tables';
import { fieldsOf } from './schema/tables';
import { LONGEST_SHAPE_VALUE, SHAPE_OPS, type ShapeValue } from './shape-values';

/** Something of an operator that is not modelled; the operator can still be carried. */
export class UnsupportedFeature extends RangefinderError {
  constructor(
    builtin: string,
    /** To continue "it uses …". */
    readonly feature: string,
    where: string,
  ) {
    super({
      code: 'unsupported-feature',
      message: `${builtin} uses ${feature}, which Rangefinder does not read.`,
      where,
    });
  }
}

/** What reading has come to: tensors that exist already and integers worked out from shapes. */
export interface ReadState {
  readonly fileName: string;
  readonly tensors: TensorReader;
  /** Tensors written by an op before, and graph inputs. */
  readonly written: Set<number>;
  readonly shapeValues: Map<number, ShapeValue>;
  /** Operators with a state that became ops without. */
  readonly unrolled: Set<string>;
  /** Whether a batch that the file leaves open is symbolic; else it is as declared. */
  readonly symbolicBatch: boolean;
}

export class FileOp implements SourceOp {
  /** Custom ones by their own name: "CUSTOM FlexErf". */
  readonly builtin: string;
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;

  constructor(
    private readonly state: ReadState,
    readonly row: Row<'Operator'>,
    readonly code: Row<'OperatorCode'>,
    readonly index: number,
  ) {
    this.builtin = operatorName(code);
    this.inputs = row.inputs ?? new Int32Array();
    this.outputs = row.outputs ?? new Int32Array();
  }

  get inputCount(): number {
    return this.inputs.length;
  }

  get outputCount(): number {
    return this.outputs.length;
  }

  get declaredOutput(): Shape {
    return this.state.tensors.declaredShape(this.output(0));
  }

  get outputType(): DType {
    return this.state.tensors.get(this.output(0)).dtype;
  }

  /** The value of {@link evaluate}, or null where something it would need is not modelled. */
  value(): ShapeValue | null {
    try {
      return this.evaluate();
    } catch (thrown) {
      if (thrown instanceof UnsupportedFeature) return null;
      throw thrown;
    }
  }

  output(position: number): number {
    const tensor = this.outputs[position];
    if (tensor === undefined) throw this.corrupt(`has no output ${position}`);
    return tensor;
  }

  optional(position: number): Tensor | null {
    const index = this.inputs[position] ?? -1;
    return index === -1 ? null : this.tensor(index);
  }

  input(position: number): Tensor {
    const tensor = this.optional(position);
    if (!tensor) throw this.corrupt(`has no input ${position}`);
    return tensor;
  }

  variableParams(position: number): QuantParams | null {
    const index = this.inputs[position] ?? -1;
    return index === -1 ? null : this.state.tensors.wholeParams(index);
  }

  intermediateParams(position: number): QuantParams | null {
    const index = this.row.intermediates?.[position];
    return index === undefined ? null : this.state.tensors.wholeParams(index);
  }

  options<N extends OptionsTable>(table: N): Row<N> {
    const { builtinOptions: options, builtinOptionsType: type } = this.row;
    if (options?.table === table) return options.fields as unknown as Row<N>;
    if (type !== 0) throw this.corrupt(`carries the options of another operator (type ${type})`);
    return defaults(table);
  }

  ints(position: number): number[] {
    const values = this.knownInts(position);
    if (!values) throw this.unsupported(`input ${position} that is computed at run time`);
    return values;
  }

  knownInts(position: number): number[] | null {
    const value = this.shapeValue(position);
    if (!value || value.some(Number.isNaN)) return null;
    return value.map((v) => (v === Infinity ? BATCH : v));
  }

  /** The value of this operator's output where it is plain arithmetic on shapes. */
  private evaluate(): ShapeValue | null {
    if (!this.computesIntegers() || !Object.hasOwn(SHAPE_OPS, this.builtin)) return null;
    const value = lookup(SHAPE_OPS, this.builtin)!(this, (position) => this.shapeValue(position));
    return value && value.length <= LONGEST_SHAPE_VALUE ? value : null;
  }

  activation(code: number): FusedActivation {
    const activation = ACTIVATIONS[code];
    if (activation) return activation;
    throw this.unsupported(`fused activation ${code}`);
  }

  corrupt(problem: string): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file contradicts itself: ${this.builtin} ${problem}.`,
      where: this.where(),
      hint: 'Download or export the file again.',
    });
  }

  unsupported(feature: string): UnsupportedFeature {
    return new UnsupportedFeature(this.builtin, feature, this.where());
  }

  /** "operator 3, writing "conv/Relu"" with the file's name before. */
  where(): string {
    return `${this.state.fileName}, ${this.place()}`;
  }

  place(): string {
    const output = this.outputs[0];
    return `operator ${this.index}${output === undefined ? '' : `, writing "${this.state.tensors.name(output)}"`}`;
  }

  private computesIntegers(): boolean {
    const output = this.outputs[0];
    if (output === undefined) return false;
    const type = this.state.tensors.type(output);
    return type === 'int32' || type === 'int64';
  }

  private tensor(index: number): Tensor {
    const { tensors, written, shapeValues } = this.state;
    const tensor = tensors.get(index);
    const carried = carriedOf(tensor);
    if (carried) throw this.unsupported(`"${tensor.id}", ${carried.reason}`);
    if (tensor.data) return this.computesFloat() ? tensors.asFloat(index) : tensor;
    if (written.has(index)) return tensor;
    const value = shapeValues.get(index);
    if (value) {
      const constant = tensors.fromShapeValue(index, value);
      if (constant) return constant;
      throw this.unsupported(`"${tensor.id}", computed from the batch, as data`);
    }
    throw this.corrupt(`reads "${tensor.id}" before anything wrote it`);
  }

  /** Float kernels with integer weights ("hybrid") see the values the weights stand for. */
  private computesFloat(): boolean {
    const output = this.outputs[0];
    return (
      output !== undefined &&
      this.builtin !== 'QUANTIZE' &&
      this.builtin !== 'DEQUANTIZE' &&
      this.state.tensors.type(output) === 'float32'
    );
  }

  private shapeValue(position: number): ShapeValue | null {
    const index = this.inputs[position] ?? -1;
    if (index === -1) return null;
    const known = this.state.shapeValues.get(index);
    if (known) return known;
    const type = this.state.tensors.type(index);
    if (type !== 'int32' && type !== 'int64') return null;
    const { data } = this.state.tensors.get(index);
    return data && data.length <= LONGEST_SHAPE_VALUE ? Array.from(data, Number) : null;
  }
}

/** An options table of which every field was left out. */
function defaults<N extends OptionsTable>(table: N): Row<N> {
  const scalars = fieldsOf(table)
    .filter(({ type }) => !type.endsWith('[]'))
    .map((field) => [field.name, field.type === 'bool' ? false : field.default]);
  return Object.fromEntries(scalars) as Row<N>;
}

/** Name of an operator for people: custom ones by their own name. */
export function operatorName(code: Row<'OperatorCode'>): string {
  const builtin = Math.max(code.builtinCode, code.deprecatedBuiltinCode);
  const name = builtinName(builtin);
  return name === 'CUSTOM' && code.customCode ? `CUSTOM ${code.customCode}` : name;
}
