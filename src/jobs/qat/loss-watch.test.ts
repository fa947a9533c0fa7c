import { describe, expect, it } from 'vitest';
import { Divergence, LossWatch } from './loss-watch';

function watching(untrained: number, baseline: number): LossWatch {
  const watch = new LossWatch();
  watch.untrained = untrained;
  watch.addBaseline(baseline);
  return watch;
}
const feed = (watch: LossWatch, loss: number, times: number) => {
  for (let i = 0; i < times; i++) watch.add(loss);
};

describe('watching a loss', () => {
  it('takes ten steps at more than one and a half times the worse of untrained and zero for a divergence', () => {
    feed(watching(1, 2), 2.9, 50);
    feed(watching(1, 2), 3.1, 9);
    expect(() => feed(watching(1, 2), 3.1, 10)).toThrow(Divergence);
    expect(() => feed(watching(4, 2), 3.1, 10)).not.toThrow();
  });

  it('bears ten steps in a row that are no number, and counts them', () => {
    const watch = watching(1, 1);
    feed(watch, NaN, 10);
    expect(watch.mean).toBeNull();
    expect(watch.add(1)).toBe(true);
    feed(watch, Infinity, 10);
    expect(watch.skipped).toBe(20);
    expect(() => watch.add(NaN)).toThrow(Divergence);
    watch.restart();
    expect(watch.add(NaN)).toBe(false);
  });
});
