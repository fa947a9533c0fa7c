import { describe, expect, it } from 'vitest';
import { GradientClip } from './gradient-clip';

function steps(...gradients: readonly (readonly number[])[]): number[][] {
  const clip = new GradientClip();
  const parameter = { values: new Float32Array(2), gradient: new Float32Array(2) };
  return gradients.map((gradient) => {
    parameter.gradient.set(gradient);
    clip.apply([parameter]);
    return [...parameter.gradient];
  });
}

describe('clipping gradients', () => {
  it('leaves those of usual length alone', () => {
    const gradients = [[3, 4], [0, -6], [12, 16]]; // prettier-ignore
    expect(steps(...gradients)).toEqual(gradients);
  });

  it('shortens one that stands out to ten times the usual, in its direction', () => {
    const [, clipped, after] = steps([3, 4], [300, 400], [3, 4]);
    expect(clipped[0]).toBeCloseTo(30, 4);
    expect(clipped[1]).toBeCloseTo(40, 4);
    expect(after).toEqual([3, 4]);
  });

  it('goes by what it left of the last: a larger norm that stays becomes the usual one', () => {
    const seen = steps([1, 0], ...Array.from({ length: 30 }, () => [100, 0])).map(([x]) => x);
    // The usual norm grows by 1 + 0.1 · 9 each time: 10, 19, 36.1, …
    expect(seen[2]).toBeCloseTo(19, 4);
    expect(seen.at(-1)).toBe(100);
  });

  it('takes its measure from the first gradient that is not all zero', () => {
    expect(steps([0, 0], [50, 0], [60, 0])).toEqual([[0, 0], [50, 0], [60, 0]]); // prettier-ignore
  });
});
