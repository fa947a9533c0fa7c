import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { formatOf } from '../number-formats/table';
import { Observer } from '../calibration/observer';
import { int8Advantage } from './input-format';

function statsOf(values: Iterable<number>) {
  const observer = new Observer();
  observer.observe(Float32Array.from(values));
  return observer.stats();
}

describe('the advantage of INT8 on inputs', () => {
  // Oracles §1, uniform: 48.13 dB for INT8, at the best clip of each; here all is spanned, which costs a float about 1 dB.
  it.each([
    ['flex-e4m3', 48.13 - 32.74],
    ['flex-e5m2', 48.13 - 26.91],
    ['flex-e2m5', 48.13 - 44.49],
  ])('over %s on an even distribution: %f dB', (id, decibels) => {
    const even = statsOf(Float32Array.from({ length: 100_001 }, (_, i) => i / 50_000 - 1));
    expect(Math.abs(int8Advantage(formatOf(id)!.activations, even) - decibels)).toBeLessThan(1.2);
  });

  it('is none where the range is more than 11.68 σ, over E4M3 (oracles §1)', () => {
    const random = new Random(9);
    const bell = Float32Array.from({ length: 50_000 }, () => random.gaussian());
    const e4m3 = formatOf('flex-e4m3')!.activations;
    for (const [reach, better] of [
      [9, true],
      [14, false],
    ] as const)
      expect(int8Advantage(e4m3, statsOf([...bell, reach, -reach])) > 0).toBe(better);
  });

  it('is no question for other formats, nor of what was never seen', () => {
    const even = statsOf([-1, 0.3, 1]);
    for (const id of ['int4', 'int8', 'fp16', 'bf16', 'mxint8'])
      expect(int8Advantage(formatOf(id)!.activations, even)).toBe(0);
    const fp8 = formatOf('fp8-e4m3fn')!.activations;
    for (const stats of [undefined, statsOf([]), statsOf([0, 0])]) expect(int8Advantage(fp8, stats)).toBe(0);
  });
});
