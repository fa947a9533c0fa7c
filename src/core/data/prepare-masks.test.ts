import { describe, expect, it } from 'vitest';
import { prepareMasks } from './prepare-masks';
import type { RawSample, SampleSource } from './types';

const mask = (...values: number[]): RawSample => ({ shape: [2, 2], values: Uint8Array.from(values) });

function source(...masks: (RawSample | null)[]): SampleSource {
  return {
    name: 's',
    kind: 'images',
    size: masks.length,
    readMask: async (index) => masks[index],
    read: () => Promise.reject(new Error('not read here')),
  };
}

const prepared = async (masks: (RawSample | null)[], grid: { height: number; width: number; classes: number }) => {
  const result = await prepareMasks(source(...masks), masks.keys(), [], grid);
  return { ...result, rows: masks.map((_, i) => Array.from(result.masks?.of(i) ?? [])) };
};

describe('masks', () => {
  it('are brought to the output by the nearest pixel, and keep what is ignored', async () => {
    const { masks, rows } = await prepared([mask(0, 2, 1, 255)], { height: 2, width: 4, classes: 3 });
    expect(rows[0]).toEqual([0, 0, 2, 2, 1, 1, 255, 255]);
    expect(masks!.classes).toBe(3);
  });

  it('of black and white are of two classes', async () => {
    const { rows, masks } = await prepared([mask(0, 255, 0, 0), mask(0, 0, 0, 0)], { height: 2, width: 2, classes: 2 });
    expect(rows).toEqual([
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(masks!.classes).toBe(2);
  });

  it('that count from 1 are counted from 0', async () => {
    const { rows, notes } = await prepared([mask(1, 2, 3, 3)], { height: 2, width: 2, classes: 3 });
    expect(rows[0]).toEqual([0, 1, 2, 2]);
    expect(notes).toEqual(['The masks number classes from 1; they are counted from 0.']);
  });

  it('that are missing mark nothing', async () => {
    const { rows } = await prepared([mask(0, 1, 1, 0), null], { height: 1, width: 1, classes: 2 });
    expect(rows[1]).toEqual([255]);
    expect((await prepared([null], { height: 1, width: 1, classes: 2 })).masks).toBeUndefined();
  });
});
