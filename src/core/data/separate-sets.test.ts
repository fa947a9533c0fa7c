import { describe, expect, it } from 'vitest';
import { separateSets } from './separate-sets';
import { makeSeparateSplit } from './split';
import type { SampleSource } from './types';

const source = (name: string, first: number, labels?: number[], classNames = ['a', 'b']): SampleSource => ({
  name,
  kind: 'array',
  size: labels?.length ?? 4,
  ...(labels && { labels: Int32Array.from(labels), classNames }),
  read: async (index) => ({ shape: [1], values: Float32Array.of(first + index) }),
});

describe('separateSets', () => {
  it('calibrates with one and evaluates on the other', async () => {
    const both = separateSets(source('train', 0), source('test', 100, [1, 0, 1, 1, 0]));
    expect([...both.labels!]).toEqual([-1, -1, -1, -1, 1, 0, 1, 1, 0]);
    expect((await both.read(2)).values[0]).toBe(2);
    expect((await both.read(6)).values[0]).toBe(102);
    const { calibration, evaluation } = makeSeparateSplit(both.size, both.evaluationStart!, both.labels, {
      calibration: 3,
      evaluation: 99,
      seed: 1,
    });
    expect(calibration).toHaveLength(3);
    expect(Math.max(...calibration)).toBeLessThan(4);
    expect([...evaluation].sort()).toEqual([4, 5, 6, 7, 8]);
  });

  it('keeps labels of the same classes, and refuses others', () => {
    const test = source('test', 100, [1, 0]);
    expect([...separateSets(source('train', 0, [0, 1]), test).labels!]).toEqual([0, 1, 1, 0]);
    expect(() => separateSets(source('train', 0, [0, 1], ['x', 'y']), test)).toThrow(
      /different classes: x, y and a, b/,
    );
  });
});
