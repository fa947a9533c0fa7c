/**
 * LiteRT.js cannot describe or allocate a tensor whose `shape_signature` leaves a dimension open (-1), although `shape`
 * beside it is concrete. TensorFlow's converter writes both; here the signature is set to the shape. Field numbers are
 * those of the TensorFlow Lite schema: Model.subgraphs 2, SubGraph.tensors 0, Tensor.shape 0, Tensor.shape_signature 7.
 */
import { RangefinderError } from '../../base/errors';

const field = (number: number): number => 4 + 2 * number;
const SUBGRAPHS = field(2);
const TENSORS = field(0);
const SHAPE = field(0);
const SHAPE_SIGNATURE = field(7);

/**
 * The same file with every open dimension pinned; the bytes themselves where there is none.
 * @throws RangefinderError 'corrupt-file' where the bytes are no flatbuffer of a model.
 */
export function pinSymbolicShapes(bytes: Uint8Array): Uint8Array {
  const reader = new FlatReader(bytes);
  const patches: { readonly at: number; readonly value: number }[] = [];
  try {
    for (const subgraph of reader.tables(reader.root(), SUBGRAPHS))
      for (const tensor of reader.tables(subgraph, TENSORS)) {
        const shape = reader.vector(tensor, SHAPE);
        const signature = reader.vector(tensor, SHAPE_SIGNATURE);
        for (let i = 0; i < Math.min(shape.length, signature.length); i++)
          if (reader.int32(signature.at + 4 * i) < 0)
            patches.push({ at: signature.at + 4 * i, value: reader.int32(shape.at + 4 * i) });
      }
  } catch (cause) {
    throw new RangefinderError(
      { code: 'corrupt-file', message: 'The file is truncated or is no TensorFlow Lite model.' },
      { cause },
    );
  }
  if (patches.length === 0) return bytes;
  const pinned = bytes.slice();
  const view = new DataView(pinned.buffer);
  for (const { at, value } of patches) view.setInt32(at, value, true);
  return pinned;
}

/** The few reads needed; every one is bounds-checked by DataView. */
class FlatReader {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  root(): number {
    return this.#view.getUint32(0, true);
  }

  vector(table: number, vtableOffset: number): { readonly at: number; readonly length: number } {
    const vtable = table - this.int32(table);
    const offset =
      vtableOffset < this.#view.getUint16(vtable, true) ? this.#view.getUint16(vtable + vtableOffset, true) : 0;
    if (offset === 0) return { at: 0, length: 0 };
    const start = table + offset + this.#view.getUint32(table + offset, true);
    const length = this.#view.getUint32(start, true);
    if (start + 4 + 4 * length > this.#view.byteLength) throw new RangeError('vector beyond the end');
    return { at: start + 4, length };
  }

  *tables(table: number, vtableOffset: number): Iterable<number> {
    const { at, length } = this.vector(table, vtableOffset);
    for (let i = 0; i < length; i++) yield at + 4 * i + this.#view.getUint32(at + 4 * i, true);
  }
}
