import { describe, expect, it } from 'vitest';
import { scoreOutputs } from './score-outputs';

const rows = (...values: number[][]) => values.map((row) => Float32Array.from(row));

describe('scoreOutputs', () => {
  it('is the share of right answers where there are labels', () => {
    const outputs = rows([1, 5, 2], [0, 1, 9], [3, 2, 1], [0, 1, 0]);
    expect(scoreOutputs(outputs, [1, 2, 1, 1])).toEqual({ metric: 'accuracy', score: 0.75 });
    expect(scoreOutputs(rows([0.9], [0.2]), [1, 1]).score).toBe(0.5);
    expect(scoreOutputs(outputs, [1, 2, 1, 7]).metric).toBe('information'); // labels of something else
  });

  it('is the share of the possible information without them', () => {
    const sure = rows([1, 0], [0, 1], [1, 0], [0, 1]);
    expect(scoreOutputs(sure).score).toBeCloseTo(1, 12);
    expect(scoreOutputs(rows([1, 0], [1, 0])).score).toBe(0); // one answer to everything
    expect(scoreOutputs(rows([0.5, 0.5], [0.5, 0.5])).score).toBeCloseTo(0, 12); // no answer to anything
    // A binary channel that errs with p = 0.1 carries 1 − h(0.1) = 0.531004 bits.
    expect(scoreOutputs(rows([0.9, 0.1], [0.1, 0.9])).score).toBeCloseTo(0.531004, 6);
  });

  it('reads rows that are no distribution as logits, single values as a probability', () => {
    const logit = Math.log(9);
    expect(scoreOutputs(rows([logit, 0], [0, logit])).score).toBeCloseTo(0.531004, 5);
    expect(scoreOutputs(rows([0.9], [0.1])).score).toBeCloseTo(0.531004, 6);
  });
});
