import { describe, expect, it } from 'vitest';
import { examine, inputStatistics, type Examination } from './doctor';
import type { CandidateScore } from './choose';
import type { Preprocessing } from './types';

const split = (calibration: number, evaluation: number) => ({
  calibration: Uint32Array.from({ length: calibration }, (_, i) => i),
  evaluation: Uint32Array.from({ length: evaluation }, (_, i) => calibration + i),
});
const score = (label: string, value: number): CandidateScore & { pipeline: Preprocessing } => ({
  id: label,
  label,
  metric: 'accuracy',
  score: value,
  samples: 64,
  pipeline: [{ kind: 'scale', scale: 2, offset: 0 }],
});

const labels = Int32Array.from({ length: 1000 }, (_, i) => i % 10);
const healthy: Examination = {
  inputs: { samples: 8, min: 0, max: 1, mean: 0.5, std: 0.25, nonFinite: 0, constantSamples: 0 },
  classes: 10,
  labels,
  split: split(500, 500),
  trial: { chosen: score('0 … 1', 0.9), others: [score('raw', 0.1)] },
};
const found = (change: Partial<Examination>) => examine({ ...healthy, ...change });

describe('inputStatistics', () => {
  it('counts, with what is no number kept out', () => {
    const samples = [Float32Array.of(1, 2, 3, NaN), Float32Array.of(5, 5, 5, 5), Float32Array.of(-1, Infinity, 0, 0)];
    const { mean, std, ...rest } = inputStatistics(samples);
    expect(rest).toEqual({ samples: 3, min: -1, max: 5, nonFinite: 2, constantSamples: 1 });
    expect(mean).toBeCloseTo(2.5, 12); // 25 / 10
    expect(std).toBeCloseTo(Math.sqrt((1 + 4 + 9 + 100 + 1) / 10 - 6.25), 12);
  });
});

describe('examine', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(examine(healthy)).toEqual([
      {
        severity: 'ok',
        message: 'Inputs lie in 0 … 1, mean 0.5, deviation 0.25; the float model is right on 90 % of 64 samples.',
      },
    ]);
  });

  it('offers the pipeline the model does clearly better with', () => {
    const trial = { chosen: score('0 … 1', 0.12), others: [score('−1 … 1', 0.3), score('raw', 0.76)] };
    const [finding] = found({ trial });
    expect(finding).toMatchObject({ severity: 'warning', fix: trial.others[1].pipeline });
    expect(finding.message).toContain('raw gives 76 % on 64 samples, 0 … 1 gives 12 %');
    const swapped = score('BGR', 0.99);
    expect(found({ trial: { chosen: score('RGB', 0.7), others: [], swapped } })).toMatchObject([
      { message: expect.stringContaining('Red and blue'), fix: swapped.pipeline },
    ]);
  });

  it('does not take certainty for a better range', () => {
    const bare = { metric: 'information' as const, samples: 64, pipeline: [] };
    const overdriven = { ...bare, id: 'raw', label: 'raw', score: 0.9, response: 50 };
    const chosen = { ...bare, id: 'unit', label: '0 … 1', score: 0.1, response: 0.4 };
    expect(found({ trial: { chosen, others: [overdriven] } })).toMatchObject([{ severity: 'ok' }]);
    expect(found({ trial: { chosen: overdriven, others: [chosen] } })).toMatchObject([
      {
        message: expect.stringContaining('with raw the first layer is overdriven (deviation 50)'),
        fix: chosen.pipeline,
      },
    ]);
  });

  it.each<[string, Partial<Examination>, RegExp]>([
    ['NaN', { inputs: { ...healthy.inputs, nonFinite: 3 } }, /3 input values are NaN/],
    ['constant samples', { inputs: { ...healthy.inputs, constantSamples: 2 } }, /2 of 8 samples/],
    ['bytes without a trial', { inputs: { ...healthy.inputs, max: 255 }, trial: undefined }, /up to 255/],
    ['labels beyond the outputs', { classes: 5, trial: undefined }, /up to 9, but the model tells only 5/],
    ['fewer classes than outputs', { classNames: Array(9).fill('a') }, /9 classes and the model 10.*background/],
    ['answers by chance', { trial: { chosen: score('0 … 1', 0.11), others: [] } }, /no better than chance/],
    ['few calibration samples', { split: split(20, 500) }, /20 samples to calibrate/],
    ['few evaluation samples', { split: split(500, 50) }, /50 samples to evaluate: one sample is 2.0 points/],
    [
      'unseen classes',
      { labels: Int32Array.from(labels, (label, i) => (i < 500 ? label % 5 : label)) },
      /5 of 10 classes/,
    ],
    [
      'uneven classes',
      { labels: Int32Array.from(labels, (_, i) => Number(i % 250 === 0)) },
      /996 samples, the smallest 4/,
    ],
  ])('warns of %s, and of nothing else', (_, change, message) => {
    const findings = found(change);
    expect(findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect(findings[0].message).toMatch(message);
  });
});
