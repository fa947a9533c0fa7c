/** Tensors of a subgraph as the Graph has them: unique names, checked shapes, constants as typed arrays, parameters. */
import { RangefinderError } from '../../../base/errors';
import {
  BATCH,
  elementCount,
  type DType,
  type NumberType,
  type QuantParams,
  type Shape,
  type Tensor,
  type TensorData,
  type TensorId,
} from '../../graph/graph';
import { UniqueNames } from '../../graph/names';
import { unpackInt4 } from '../../numerics/int4';
import { widenHalf } from '../../numerics/half';
import type { OpenSizes } from '../open-sizes';
import type { CarriedTensor } from './carried';
import { dequantize } from '../../numerics/dequantize';
import { typedView } from './schema/decode';
import { BYTES_PER_ELEMENT, dtypeOf, isNumberType, typeName } from './schema/enums';
import type { Row } from './schema/tables';
import type { ShapeValue } from './shape-values';
import { densePositions } from './sparse';

/** Dimensions a TensorFlow Lite kernel handles at most. */
const MAX_RANK = 8;

const QUANTIZED: ReadonlySet<DType> = new Set<DType>(['int4', 'int8', 'uint8', 'int16', 'int32', 'int64']);

export class TensorReader {
  /** What was changed on the way, for the notes. */
  readonly widened = new Set<number>();
  readonly dequantized = new Map<number, Tensor>();
  readonly densified = new Set<number>();
  /** Inputs whose open sizes were taken as declared. */
  readonly sized = new Map<TensorId, Shape>();

  private readonly taken = new UniqueNames();
  private readonly names: readonly string[];
  private readonly tensors = new Map<number, Tensor>();
  private readonly data = new Map<string, TensorData>();
  private unfolded: number;

  constructor(
    private readonly file: { readonly bytes: Uint8Array; readonly name: string },
    private readonly buffers: readonly Row<'Buffer'>[],
    private readonly rows: readonly Row<'Tensor'>[],
    private readonly symbolicBatch: boolean,
  ) {
    this.names = rows.map((row, index) => this.taken.take(row.name?.trim() || `tensor_${index}`));
    this.unfolded = 8 * file.bytes.byteLength + 2 ** 20;
  }

  name(index: number): string {
    return this.names[index] ?? `tensor ${index}`;
  }

  /** A name for a tensor that the file does not have. */
  fresh(wanted: string): TensorId {
    return this.taken.take(wanted);
  }

  /** Throws for tensors that do not exist or that the Graph has no form for. */
  get(index: number): Tensor {
    const known = this.tensors.get(index);
    if (known) return known;
    const tensor = this.read(index);
    this.tensors.set(index, tensor);
    return tensor;
  }

  /**
   * The tensor with every dimension but a symbolic batch made concrete: as given, else as the file declares it beside what it
   * leaves open. A declared 1 is the converter's placeholder, and nothing that a model was made for.
   */
  pinned(index: number, sizes: OpenSizes): Tensor {
    const tensor = this.get(index);
    if (!tensor.shape.some((d, axis) => d === BATCH && axis > 0)) return tensor;
    const { shape: declared = [] } = this.row(index);
    const [batch, ...rest] = tensor.shape;
    const open = rest.map((d, i) => {
      const placeholder = Math.abs(declared[i + 1]);
      if (d !== BATCH) return d;
      return placeholder > 1 && !sizes.isGiven(tensor.id, i) ? placeholder : null;
    });
    const pinned = { ...tensor, shape: [batch, ...sizes.fixed(tensor.id, open)] };
    this.sized.set(pinned.id, pinned.shape);
    this.set(index, pinned);
    return pinned;
  }

  /** The tensor as something that is only passed on; `reason` continues 'it uses "x", …'. */
  carry(index: number, { id, dtype, shape, quant }: Tensor, reason: string): Tensor {
    const row = this.row(index);
    const carried: CarriedTensor = { row, bytes: this.content(index, row), reason };
    const tensor: Tensor = { id, dtype, shape, ...(quant && { quant }), carried };
    this.set(index, tensor);
    return tensor;
  }

  /** A tensor that takes part in nothing but its operator's own work. */
  internal(index: number): CarriedTensor {
    const row = this.row(index);
    return { row, bytes: this.content(index, row), reason: 'internal to its operator' };
  }

  /** Whether the file gives the tensor a shape that can be computed with; scalars look like unknown ranks there. */
  hasKnownShape(index: number): boolean {
    const { shape = [], hasRank } = this.row(index);
    const declared = this.declaredShape(index);
    return (shape.length > 0 || hasRank) && declared.every((d, axis) => d > 0 || (d === BATCH && axis === 0));
  }

  /**
   * The declared shape, -1 wherever the signature leaves a size open: what is written beside it there, a batch too, is the
   * converter's placeholder. Null where the file leaves even the rank open, which looks like a scalar of older converters.
   */
  promisedShape(index: number): number[] | null {
    const { shape = [], shapeSignature, hasRank } = this.row(index);
    if (shape.length === 0 && !hasRank) return null;
    const declared = this.declaredShape(index);
    return shapeSignature?.length === shape.length
      ? declared.map((d, axis) => (shapeSignature[axis] < 0 ? -1 : d))
      : declared;
  }

  /** Integers worked out from shapes, as the constant that they are; null where they depend on the batch. */
  fromShapeValue(index: number, value: ShapeValue): Tensor | null {
    if (!value.every(Number.isSafeInteger)) return null;
    const { id, dtype } = this.get(index);
    const known = this.declaredShape(index);
    const shape = elementCount(known) === value.length && !known.includes(-1) ? known : [value.length];
    const data = dtype === 'int64' ? BigInt64Array.from(value, BigInt) : Int32Array.from(value);
    const tensor: Tensor = { id, dtype, shape, data };
    this.set(index, tensor);
    return tensor;
  }

  /** Replaces what the file says about an activation, for instance by its inferred shape. */
  set(index: number, tensor: Tensor): void {
    this.tensors.set(index, tensor);
  }

  /** Scale and zero point of a tensor that need not be one of the Graph; null where it has none, or several. */
  wholeParams(index: number): QuantParams | null {
    const { scale, zeroPoint } = this.row(index).quantization ?? {};
    if (scale?.length !== 1 || !(scale[0] > 0 && Number.isFinite(scale[0]))) return null;
    return { scale, zeroPoint: Int32Array.of(Number(zeroPoint?.[0] ?? 0n)), quantizedDimension: 0 };
  }

  isSparse(index: number): boolean {
    return this.row(index).sparsity !== undefined;
  }

  type(index: number): string {
    return typeName(this.row(index).type);
  }

  /** The declared shape: -1 for dimensions the file leaves open. */
  declaredShape(index: number): number[] {
    const { shape = [], shapeSignature } = this.row(index);
    const open = shapeSignature?.length === shape.length ? shapeSignature : shape;
    return Array.from(shape, (d, axis) => {
      if (d < -1) throw this.corrupt(index, `has a dimension of ${d}`);
      const dynamic = open[axis] < 0 || d < 0;
      return dynamic && (axis > 0 || this.symbolicBatch) ? -1 : Math.abs(d);
    });
  }

  /** The constant with its integer weights turned into the float32 values they stand for. */
  asFloat(index: number): Tensor {
    const known = this.dequantized.get(index);
    if (known) return known;
    const tensor = this.get(index);
    if (!tensor.data || !tensor.quant || tensor.dtype === 'float32') return tensor;
    this.unfold(4 * tensor.data.length, index);
    const { quant, dtype, ...rest } = tensor;
    const data = dequantize(tensor.data, tensor.shape, quant);
    const float: Tensor = { ...rest, dtype: 'float32', data, storedAs: { dtype, quant } };
    this.dequantized.set(index, float);
    return float;
  }

  private row(index: number): Row<'Tensor'> {
    const row = this.rows[index];
    if (row?.shape && row.shape.length > MAX_RANK) throw this.corrupt(index, `has ${row.shape.length} dimensions`);
    if (row) return row;
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file is damaged: tensor ${index} is used but only ${this.rows.length} exist.`,
      where: this.file.name,
    });
  }

  private read(index: number): Tensor {
    const row = this.row(index);
    const dtype = dtypeOf(row.type);
    if (!dtype) throw this.unsupported(index, `is of ${typeName(row.type)}`);
    if (row.externalBuffer !== 0) throw this.unsupported(index, 'has its content in another file');
    const id = this.name(index);
    const content = this.content(index, row);
    const reason = whyCarried(row, dtype, content !== null);
    if (reason || !isNumberType(dtype))
      return this.carry(index, { id, dtype, shape: this.declaredShape(index) }, reason ?? `of type ${dtype}`);
    if (!content) {
      const shape = this.declaredShape(index);
      const quant = this.quant(index, row, dtype, shape);
      return { id, dtype, shape, ...(quant && { quant }) };
    }
    const shape = Array.from(row.shape ?? []);
    if (shape.some((d) => d < 0)) throw this.corrupt(index, 'is a constant of unknown shape');
    if (row.sparsity) return this.dense(index, row, dtype, content, shape);
    if (content.byteLength !== Math.ceil(elementCount(shape) * BYTES_PER_ELEMENT[dtype]))
      throw this.corrupt(index, `holds ${content.byteLength} bytes but is declared as ${dtype} [${shape.join(', ')}]`);
    const quant = this.quant(index, row, dtype, shape);
    const data = this.values(index, row.buffer, dtype, content, shape);
    return { id, dtype: dtype === 'float16' ? 'float32' : dtype, shape, data, ...(quant && { quant }) };
  }

  /** A constant that the file stores sparse, as the dense one it stands for. */
  private dense(
    index: number,
    row: Row<'Tensor'>,
    dtype: NumberType,
    content: Uint8Array,
    shape: readonly number[],
  ): Tensor {
    if (dtype === 'int4') throw this.unsupported(index, 'is stored sparse in four bits');
    const stored = Math.floor(content.byteLength / BYTES_PER_ELEMENT[dtype]);
    const positions = densePositions(row.sparsity!, shape, stored);
    if (!positions) throw this.corrupt(index, 'is stored sparse in a way that does not fit its shape');
    const values = this.values(index, row.buffer, dtype, content, [stored]);
    const data = new (values.constructor as new (length: number) => TensorData)(elementCount(shape));
    const quant = this.quant(index, row, dtype, shape);
    // What is not stored stands for the real number zero.
    if (quant && !(data instanceof BigInt64Array)) data.fill(quant.zeroPoint[0]);
    positions.forEach((to, i) => (data[to] = values[i]!));
    this.densified.add(index);
    return {
      id: this.name(index),
      dtype: dtype === 'float16' ? 'float32' : dtype,
      shape,
      data,
      ...(quant && { quant }),
    };
  }

  /** Content of a buffer, be it within the FlatBuffer or behind it. */
  bufferContent(index: number): Uint8Array | null {
    const { data, offset, size } = this.buffers[index];
    if (data && data.byteLength > 0) return data;
    if (offset <= 1) return null;
    if (offset + size > this.file.bytes.byteLength) throw this.damaged(`buffer ${index} lies behind its end`);
    return this.file.bytes.subarray(offset, offset + size);
  }

  private content(index: number, row: Row<'Tensor'>): Uint8Array | null {
    if (row.buffer < this.buffers.length) return this.bufferContent(row.buffer);
    if (row.buffer === 0) return null; // some writers leave out even the empty buffer
    throw this.corrupt(index, `refers to buffer ${row.buffer} of ${this.buffers.length}`);
  }

  /** Tensors that share a buffer share its values. */
  private values(index: number, buffer: number, dtype: NumberType, content: Uint8Array, shape: Shape): TensorData {
    const key = `${buffer} ${dtype} ${elementCount(shape)}`; // an odd int4 ends within a byte
    if (dtype === 'float16') this.widened.add(index);
    const known = this.data.get(key);
    if (known) return known;
    const data =
      dtype === 'float16' ? widenHalf(typedView(Uint16Array, content)) : VIEWS[dtype](content, elementCount(shape));
    this.data.set(key, data);
    return data;
  }

  private quant(index: number, row: Row<'Tensor'>, dtype: DType, shape: readonly number[]): QuantParams | undefined {
    const { scale, zeroPoint: zeros, quantizedDimension: declared = 0 } = row.quantization ?? {};
    // Old converters gave the bias of a depthwise convolution the dimension of its filter.
    const quantizedDimension = shape.length === 1 ? 0 : declared;
    if (!scale?.length || !QUANTIZED.has(dtype)) return undefined;
    if (!scale.every((s) => Number.isFinite(s) && s >= 0)) throw this.corrupt(index, 'has an impossible scale');
    if (scale.length > 1 && shape[quantizedDimension] !== scale.length)
      throw this.corrupt(
        index,
        `has ${scale.length} scales for dimension ${quantizedDimension} of [${shape.join(', ')}]`,
      );
    if (zeros && zeros.length > 1 && zeros.length !== scale.length)
      throw this.corrupt(index, `has ${scale.length} scales but ${zeros.length} zero points`);
    const zeroPoint = Int32Array.from(scale, (_, i) => Number(zeros?.[zeros.length > 1 ? i : 0] ?? 0n));
    return { scale, zeroPoint, quantizedDimension: scale.length > 1 ? quantizedDimension : 0 };
  }

  /** Values copied out of the file are counted: tensors of a hostile file may all point at the same bytes. */
  private unfold(bytes: number, index: number): void {
    this.unfolded -= bytes;
    if (this.unfolded < 0) throw this.corrupt(index, 'repeats more content than the file can hold');
  }

  private corrupt(index: number, problem: string): RangefinderError {
    return this.damaged(`tensor "${this.name(index)}" ${problem}`, `, tensor ${index}`);
  }

  damaged(problem: string, place = ''): RangefinderError {
    return new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file is damaged: ${problem}.`,
      where: `${this.file.name}${place}`,
      hint: 'Download or export the file again.',
    });
  }

  private unsupported(index: number, feature: string): RangefinderError {
    return new RangefinderError({
      code: 'unsupported-feature',
      message: `Tensor "${this.name(index)}" ${feature}, which Rangefinder does not read.`,
      where: `${this.file.name}, tensor ${index}`,
      hint: 'Export the model with dense float32 or float16 weights, or with ordinary int8 quantization.',
    });
  }
}

/** Why the Graph has no form for a tensor, to continue 'it uses "x", …'. */
function whyCarried(row: Row<'Tensor'>, dtype: DType, isConstant: boolean): string | undefined {
  if (row.sparsity && !isConstant) return 'stored sparse';
  if (row.isVariable) return 'a variable that keeps state between runs';
  if (row.quantization && row.quantization.detailsType !== 0) return 'quantized by blocks or in a custom way';
  if (dtype === 'float16' && !isConstant) return 'computed in float16';
  return undefined;
}

const VIEWS: Record<Exclude<NumberType, 'float16'>, (bytes: Uint8Array, count: number) => TensorData> = {
  float32: (bytes) => typedView(Float32Array, bytes),
  int4: unpackInt4,
  int8: (bytes) => typedView(Int8Array, bytes),
  uint8: (bytes) => bytes,
  bool: (bytes) => bytes,
  int16: (bytes) => typedView(Int16Array, bytes),
  int32: (bytes) => typedView(Int32Array, bytes),
  int64: (bytes) => typedView(BigInt64Array, bytes),
};
