import { RangefinderError } from '../../base/errors';
import {
  elementCount,
  type DType,
  type Graph,
  type Provenance,
  type QuantParams,
  type Shape,
  type Tensor,
  type TensorData,
  type TensorId,
} from './graph';
import { checkLimits } from './limits';
import { UniqueNames } from './names';
import type { FusedActivation, Op, OpAttrs, OpKind } from './ops/attrs';
import { inferOp } from './ops/infer';
import { definitionOf } from './ops/table';
import { validateGraph } from './validate';

export interface ConstantOptions {
  readonly dtype?: DType;
  readonly quant?: QuantParams;
}

export interface OpOptions {
  readonly activation?: FusedActivation;
  /** Wanted names of the outputs; the op's own name where left out. */
  readonly outputs?: readonly string[];
  readonly sourceName?: string;
  /** Of all outputs; what the op's definition says where left out. */
  readonly dtype?: DType;
  /** Of all outputs. */
  readonly quant?: QuantParams;
}

const UNKNOWN_ORIGIN: Provenance = {
  format: 'built',
  fileName: '',
  fileBytes: 0,
  signatures: [],
  metadata: {},
  notes: [],
};

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int16Array) return 'int16';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

/**
 * Builds a Graph op by op, in the order of computation. Names that are taken get a number behind them; the id that
 * became of a name is returned. Output shapes are inferred, so a wrong op is refused where it is added.
 */
export class GraphBuilder {
  readonly #tensors = new Map<TensorId, Tensor>();
  readonly #tensorNames = new UniqueNames();
  readonly #opNames = new UniqueNames();
  readonly #ops: Op[] = [];
  readonly #inputs: TensorId[] = [];

  constructor(readonly name: string) {}

  /** The tensor of an id handed out before; throws 'invalid-graph' for any other. */
  tensor(id: TensorId): Tensor {
    const tensor = this.#tensors.get(id);
    if (tensor) return tensor;
    throw new RangefinderError({
      code: 'invalid-graph',
      message: `There is no tensor "${id}" to read.`,
      where: id,
      hint: 'The file is damaged or lists its layers in an order they cannot be computed in.',
    });
  }

  shape(id: TensorId): Shape {
    return this.tensor(id).shape;
  }

  input(name: string, shape: Shape, dtype: DType = 'float32', quant?: QuantParams): TensorId {
    const id = this.#addTensor(name, { dtype, shape, ...(quant && { quant }) });
    this.#inputs.push(id);
    return id;
  }

  /** The data is kept, not copied. Plain numbers become float32. */
  constant(
    name: string,
    data: TensorData | readonly number[],
    shape: Shape,
    { dtype, quant }: ConstantOptions = {},
  ): TensorId {
    const values = ArrayBuffer.isView(data) ? data : Float32Array.from(data);
    if (values.length !== elementCount(shape))
      throw new RangefinderError({
        code: 'invalid-graph',
        message: `Constant "${name}" has ${values.length} values for a shape of [${shape.join(', ')}].`,
        where: name,
        hint: 'The file is damaged: export the model again.',
      });
    return this.#addTensor(name, { dtype: dtype ?? dtypeOf(values), shape, data: values, ...(quant && { quant }) });
  }

  /** Adds an op and returns its outputs, as many as its shape rule says (split and unpack have several). */
  op<K extends OpKind>(
    kind: K,
    name: string,
    inputs: readonly (TensorId | null)[],
    attrs: OpAttrs[K],
    options: OpOptions = {},
  ): TensorId[] {
    const count = this.#outputCount(kind, inputs, attrs);
    checkLimits(this.#ops.length, count, name);
    const id = this.#opNames.take(name);
    const wanted = Array.from({ length: count }, (_, i) => options.outputs?.[i] ?? (count > 1 ? `${name}:${i}` : name));
    const { activation = 'none', sourceName = name } = options;
    const draft = { id, kind, attrs, inputs, outputs: wanted, activation, sourceName } as unknown as Op;
    const { op, shapes } = inferOp(draft, (tensor) => this.tensor(tensor));
    const inputTypes = inputs.flatMap((input) => (input === null ? [] : [this.tensor(input).dtype]));
    const types = definitionOf(op).types?.(op.attrs, inputTypes) ?? [];
    const outputs = shapes.map((shape, i) => {
      // Of several outputs, one whose type the definition knows is no number to be quantized.
      const type = i > 0 ? types[i] : undefined;
      const dtype = type ?? options.dtype ?? types[i] ?? inputTypes[0] ?? 'float32';
      return this.#addTensor(wanted[i], { dtype, shape, ...(options.quant && !type && { quant: options.quant }) });
    });
    this.#ops.push({ ...op, outputs });
    return outputs;
  }

  /** The validated Graph. */
  build(outputs: readonly TensorId[], provenance: Partial<Provenance> = {}): Graph {
    return validateGraph({
      name: this.name,
      tensors: this.#tensors,
      ops: this.#ops,
      inputs: this.#inputs,
      outputs,
      provenance: { ...UNKNOWN_ORIGIN, ...provenance },
    });
  }

  #outputCount<K extends OpKind>(kind: K, [x]: readonly (TensorId | null)[], attrs: OpAttrs[K]): number {
    if (kind === 'topK' || kind === 'lstm') return 2;
    if (kind === 'opaque') return (attrs as OpAttrs['opaque']).shapes.length;
    if (kind === 'split') return (attrs as OpAttrs['split']).sizes.length;
    if (kind === 'unpack' && x) return this.shape(x).at((attrs as OpAttrs['unpack']).axis) ?? 1;
    return 1;
  }

  #addTensor(name: string, tensor: Omit<Tensor, 'id'>): TensorId {
    const id = this.#tensorNames.take(name);
    this.#tensors.set(id, { ...tensor, id });
    return id;
  }
}
