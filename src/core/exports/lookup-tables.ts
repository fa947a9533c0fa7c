/**
 * Weights as indices into tables of values, as TensorFlow Lite for Microcontrollers decompresses them while it runs
 * (tensorflow/lite/micro/docs/compression.md): the codes of each channel in 2^bits groups, found by k-means.
 */
import { Builder } from 'flatbuffers';
import { Decoder } from '../model-formats/tflite/schema/decode';
import { encode } from '../model-formats/tflite/schema/encode';
import { builtinName, IDENTIFIER, typeName } from '../model-formats/tflite/schema/enums';
import type { Row } from '../model-formats/tflite/schema/tables';
import { clusterCodes } from '../numerics/clusters';

export const MOST_INDEX_BITS = 7;

const METADATA = 'COMPRESSION_METADATA';

/** Operators whose kernels read weights from tables, channel by channel. */
const WITH_TABLES = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED', 'TRANSPOSE_CONV']);

export interface Compressed {
  /** Its weights are indices; only TensorFlow Lite for Microcontrollers reads it. */
  readonly compressed: Uint8Array<ArrayBuffer>;
  /** The same weights written out, for every runtime: it computes what the other does. */
  readonly plain: Uint8Array<ArrayBuffer>;
  /** Tensors with tables, and those that would have grown by them. */
  readonly tables: number;
  readonly left: number;
}

interface LookupTable {
  readonly tensor: number;
  readonly bits: number;
  readonly indices: Uint8Array;
  readonly values: Int8Array;
  readonly plain: Int8Array;
}

/**
 * @param bytes of a .tflite whose weights are int8
 * @param bits of an index, 1 to 7
 */
export function withLookupTables(bytes: Uint8Array, bits: number): Compressed {
  const model = new Decoder(bytes, 'model.tflite').root('Model');
  const [graph, ...others] = model.subgraphs as [Row<'SubGraph'>, ...Row<'SubGraph'>[]];
  const candidates = weightTensors(model, graph);
  const found = candidates.map((tensor) => tableOf(model, graph.tensors![tensor], tensor, bits));
  const tables = found.filter((table) => table !== null);

  const buffers = [...(model.buffers ?? [])].map((buffer) => ({ ...buffer }));
  const plainBuffers = buffers.map((buffer) => ({ ...buffer }));
  const entries = tables.map(({ tensor, bits: width, indices, values, plain }) => {
    const { buffer } = graph.tensors![tensor];
    buffers[buffer] = { ...buffers[buffer], data: indices };
    plainBuffers[buffer] = { ...plainBuffers[buffer], data: bytesOf(plain) };
    return { tensor, bits: width, valueBuffer: buffers.push({ ...buffers[0], data: bytesOf(values) }) - 1 };
  });
  const buffer = buffers.push({ ...buffers[0], data: compressionMetadata(entries) }) - 1;
  const metadata = [...(model.metadata ?? []), { name: METADATA, buffer }];
  const written = (changed: object) =>
    encode('Model', { ...model, subgraphs: [graph, ...others], ...changed }, IDENTIFIER, bytes.byteLength + 4096);
  return {
    compressed: written({ buffers, metadata }),
    plain: written({ buffers: plainBuffers }),
    tables: tables.length,
    left: found.length - tables.length,
  };
}

/** Constant int8 weights that one operator alone reads, and no other tensor shares the bytes of. */
function weightTensors(model: Row<'Model'>, { operators, tensors }: Row<'SubGraph'>): number[] {
  const readers = new Map<number, number>();
  for (const { inputs } of operators ?? [])
    for (const input of new Set(inputs ?? [])) readers.set(input, (readers.get(input) ?? 0) + 1);
  const owners = new Map<number, number>();
  for (const { buffer } of tensors ?? []) owners.set(buffer, (owners.get(buffer) ?? 0) + 1);
  return (operators ?? []).flatMap(({ opcodeIndex, inputs }) => {
    const { builtinCode, deprecatedBuiltinCode } = model.operatorCodes![opcodeIndex];
    const weights = inputs?.[1];
    if (!WITH_TABLES.has(builtinName(Math.max(builtinCode, deprecatedBuiltinCode))) || weights === undefined) return [];
    const tensor = tensors?.[weights];
    const alone = readers.get(weights) === 1 && tensor !== undefined && owners.get(tensor.buffer) === 1;
    return alone && typeName(tensor.type) === 'int8' && model.buffers?.[tensor.buffer]?.data ? [weights] : [];
  });
}

/** @returns null where indices and values together take no fewer bytes than the weights */
function tableOf(model: Row<'Model'>, { buffer, shape, quantization }: Row<'Tensor'>, tensor: number, bits: number) {
  const data = model.buffers![buffer].data!;
  const codes = new Int8Array(data.buffer, data.byteOffset, data.byteLength);
  const channels = Math.max(1, quantization?.scale?.length ?? 1);
  const axisLast = channels > 1 && quantization?.quantizedDimension === (shape?.length ?? 0) - 1;
  const inner = axisLast ? 1 : codes.length / channels;
  const channelOf = (i: number) => Math.floor(i / inner) % channels;

  const places = Array.from({ length: channels }, (): number[] => []);
  for (let i = 0; i < codes.length; i++) places[channelOf(i)].push(i);
  const clusters = places.map((positions) =>
    clusterCodes(
      Int8Array.from(positions, (i) => codes[i]),
      2 ** bits,
    ),
  );
  const stride = clusters.reduce((most, { centers }) => Math.max(most, centers.length), 0);
  // Where no channel has so many values, fewer bits tell them apart.
  const width = Math.max(1, Math.ceil(Math.log2(stride)));
  const packed = Math.ceil((codes.length * width) / 8);
  if (packed + stride * channels >= codes.length) return null;

  const values = new Int8Array(stride * channels);
  const indices = new Uint8Array(codes.length);
  const plain = new Int8Array(codes.length);
  clusters.forEach(({ centers, members }, channel) => {
    values.set(centers, channel * stride);
    places[channel].forEach((i, at) => {
      indices[i] = members[at]!;
      plain[i] = centers[members[at]]!;
    });
  });
  return { tensor, bits: width, indices: packBits(indices, width), values, plain } satisfies LookupTable;
}

/** Indices one after another, the most significant bit first, the last byte filled with zeros. */
export function packBits(indices: Uint8Array, bits: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil((indices.length * bits) / 8));
  indices.forEach((index, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      packed[at >> 3] |= ((index >> (bits - 1 - bit)) & 1) << (7 - (at & 7));
    }
  });
  return packed;
}

/** Tables of micro/compression/metadata.fbs, schema version 1. */
function compressionMetadata(
  entries: readonly { readonly tensor: number; readonly bits: number; readonly valueBuffer: number }[],
): Uint8Array {
  const builder = new Builder(64 + 32 * entries.length);
  const table = (fields: number, add: () => void) => {
    builder.startObject(fields);
    add();
    return builder.endObject();
  };
  const vector = (offsets: readonly number[]) => {
    builder.startVector(4, offsets.length, 4);
    for (const offset of [...offsets].reverse()) builder.addOffset(offset);
    return builder.endVector();
  };
  const tensors = entries.map(({ tensor, bits, valueBuffer }) =>
    table(3, () => {
      builder.addFieldInt32(0, tensor, 0);
      builder.addFieldInt32(1, valueBuffer, 0);
      builder.addFieldInt8(2, bits, 0);
    }),
  );
  const list = vector(tensors);
  const subgraphs = vector([table(1, () => builder.addFieldOffset(0, list, 0))]);
  builder.finish(
    table(2, () => {
      builder.addFieldInt32(0, 1, 0); // written out, though it is the default
      builder.addFieldOffset(1, subgraphs, 0);
    }),
  );
  return builder.asUint8Array().slice();
}

const bytesOf = (values: Int8Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
