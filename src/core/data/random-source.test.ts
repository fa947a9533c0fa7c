import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import { randomSource } from './random-source';

function net(name: string, ...shapes: number[][]) {
  const builder = new GraphBuilder(name);
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, [-1, ...shape]));
  return builder.build(inputs.map((x) => builder.op('relu', 'relu', [x], {})[0]));
}

describe('randomSource', () => {
  it('gives the same sample for a seed and index, in any order', async () => {
    const graph = net('n', [16, 16, 3]);
    const [a, b, other] = [randomSource(graph, 5, 1), randomSource(graph, 5, 1), randomSource(graph, 5, 2)];
    const third = await a.read(3);
    await b.read(0);
    expect(await b.read(3)).toEqual(third);
    expect(await b.read(2)).not.toEqual(third);
    expect(await other.read(3)).not.toEqual(third);
  });

  it('stays in the range the model points to, and fills most of it', async () => {
    for (const [name, low, high] of [
      ['net', 0, 1],
      ['mobilenet', -1, 1],
    ] as const) {
      const source = randomSource(net(name, [24, 24, 3]), 20, 7);
      let [min, max] = [Infinity, -Infinity];
      for (let i = 0; i < source.size; i++)
        for (const value of (await source.read(i)).values) [min, max] = [Math.min(min, value), Math.max(max, value)];
      expect(min).toBeGreaterThanOrEqual(low);
      expect(max).toBeLessThanOrEqual(high);
      expect(max - min).toBeGreaterThan(0.85 * (high - low));
    }
  });

  it('is normal noise for what is no picture, over all inputs', async () => {
    const { shape, values } = await randomSource(net('n', [1000], [24]), 2, 3).read(1);
    expect(shape).toEqual([1024]);
    const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / 1024;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(1024));
  });

  it('picks rows that are there where the model looks up words', async () => {
    const builder = new GraphBuilder('words');
    const words = builder.input('words', [-1, 500], 'int32');
    const outputs = [7, 9].map((rows) => {
      const table = builder.constant('table', new Float32Array(rows * 2), [rows, 2]);
      return builder.op('gather', 'look up', [table, words], { axis: 0 })[0];
    });
    const { values } = await randomSource(builder.build(outputs), 1, 3).read(0);
    expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });
});
