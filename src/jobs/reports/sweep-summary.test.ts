import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { madeUpReport, madeUpTrial } from '../../testing/builders/trial';
import { scoreText, sweepHtml } from './sweep-html';
import { outcomeOf, summaryOf } from './sweep-summary';

const formats = (format: string) => ({ ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format } });

function done(format: string, seed: number, accuracy: number, constants: number) {
  const trial = madeUpTrial({ settings: formats(format), seed });
  return { trial, report: madeUpReport(trial, accuracy, constants) };
}

const trials = [
  done('int4', 1, 0.7, 500),
  done('int4', 2, 0.74, 500),
  done('int6', 1, 0.71, 750),
  done('int6', 2, 0.71, 750),
  done('int16', 1, 0.9, 2000),
  done('int16', 2, 0.88, 2000),
];

describe('the summary of a sweep', () => {
  it('has a row for each configuration, over its seeds, and says what nothing else beats', () => {
    const [model, ...others] = summaryOf(trials);
    expect(others).toEqual([]);
    expect(model.rows.map(({ name, score, onFront }) => [name, score, onFront])).toEqual([
      ['W16A8', 0.89, true],
      ['W4A8', 0.72, true],
      ['W6A8', 0.71, false],
    ]);
    // Standard deviation of 0.70 and 0.74, with n − 1.
    expect(model.rows[1].deviation).toBeCloseTo(0.02 * Math.SQRT2, 12);
    expect(scoreText(model.rows[1])).toBe('72.00 % ± 2.83');
  });

  it('tells models apart by their content', () => {
    const other = madeUpTrial({ model: { source: 'n', sha256: 'd'.repeat(64) } });
    expect(summaryOf([...trials, { trial: other, report: madeUpReport(other) }])).toHaveLength(2);
  });

  it('has no outcome where no score is defined', () => {
    const report = madeUpReport(madeUpTrial());
    const undefinedScore = { ...report.simulated, value: null };
    expect(outcomeOf([{ ...report, file: undefinedScore, simulated: undefinedScore }])).toBeNull();
  });

  it('is written as a page that no name breaks out of', () => {
    const models = summaryOf(trials).map(({ rows }) => ({ model: '<img src=x onerror=alert(1)>', rows }));
    const html = sweepHtml({ name: 'a & b', models, failures: [{ name: '<b>', why: '"' }], environment: [] });
    expect(html).not.toMatch(/<img|<b>"|<script/);
    expect(html).toContain('a &amp; b');
    expect(html.match(/<circle/g)).toHaveLength(3);
  });
});
