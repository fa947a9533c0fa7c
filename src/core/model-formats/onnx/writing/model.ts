/** The ONNX model being written: nodes, constants, and where the values of each tensor of the Graph stand. */
import { BATCH, tensorOf, type Graph, type QuantParams, type Shape, type TensorId } from '../../../graph/graph';
import { UniqueNames } from '../../../graph/names';
import { permutedData, permutedShape } from '../../../graph/permute';
import { floatToHalf } from '../../../numerics/half';
import type { MessageDraft } from '../proto/encode';
import { TO_NCHW, TO_NHWC } from '../layouts';

/** TensorProto.DataType */
const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  int4: 22,
} as const;
export type OnnxType = keyof typeof TYPES;

/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPES = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** How the four dimensions of an image stand: as in the Graph, or as ONNX's convolutions want them. */
export type Order = 'nhwc' | 'nchw';

/** A tensor's values in one order: as real numbers, as codes, or both. */
interface Held {
  real?: string;
  codes?: string;
}

export interface Codes {
  readonly type: 'int8' | 'uint8' | 'int16';
  readonly params: QuantParams;
}

export interface WriterOptions {
  readonly opset: number;
  /** What real numbers are computed in; inputs and outputs are float32 in any case. */
  readonly real: 'float32' | 'float16';
  /** Codes of activations that are rounded; all others stay real. */
  readonly codesOf: (id: TensorId) => Codes | undefined;
}

type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

export class ModelWriter {
  readonly nodes: MessageDraft<'NodeProto'>[] = [];
  readonly initializers: MessageDraft<'TensorProto'>[] = [];
  readonly domains = new Set<string>();
  private readonly names: UniqueNames;
  private readonly nodeNames = new UniqueNames();
  private readonly held = new Map<string, Held>();
  private readonly made = new Map<string, string>();

  constructor(
    readonly graph: Graph,
    readonly options: WriterOptions,
  ) {
    this.names = new UniqueNames([...graph.inputs, ...graph.outputs]);
  }

  get opset(): number {
    return this.options.opset;
  }

  shape(id: TensorId): Shape {
    return tensorOf(this.graph, id).shape;
  }

  isConstant(id: TensorId): boolean {
    return tensorOf(this.graph, id).data !== undefined;
  }

  fresh(name: string): string {
    return this.names.take(name);
  }

  // ---- nodes --------------------------------------------------------------------------------------------------------

  /** Adds a node of several outputs. */
  nodeOf(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: AttributeValues = {},
    domain = '',
  ): void {
    if (domain !== '') this.domains.add(domain);
    this.nodes.push({
      opType,
      name: this.nodeNames.take(`${outputs[0]}/${opType}`),
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ...(domain !== '' && { domain }),
    });
  }

  /** Adds a node of one output; returns its name. */
  node(opType: string, inputs: readonly string[], attributes: AttributeValues = {}, domain = ''): string {
    const output = this.fresh(`${inputs[0] || 'value'}_${opType}`);
    this.nodeOf(opType, inputs, [output], attributes, domain);
    return output;
  }

  // ---- constants ----------------------------------------------------------------------------------------------------

  /** A constant of the file; equal wishes for one name and content get the same. */
  constant(name: string, type: OnnxType, shape: Shape, bytes: Uint8Array): string {
    const unique = this.fresh(name);
    this.initializers.push({
      name: unique,
      dataType: TYPES[type],
      dims: Float64Array.from(shape),
      rawData: bytes.slice(),
    });
    return unique;
  }

  once(key: string, make: () => string): string {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.made.set(key, name);
    return name;
  }

  integers(values: readonly number[]): string {
    return this.once(`int64 ${values.join()}`, () =>
      this.constant('integers', 'int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
    );
  }

  /** Real numbers, in the type that is computed in. */
  reals(name: string, values: ArrayLike<number>, shape: Shape): string {
    const { real } = this.options;
    const bytes = real === 'float32' ? Float32Array.from(values) : Uint16Array.from(values, floatToHalf);
    return this.constant(name, real, shape, bytesOf(bytes));
  }

  number(value: number): string {
    return this.once(`number ${value}`, () => this.reals('number', [value], []));
  }

  /** Factors of a resize, which are float32 whatever is computed in. */
  constantScales(values: readonly number[]): string {
    return this.once(`factors ${values.join()}`, () => this.scales('factors', Float32Array.from(values), false));
  }

  /** A scale, which is float32 whatever is computed in. */
  scales(name: string, values: Float32Array, single: boolean): string {
    return this.constant(name, 'float32', single ? [] : [values.length], bytesOf(values));
  }

  // ---- tensors ------------------------------------------------------------------------------------------------------

  /** Makes a name stand for a tensor's real values. What is rounded is rounded here. */
  putReal(id: TensorId, order: Order, name: string): void {
    const codes = this.options.codesOf(id);
    if (!codes) this.at(id, order).real = name;
    else this.putCodes(id, order, this.node('QuantizeLinear', [name, ...this.parameters(id)]));
  }

  putCodes(id: TensorId, order: Order, name: string): void {
    this.at(id, order).codes = name;
  }

  /** Scale and zero point of a tensor's codes. */
  parameters(id: TensorId): [scale: string, zeroPoint: string] {
    const { type, params } = this.options.codesOf(id)!;
    const [scale, zero] = [params.scale[0], params.zeroPoint[0]];
    const scaleName = this.once(`scale ${scale}`, () => this.scales(`${id}_scale`, Float32Array.of(scale), true));
    const bytes = type === 'int16' ? bytesOf(Int16Array.of(zero)) : Uint8Array.of(zero & 255);
    return [scaleName, this.once(`zero ${type} ${zero}`, () => this.constant(`${id}_zero_point`, type, [], bytes))];
  }

  /** The order in which a tensor is there already; images that are in both, and whatever is no image, as in the Graph. */
  orderOf(id: TensorId): Order {
    if (this.shape(id).length !== 4 || this.isConstant(id)) return 'nhwc';
    return this.held.has(`nhwc ${id}`) ? 'nhwc' : 'nchw';
  }

  has(id: TensorId, order: Order): boolean {
    return this.held.has(`${order} ${id}`);
  }

  /** The name of a tensor's real values; constants are laid out, activations turned where they are in the other order. */
  real(id: TensorId, order: Order = 'nhwc'): string {
    if (this.isConstant(id)) return this.constantOperand(id, order);
    const held = this.in(id, order);
    if (held.real === undefined) held.real = this.node('DequantizeLinear', [held.codes!, ...this.parameters(id)]);
    return held.real;
  }

  /** The name of a tensor's codes; undefined where it has none. */
  codes(id: TensorId, order: Order = 'nhwc'): string | undefined {
    return this.isConstant(id) ? undefined : this.in(id, order).codes;
  }

  private at(id: TensorId, order: Order): Held {
    const actual = this.shape(id).length === 4 ? order : 'nhwc';
    const key = `${actual} ${id}`;
    let held = this.held.get(key);
    if (!held) this.held.set(key, (held = {}));
    return held;
  }

  private in(id: TensorId, order: Order): Held {
    const wanted = this.at(id, order);
    if (wanted.real !== undefined || wanted.codes !== undefined) return wanted;
    const other = this.at(id, order === 'nhwc' ? 'nchw' : 'nhwc');
    const permutation = order === 'nchw' ? TO_NCHW : TO_NHWC;
    const turned = (name: string) => this.node('Transpose', [name], { perm: permutation });
    if (other.codes !== undefined) wanted.codes = turned(other.codes);
    else if (other.real !== undefined) wanted.real = turned(other.real);
    else throw new Error(`"${id}" is read before it is written`); // graphs are in order
    return wanted;
  }

  /** A constant beside activations: of images in the other order with its dimensions moved, padded by ones in front. */
  private constantOperand(id: TensorId, order: Order): string {
    return this.once(`operand ${order} ${id}`, () => {
      const { dtype, data, shape } = tensorOf(this.graph, id);
      if (!(data instanceof Float32Array)) return this.constant(id, dtype as OnnxType, shape, bytesOf(data!));
      if (order === 'nhwc' || shape.every((d) => d === 1)) return this.reals(id, data, order === 'nhwc' ? shape : []);
      const four = [...Array<number>(4 - shape.length).fill(1), ...shape];
      return this.reals(id, permutedData(data, four, TO_NCHW), permutedShape(four, TO_NCHW));
    });
  }
}

export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function attribute(name: string, value: AttributeValue): MessageDraft<'AttributeProto'> {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPES.text };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPES.float };
  return { name, ints: Float64Array.from(value), type: ATTRIBUTE_TYPES.ints };
}

/** What the file says of an input or output: an open batch has a name in place of its size. */
export function valueInfo(name: string, dtype: string, shape: Shape): MessageDraft<'ValueInfoProto'> {
  const elemType = TYPES[dtype as OnnxType] ?? TYPES.float32;
  const dim = shape.map((d) => (d === BATCH ? { dimParam: 'N' } : { dimValue: d }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
