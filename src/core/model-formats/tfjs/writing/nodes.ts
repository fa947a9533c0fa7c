/** The GraphModel of TensorFlow.js that is being written: its nodes, and its weights, the larger of them a byte each. */
import { tensorOf, type DType, type Graph, type Shape, type TensorId } from '../../../graph/graph';
import { UniqueNames } from '../../../graph/names';

/** Smaller constants, biases among them, stay float32: bytes would cost more accuracy than they save. */
const SMALLEST_STORED = 256;

export type Attribute = Readonly<Record<string, unknown>>;

export type TypeName = 'DT_FLOAT' | 'DT_INT32' | 'DT_BOOL';

/** TensorFlow.js has one type of whole numbers. */
export function typeNameOf(dtype: DType): TypeName {
  if (dtype === 'bool') return 'DT_BOOL';
  return dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
}

export const type = (name: TypeName = 'DT_FLOAT'): Attribute => ({ type: name });
export const ints = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });
export const int = (value: number): Attribute => ({ i: String(value) });
export const flag = (b: boolean): Attribute => ({ b });
/** Texts are bytes there, which JSON holds in base 64. */
export const text = (s: string): Attribute => ({ s: btoa(s) });
export const sizes = (shape: Shape): Attribute => ({ shape: { dim: shape.map((d) => ({ size: String(d) })) } });

interface Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly quantization?: { readonly dtype: 'uint8'; readonly scale: number; readonly min: number };
}

export class GraphModelWriter {
  readonly nodes: object[] = [];
  readonly manifest: Weight[] = [];
  readonly shards: Uint8Array[] = [];
  private readonly names: UniqueNames;
  private readonly nodeNames = new Map<TensorId, string>();
  private readonly made = new Map<string, string>();

  constructor(readonly graph: Graph) {
    this.names = new UniqueNames();
    for (const id of graph.tensors.keys()) this.nodeNames.set(id, this.names.take(plainName(id)));
  }

  /** The name of the node that computes a tensor. */
  name(id: TensorId): string {
    return this.nodeNames.get(id)!;
  }

  node(op: string, name: string, input: readonly string[], attr: Readonly<Record<string, Attribute>>): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  step(op: string, like: string, input: readonly string[], attr: Readonly<Record<string, Attribute>>): string {
    return this.node(op, this.names.take(plainName(`${like}/${op}`)), input, attr);
  }

  integers(values: readonly number[], shape: Shape = [values.length]): string {
    return this.once(`integers ${shape.join()} ${values.join()}`, () => {
      const name = this.constant('integers', shape, 'int32');
      this.manifest.push({ name, shape, dtype: 'int32' });
      this.shards.push(bytesOf(Int32Array.from(values)));
      return name;
    });
  }

  truths(id: string, values: Uint8Array, shape: Shape): string {
    return this.once(`truths ${id}`, () => {
      const name = this.constant(id, shape, 'bool');
      this.manifest.push({ name, shape, dtype: 'bool' });
      this.shards.push(values);
      return name;
    });
  }

  number(value: number): string {
    return this.reals(`number ${value}`, Float32Array.of(value), []);
  }

  /** A float constant, its values stored as bytes where there are many. */
  reals(id: string, values: Float32Array, shape: Shape): string {
    return this.once(`reals ${id} ${shape.join()}`, () => {
      const name = this.constant(id, shape, 'float32');
      if (values.length < SMALLEST_STORED) {
        this.manifest.push({ name, shape, dtype: 'float32' });
        this.shards.push(bytesOf(values));
        return name;
      }
      let [min, max] = [Infinity, -Infinity];
      for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)];
      const scale = (max - min) / 255 || 1;
      this.manifest.push({ name, shape, dtype: 'float32', quantization: { dtype: 'uint8', scale, min } });
      this.shards.push(Uint8Array.from(values, (value) => Math.round((value - min) / scale)));
      return name;
    });
  }

  input(id: TensorId): string {
    const { data, shape, dtype } = tensorOf(this.graph, id);
    if (!data) return this.name(id);
    if (dtype === 'bool') return this.truths(id, Uint8Array.from(data, Number), shape);
    return data instanceof Float32Array ? this.reals(id, data, shape) : this.integers(Array.from(data, Number), shape);
  }

  private constant(wanted: string, shape: Shape, dtype: Weight['dtype']): string {
    const attr = type(typeNameOf(dtype));
    const value = { tensor: { dtype: attr.type, tensorShape: { dim: shape.map((d) => ({ size: String(d) })) } } };
    return this.node('Const', this.names.take(plainName(`${wanted}/const`)), [], { dtype: attr, value });
  }

  private once(key: string, make: () => string): string {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.made.set(key, name);
    return name;
  }
}

/** A colon counts outputs, and a caret orders nodes: TensorFlow's names have neither. */
const plainName = (name: string) => name.replace(/[^A-Za-z0-9_./-]/g, '_').replace(/^[^A-Za-z0-9.]/, 'x$&');

const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
