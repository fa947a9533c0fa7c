import { describe, expect, it } from 'vitest';
import type { LayerSensitivity } from '../../../jobs/contract/protocol';
import { costName, rankingData, sensitivityRows } from './sensitivity-rows';

const alone: LayerSensitivity[] = [
  { op: 'a', sqnrDb: 30, delta: -0.02, samples: 256 },
  { op: 'b', sqnrDb: 20, delta: 0.01, samples: 256 },
  { op: 'c', sqnrDb: Infinity, delta: 0, samples: 256 },
];

describe('rows of the sensitivity', () => {
  it('alone, by SQNR: the most noise first, in per cent of the signal', () => {
    const view = { mode: 'alone', measure: 'sqnr', metric: 'top1' } as const;
    const rows = sensitivityRows(alone, view);
    expect(rows.map(({ op, cost }) => [op, Number(cost.toFixed(6))])).toEqual([
      ['b', 1],
      ['a', 0.1],
      ['c', 0],
    ]);
    expect(costName(view)).toBe('Noise at the output, % of the signal');
    const { points, y } = rankingData(rows, view, (op) => `layer ${op}`, 'a');
    expect(points.map(({ name, marked }) => [name, marked])).toEqual([
      ['layer b', false],
      ['layer a', true],
      ['layer c', false],
    ]);
    expect([y.lo, y.hi]).toEqual([0, 1.08]);
    expect(rows.map(({ output, score }) => `${output} ${score}`)).toEqual([
      '20.0 dB +1.00 pt',
      '30.0 dB −2.00 pt',
      'exact 0.00 pt',
    ]);
  });

  it('by score: what loses most first, what gains last and below zero', () => {
    const rows = sensitivityRows(alone, { mode: 'alone', measure: 'score', metric: 'top1' });
    expect(rows.map(({ op, cost }) => `${op} ${cost}`)).toEqual(['a 2', 'c 0', 'b -1']);
    // Of a squared error, less is better.
    const errors = sensitivityRows(alone, { mode: 'alone', measure: 'score', metric: 'rmse' });
    expect(errors.map(({ op }) => op)).toEqual(['b', 'c', 'a']);
  });

  it('all but one: what leaving the layer in float gains', () => {
    const layers = alone.map((layer, i) => ({ ...layer, gainDb: [0.5, -0.1, 2][i], delta: [0, 0.004, 0][i] }));
    const byOutput = sensitivityRows(layers, { mode: 'all-but', measure: 'sqnr', metric: 'top1' });
    expect(byOutput.map(({ op, output, cost }) => `${op} ${output} ${cost}`)).toEqual([
      'c +2.0 dB 2',
      'a +0.5 dB 0.5',
      'b −0.1 dB -0.1',
    ]);
    const byScore = sensitivityRows(layers, { mode: 'all-but', measure: 'score', metric: 'top1' });
    expect(byScore[0]).toMatchObject({ op: 'b', cost: 0.4, score: '+0.40 pt' });
  });
});
