import { describe, expect, it } from 'vitest';
import type { MetricName } from '../../../core/metrics/table';
import { verdict } from './verdict';

const of = (float: number, before: number, after: number, metric: MetricName = 'top1') => {
  const score = (value: number) => ({ metric, value, samples: 1000 });
  const scores = { float: score(float), before: score(before), after: score(after) };
  return verdict({ ...scores, bits: '4 bits', epochs: 5, milliseconds: 48_200, size: null });
};

describe('verdict', () => {
  it('says what was won back of what was lost, and at what price', () => {
    expect(of(0.987, 0.893, 0.974)).toBe('QAT won back 8.1 of 9.4 points lost to 4 bits; 5 epochs, 48 s.');
  });

  it.each([
    ['all of it', 0.98, 0.9, 0.98, 'QAT won back all 8.0 points lost to 4 bits'],
    ['more than that', 0.98, 0.9, 0.99, 'QAT won back all 8.0 points lost to 4 bits, and 1.0 more'],
    ['nothing', 0.98, 0.9, 0.9, 'QAT won back nothing of the 8.0 points lost to 4 bits'],
    ['less than nothing', 0.98, 0.9, 0.895, 'QAT lost 0.5 points more than the 8.0 points lost to 4 bits'],
    ['nothing to win', 0.98, 0.98, 0.983, 'Going to 4 bits had lost nothing, and QAT won 0.3 points'],
    ['nothing at all', 0.98, 0.9802, 0.98, 'Going to 4 bits had lost nothing, and QAT changed nothing'],
  ])('%s', (_, float, before, after, words) => {
    expect(of(float, before, after)).toBe(`${words}; 5 epochs, 48 s.`);
  });

  it('speaks of decibels and of errors where there are no classes', () => {
    expect(of(Infinity, 12.04, 21.5, 'sqnr')).toMatch(
      /^QAT brought the output from 12\.0 dB to 21\.5 dB against float;/,
    );
    expect(of(0.2, 0.5, 0.25, 'rmse')).toMatch(/^QAT brought the RMSE from 0\.5 to 0\.25 \(float 0\.2\);/);
  });

  it('names the size of the file where both were written', () => {
    const score = { metric: 'top1', value: 1, samples: 1 } as const;
    const sized = (after: number) =>
      verdict({
        float: score,
        before: score,
        after: score,
        bits: 'W4A8',
        epochs: 1,
        milliseconds: 130_000,
        size: { before: 5000, after },
      });
    expect(sized(5000)).toMatch(/; 1 epoch, 2 min 10 s; the file is as large\.$/);
    expect(sized(6200)).toMatch(/the file is 1\.2 kB larger\.$/);
    expect(sized(4900)).toMatch(/the file is 100 B smaller\.$/);
  });
});
