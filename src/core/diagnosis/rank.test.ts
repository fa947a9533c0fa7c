import { describe, expect, it } from 'vitest';
import { costOf, noiseRemoved, severityOf, type Gain } from './rank';

const gain = (gainDb: number, gainShare: number | null = null): Gain => ({ gainDb, gainShare });
const guess = (estimate: number, layers: string[] = ['conv']) => ({ estimate, layers });

describe('what a finding costs', () => {
  it('is the noise that its best fix takes away, else the guess', () => {
    expect(noiseRemoved(3)).toBeCloseTo(0.5, 2);
    expect(noiseRemoved(20)).toBeCloseTo(0.99, 9);
    expect(noiseRemoved(-5)).toBe(0);
    expect(costOf(guess(0.7), [])).toBe(0.7);
    expect(costOf(guess(0.7), [gain(-1), gain(10)])).toBeCloseTo(0.9, 9);
    expect(costOf(guess(0.7), [gain(-1)])).toBe(0);
  });

  it('is severe by a point of accuracy, if the output came nearer as well', () => {
    expect(severityOf(guess(0), [gain(8, 0.3)], 30)).toBe('severe');
    expect(severityOf(guess(0.9), [gain(0.2, 0.02)], 30)).toBe('minor');
    expect(severityOf(guess(0.9), [gain(2, 0.004)], 30)).toBe('moderate');
    expect(severityOf(guess(0.9), [gain(5, 0)], 30)).toBe('moderate');
    expect(severityOf(guess(0.9), [gain(2, 0)], 30)).toBe('minor');
  });

  it('is judged by the output where nothing counts answers, and by the guess where nothing was tried', () => {
    expect(severityOf(guess(0), [gain(7)], 12)).toBe('severe');
    expect(severityOf(guess(0), [gain(7)], 40)).toBe('moderate');
    expect(severityOf(guess(1, []), [], 40)).toBe('severe');
    expect(severityOf(guess(0.6), [], 40)).toBe('moderate');
    expect(severityOf(guess(0.6), [], 10)).toBe('severe');
    expect(severityOf(guess(0.1), [], 10)).toBe('minor');
  });
});
