import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../testing/fixtures/golden-archives';
import { Decoder } from '../model-formats/tflite/schema/decode';
import { packBits, withLookupTables } from './lookup-tables';

const FILE = committedArchive('quantized-models.zip').get('tf_int8.tflite')!;

/** What TensorFlow Lite for Microcontrollers makes of a tensor: docs/compression.md, read anew. */
function decompressed(
  packed: Uint8Array,
  table: Uint8Array,
  width: number,
  count: number,
  channelOf: (i: number) => number,
) {
  const bits = [...packed].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const channels = channelOf(count - 1) + 1;
  const stride = table.length / channels;
  return Array.from({ length: count }, (_, i) => {
    const index = parseInt(bits.slice(i * width, (i + 1) * width), 2);
    return (table[channelOf(i) * stride + index] << 24) >> 24;
  });
}

describe('withLookupTables', () => {
  it('packs as the documentation of TensorFlow Lite for Microcontrollers has it', () => {
    const packed = packBits(Uint8Array.of(7, 0, 3, 2), 3);
    expect([...packed].map((byte) => byte.toString(2).padStart(8, '0')).join('')).toBe('1110000110100000');
  });

  it('stores weights that decompress to those of the plain file, channel by channel', () => {
    const { compressed, plain, tables } = withLookupTables(FILE, 2);
    const [small, whole] = [compressed, plain].map((bytes) => new Decoder(bytes, 'x').root('Model'));
    const entry = small.metadata!.find(({ name }) => name === 'COMPRESSION_METADATA')!;
    const view = new DataView(small.buffers![entry.buffer].data!.slice().buffer);
    const follow = (at: number) => at + view.getUint32(at, true);
    const field = (table: number, slot: number) =>
      table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * slot, true);
    const subgraph = follow(follow(field(follow(0), 1)) + 4);
    const list = follow(field(subgraph, 0));
    expect(view.getUint32(list, true)).toBe(tables);
    expect(tables).toBeGreaterThan(1);
    for (let n = 0; n < tables; n++) {
      const lut = follow(list + 4 + 4 * n);
      const [index, buffer, width] = [
        view.getInt32(field(lut, 0), true),
        view.getUint32(field(lut, 1), true),
        view.getUint8(field(lut, 2)),
      ];
      const tensor = small.subgraphs![0].tensors![index];
      const codes = whole.buffers![whole.subgraphs![0].tensors![index].buffer].data!;
      const { scale, quantizedDimension } = tensor.quantization!;
      const channels = scale!.length;
      const last = channels > 1 && quantizedDimension === 3;
      const channelOf = (i: number) => (last ? i % channels : Math.floor((i * channels) / codes.length));
      const values = small.buffers![buffer].data!;
      expect(width).toBeLessThanOrEqual(2);
      expect(decompressed(small.buffers![tensor.buffer].data!, values, width, codes.length, channelOf)).toEqual(
        Array.from(codes, (byte) => (byte << 24) >> 24),
      );
    }
  });
});
