import { describe, expect, it } from 'vitest';
import { betterCandidate, chooseCandidate, type CandidateScore } from './choose';

describe('chooseCandidate', () => {
  const accuracy = (id: string, score: number, response?: number): CandidateScore => ({
    ...{ id, label: id, metric: 'accuracy', score, samples: 64 },
    ...(response !== undefined && { response }),
  });
  const unlabelled = (id: string, score: number, response?: number): CandidateScore => ({
    ...accuracy(id, score, response),
    metric: 'information',
  });

  it('takes the most accurate and says why', () => {
    expect(chooseCandidate([accuracy('raw', 0.76), accuracy('unit', 0.12), accuracy('signed', 0.1)], 'unit')).toEqual({
      id: 'raw',
      reason: 'raw gives 76 % on 64 samples, unit gives 12 %',
    });
  });

  it('stays with the guess within the noise', () => {
    // One standard error of 0.80 on 64 samples is 0.05.
    expect(chooseCandidate([accuracy('raw', 0.84), accuracy('unit', 0.8)], 'unit').id).toBe('unit');
    expect(chooseCandidate([accuracy('raw', 0.86), accuracy('unit', 0.8)], 'unit').id).toBe('raw');
  });

  it('goes by the first layer where labels are absent or tell nothing', () => {
    // Figures of ResNet8 (raw bytes) and VWW (0..1) on CIFAR images.
    for (const score of [unlabelled, accuracy])
      expect(
        chooseCandidate([score('raw', 0.11, 0.45), score('unit', 0.1, 0.0026), score('signed', 0.1, 0.0044)], 'unit'),
      ).toEqual({
        id: 'raw',
        reason:
          'with raw the first layer reacts as usual (deviation 0.45); with unit the first layer hardly reacts (deviation 0.0026)',
      });
    const vww = [unlabelled('raw', 0.76, 46.8), unlabelled('unit', 0.07, 0.39), unlabelled('imagenet', 0.39, 1.77)];
    expect(chooseCandidate(vww, 'unit')).toEqual({
      id: 'unit',
      reason: 'with unit the first layer reacts as usual (deviation 0.39)',
    });
    expect(betterCandidate(vww, vww[0])?.id).toBe('unit');
  });

  it('without either, leaves a guess only where the model says nothing', () => {
    expect(chooseCandidate([unlabelled('raw', 0.81), unlabelled('unit', 0.004)], 'unit').id).toBe('raw');
    expect(chooseCandidate([unlabelled('raw', 0.81), unlabelled('unit', 0.07)], 'unit').id).toBe('unit');
  });
});
