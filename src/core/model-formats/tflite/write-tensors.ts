/** Tensors and buffers of the file being written. */
import {
  BATCH,
  tensorOf,
  withBatch,
  type DType,
  type Graph,
  type Shape,
  type Tensor,
  type TensorId,
} from '../../graph/graph';
import { packInt4 } from '../../numerics/int4';
import { carriedOf, tensorDraft, type CarriedTensor } from './carried';
import type { Operand, Target } from './ops/row';
import { tensorType } from './schema/enums';
import type { Draft } from './schema/tables';

export class TensorWriter implements Target {
  readonly drafts: Draft<'Tensor'>[] = [];
  /** Buffer 0 is empty by the format's rule: activations refer to it. */
  readonly buffers: Draft<'Buffer'>[] = [{}];
  dataBytes = 0;

  private readonly indices = new Map<TensorId, number>();
  private readonly names: Set<string>;
  /** Buffers by length, to find the one with the same content. */
  private readonly byLength = new Map<number, { readonly bytes: Uint8Array; readonly index: number }[]>();
  private readonly made = new Map<string, number>();

  constructor(
    private readonly graph: Graph,
    private readonly fixedBatch: number | undefined,
  ) {
    this.names = new Set(graph.tensors.keys());
    const unlisted = new Set(graph.ops.flatMap((op) => (op.kind === 'lstm' ? op.outputs.slice(1) : [])));
    for (const tensor of graph.tensors.values())
      if (!unlisted.has(tensor.id)) this.indices.set(tensor.id, this.add(tensor, tensor.id));
  }

  tensor(id: TensorId): Tensor {
    return tensorOf(this.graph, id);
  }

  index(id: TensorId): number {
    const index = this.indices.get(id);
    if (index === undefined) throw new Error(`no tensor "${id}" in graph "${this.graph.name}"`);
    return index;
  }

  operand(operand: Operand): number {
    if (operand === null) return -1;
    return typeof operand === 'string' ? this.index(operand) : operand.constant;
  }

  fileShape(id: TensorId): number[] {
    return withBatch(this.tensor(id).shape, this.fixedBatch ?? 1);
  }

  dynamicShape(id: TensorId): number[] {
    return this.fixedBatch === undefined ? [...this.tensor(id).shape] : this.fileShape(id);
  }

  constant(
    name: string,
    dtype: DType,
    data: Int32Array | Int8Array | Float32Array,
    shape: Shape,
    { quant }: Pick<Tensor, 'quant'> = {},
  ): Operand {
    const buffer = this.buffer(bytesOf(data));
    const key = [dtype, shape.join(), buffer, quant && `${quant.scale.join()} ${quant.zeroPoint.join()}`].join(' ');
    let index = this.made.get(key);
    if (index === undefined) {
      index = this.add({ id: name, dtype, shape, data, ...(quant && { quant }) }, this.unusedName(name));
      this.made.set(key, index);
    }
    return { constant: index };
  }

  internal({ row, bytes }: CarriedTensor): number {
    return (
      this.drafts.push(tensorDraft(row, bytes ? this.buffer(bytes) : 0, this.unusedName(row.name ?? 'internal'))) - 1
    );
  }

  own(tensor: Omit<Tensor, 'data'>, isVariable: boolean): number {
    const index = this.add(tensor, this.unusedName(tensor.id));
    if (isVariable) this.drafts[index] = { ...this.drafts[index], isVariable };
    return index;
  }

  /** Index of the buffer with these bytes. */
  buffer(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    let alike = this.byLength.get(bytes.length);
    if (!alike) this.byLength.set(bytes.length, (alike = []));
    const known = alike.find((candidate) => equal(candidate.bytes, bytes));
    if (known) return known.index;
    const index = this.buffers.push({ data: bytes }) - 1;
    alike.push({ bytes, index });
    this.dataBytes += bytes.length + 64;
    return index;
  }

  private add(tensor: Tensor, name: string): number {
    const carried = carriedOf(tensor);
    if (carried) {
      const { row, bytes } = carried;
      return this.drafts.push(tensorDraft(row, bytes ? this.buffer(bytes) : 0, name)) - 1;
    }
    const { dtype, shape, data, quant } = tensor;
    const open = shape.includes(BATCH) && this.fixedBatch === undefined;
    return (
      this.drafts.push({
        ...(shape.length > 0 ? { shape: Int32Array.from(withBatch(shape, this.fixedBatch ?? 1)) } : { hasRank: true }),
        ...(open && { shapeSignature: Int32Array.from(shape) }),
        type: tensorType(dtype),
        buffer: data ? this.buffer(dtype === 'int4' ? packInt4(data as Int8Array) : bytesOf(data)) : 0,
        name,
        ...(quant && {
          quantization: {
            scale: quant.scale,
            zeroPoint: BigInt64Array.from(quant.zeroPoint, BigInt),
            quantizedDimension: quant.quantizedDimension,
          },
        }),
      }) - 1
    );
  }

  private unusedName(name: string): string {
    let unused = name;
    for (let i = 1; this.names.has(unused); i++) unused = `${name}_${i}`;
    this.names.add(unused);
    return unused;
  }
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
