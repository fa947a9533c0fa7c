import { describe, expect, it } from 'vitest';
import type { SampleSource } from '../../core/data/types';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import { batchSizeFor, chunks, readBatch, SampleReader, unusedSamples } from './samples';

const identity = (sample: { values: ArrayLike<number> }) => Float32Array.from(sample.values);

/** Samples whose values are 100 × index + position; counts how often each is read. */
function counting(length: number, size = 10) {
  const reads: number[] = [];
  const source: SampleSource = {
    name: 'counted.npy',
    kind: 'array',
    size,
    read: async (index) => {
      reads.push(index);
      return { shape: [length], values: Float32Array.from({ length }, (_, i) => 100 * index + i) };
    },
  };
  return { source, reads };
}

function twoInputs(batch = -1): Graph {
  const builder = new GraphBuilder('two');
  const a = builder.input('a', [batch, 2]);
  const b = builder.input('b', [batch, 3]);
  return builder.build(builder.op('concat', 'y', [a, b], { axis: 1 }));
}

describe('readBatch', () => {
  it("lays a sample's values over several inputs, in their order", async () => {
    const { source } = counting(5);
    const { size, inputs } = await readBatch(new SampleReader(source, identity), twoInputs(), [3, 1]);
    expect(size).toBe(2);
    expect([...inputs.get('a')!]).toEqual([300, 301, 100, 101]);
    expect([...inputs.get('b')!]).toEqual([302, 303, 304, 102, 103, 104]);
  });

  it('refuses a sample of another size, naming it', async () => {
    const { source } = counting(4);
    await expect(readBatch(new SampleReader(source, identity), twoInputs(), [7])).rejects.toMatchObject({
      code: 'invalid-data',
      message: 'A sample has 4 values after preprocessing; the model takes 5.',
      where: 'sample 7 of counted.npy',
    });
  });

  it('prepares a sample once', async () => {
    const { source, reads } = counting(5);
    const reader = new SampleReader(source, identity);
    await readBatch(reader, twoInputs(), [1, 2]);
    await readBatch(reader, twoInputs(), [2, 1, 3]);
    expect(reads).toEqual([1, 2, 3]);
  });

  it('keeps no more samples than fit into 128 MiB', async () => {
    const length = 2 ** 22; // 16 MiB a sample
    const reads: number[] = [];
    const values = new Float32Array(length);
    const source: SampleSource = {
      ...counting(1).source,
      read: async (index) => {
        reads.push(index);
        return { shape: [length], values };
      },
    };
    const reader = new SampleReader(source, () => values);
    for (let i = 0; i < 10; i++) await reader.read(i);
    for (let i = 0; i < 10; i++) await reader.read(i);
    expect(reads.slice(10)).toEqual([8, 9]);
  });
});

describe('reading ahead', () => {
  it('asks for what comes next in the order it was told, and not for what it has', async () => {
    const fetched: number[] = [];
    const source: SampleSource = { ...counting(1, 500).source, fetch: (index) => void fetched.push(index) };
    const order = Uint32Array.from({ length: 200 }, (_, i) => 3 * i);
    const reader = new SampleReader(source, identity, [order, Uint32Array.of(1, 2)]);
    await reader.read(0);
    expect(fetched).toEqual([...order.subarray(1, 65)]);
    await reader.read(3);
    expect(fetched.slice(64)).toEqual([...order.subarray(2, 66)]);
    fetched.length = 0;
    await reader.read(1);
    await reader.read(2);
    await reader.read(499);
    expect(fetched).toEqual([2]);
  });
});

describe('batches', () => {
  it('cover all indices once, the last one shorter', () => {
    const parts = [...chunks(Uint32Array.of(5, 4, 3, 2, 1), 2)].map((part) => [...part]);
    expect(parts).toEqual([[5, 4], [3, 2], [1]]);
  });

  it('shrink for models with large activations, to one for a fixed batch', () => {
    expect(batchSizeFor(twoInputs())).toBe(32);
    expect(batchSizeFor(twoInputs(), 8)).toBe(8);
    expect(batchSizeFor(twoInputs(1))).toBe(1);
    const builder = new GraphBuilder('large');
    const x = builder.input('x', [-1, 1000, 1000, 1]);
    // Input and output of a million values: three samples are six million.
    expect(batchSizeFor(builder.build(builder.op('relu', 'y', [x], {})))).toBe(2);
  });
});

describe('unused samples', () => {
  it('are in neither split, each once, mixed and the same every time', () => {
    const split = { calibration: Uint32Array.of(3, 1), evaluation: Uint32Array.of(99, 50) };
    const unused = unusedSamples({ size: 100 }, split);
    expect([...unused].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i).filter((i) => ![1, 3, 50, 99].includes(i)),
    );
    expect(unusedSamples({ size: 100 }, split)).toEqual(unused);
    expect(unused.subarray(0, 10).every((i) => i < 20)).toBe(false); // files are sorted by class
    expect(unusedSamples({ size: 2 }, { calibration: Uint32Array.of(0), evaluation: Uint32Array.of(1) })).toHaveLength(
      0,
    );
  });
});
