import { describe, expect, it } from 'vitest';
import { binned, normal } from '../../testing/oracles/densities';
import { INT8_ACTIVATION, INT8_WEIGHT, type NumberFormat } from '../number-formats/format';
import { formatOf } from '../number-formats/table';
import { costCurve } from './cost-curve';
import { ofHistogram } from './distribution';
import { ESTIMATORS } from './estimators/table';
import { Observer } from './observer';

const bell = binned(normal, -10, 10, 8192);

describe('cost curve', () => {
  const curve = costCurve(bell, INT8_WEIGHT, 1);

  it('splits the error into clipping, which falls with the clip, and rounding, which grows as its square', () => {
    const last = curve.clips.length - 1;
    expect(curve.clips[last]).toBe(10);
    expect(curve.clipping[last]).toBeLessThan(1e-12);
    expect(Math.abs(curve.rounding[last] / ((10 / 127) ** 2 / 12) - 1)).toBeLessThan(1e-3);
    for (let i = 1; i <= last; i++) {
      expect(curve.clips[i]).toBeGreaterThan(curve.clips[i - 1]);
      expect(curve.clipping[i]).toBeLessThanOrEqual(curve.clipping[i - 1]);
      expect(curve.total[i]).toBe(curve.clipping[i] + curve.rounding[i]);
    }
    // Almost all is clipped at 10/256: E[(|x| − c)²] = 1 − 2c·√(2/π) + c² for a clip c of nearly 0.
    const c = curve.clips[0];
    expect(curve.total[0]).toBeCloseTo(1 - 2 * c * Math.sqrt(2 / Math.PI) + c * c, 3);
  });

  it('has its lowest point where the oracle clips (§2), and the tick of least error beside it', () => {
    const lowest = curve.clips[curve.total.indexOf(Math.min(...curve.total))];
    const step = curve.clips[1] / curve.clips[0];
    expect(Math.abs(Math.log(lowest / 3.92))).toBeLessThanOrEqual(Math.log(step));
    const tick = curve.ticks.find(({ id }) => id === 'mse')!;
    expect(Math.abs(tick.clip - 3.92)).toBeLessThan(0.04);
  });

  it('marks the choice of every estimator', () => {
    expect(curve.ticks.map(({ id }) => id)).toEqual(ESTIMATORS.map(({ id }) => id));
    expect(curve.ticks[0]).toEqual({ id: 'minmax', label: 'Min–max', range: { min: -10, max: 10 }, clip: 10 });
  });

  it('is flat for a wide exponent: FP8 E5M2 hardly cares about the clip', () => {
    const e5m2 = costCurve(bell, formatOf('fp8-e5m2')!.weights as NumberFormat, 1);
    const beyond4 = [...e5m2.total].filter((_, i) => e5m2.clips[i] > 5);
    expect(Math.max(...beyond4) / Math.min(...beyond4)).toBeLessThan(1.05);
  });

  it('of nothing, of zeros and of one value is finite', () => {
    for (const values of [[], [0, 0], [5]]) {
      const observer = new Observer();
      observer.observe(Float32Array.from(values));
      const { total, ticks } = costCurve(ofHistogram(observer.stats()), INT8_ACTIVATION, values.length, 16);
      expect(total.every(Number.isFinite)).toBe(true);
      expect(ticks.every(({ clip }) => Number.isFinite(clip))).toBe(true);
    }
  });
});
