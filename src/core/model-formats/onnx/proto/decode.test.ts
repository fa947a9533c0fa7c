import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../../../base/errors';
import { decodeMessage } from './decode';

const { Writer } = protobuf;

describe('decodeMessage', () => {
  it('reads scalars, texts and nested messages, and passes over fields it does not know', () => {
    const graph = Writer.create().uint32(18).string('net').uint32(0x7a2).string('not in the table').finish();
    const bytes = Writer.create().uint32(8).int64(9).uint32(18).string('pytorch').uint32(58).bytes(graph).finish();
    expect(decodeMessage(bytes, 'ModelProto', 'a')).toMatchObject({
      irVersion: 9,
      producerName: 'pytorch',
      graph: { name: 'net', node: [] },
    });
  });

  it('reads repeated numbers packed, one by one and mixed', () => {
    const packed = Writer.create().uint32(66).fork().int64(3).int64(-1).ldelim();
    expect([...decodeMessage(packed.finish(), 'AttributeProto', 'a').ints]).toEqual([3, -1]);
    const mixed = Writer.create()
      .uint32(64)
      .int64(5)
      .uint32(66)
      .fork()
      .int64(300)
      .ldelim()
      .uint32(64)
      .int64(2 ** 40);
    expect([...decodeMessage(mixed.finish(), 'AttributeProto', 'a').ints].sort((a, b) => a - b)).toEqual([
      5,
      300,
      2 ** 40,
    ]);
    const floats = Writer.create().uint32(61).float(0.5).uint32(61).float(-2);
    expect(decodeMessage(floats.finish(), 'AttributeProto', 'a').floats).toEqual(Float32Array.of(0.5, -2));
  });

  it('joins a message that comes in two parts, as the format asks for', () => {
    const part = (field: number, text: string) =>
      Writer.create()
        .uint32(field * 8 + 2)
        .string(text)
        .finish();
    const bytes = Writer.create().uint32(58).bytes(part(2, 'net')).uint32(58).bytes(part(1, '')).finish();
    const { graph } = decodeMessage(bytes, 'ModelProto', 'a');
    expect(graph).toMatchObject({ name: 'net' });
    expect(graph!.node).toHaveLength(1);
  });

  it('keeps raw data as a view of the file', () => {
    const bytes = new Uint8Array(
      Writer.create()
        .uint32(74)
        .bytes(Uint8Array.of(1, 2, 3))
        .finish(),
    );
    const { rawData } = decodeMessage(bytes, 'TensorProto', 'a');
    expect(rawData!.buffer).toBe(bytes.buffer);
    expect([...rawData!]).toEqual([1, 2, 3]);
  });

  it.each<[what: string, bytes: number[], says: RegExp]>([
    ['a length beyond the file', [0x3a, 100, 0], /ModelProto.graph claims 100 bytes/],
    ['a length of almost 4 GB', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], /claims 4294967295 bytes/],
    ['a wrong wire type', [0x38, 1], /ModelProto.graph has wire type 0/],
    ['a message that reaches beyond the one around it', [0x3a, 2, 0x12, 5, 1, 2, 3, 4, 5], /reaches beyond its end/],
    ['an unending varint', [8, ...Array<number>(11).fill(0xff)], /cannot be read/],
    ['a tag that ends with the file', [0x80], /cannot be read/],
  ])('refuses %s', (_what, bytes, says) => {
    expect(() => decodeMessage(Uint8Array.from(bytes), 'ModelProto', 'a')).toThrow(says);
    expect(() => decodeMessage(Uint8Array.from(bytes), 'ModelProto', 'a')).toThrow(RangefinderError);
  });

  it('counts messages, however small', () => {
    const bytes = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
    expect(() => decodeMessage(bytes, 'GraphProto', 'a')).toThrow(/more than 500000 parts/);
  });
});
