import { describe, expect, it } from 'vitest';
import { costOf, isHealthy, noiseRemoved, severityOf, type Gain } from './rank';

const gain = (gainDb: number, gainShare: number | null = null, recovered = 0): Gain => ({
  gainDb,
  gainShare,
  recovered,
});
const guess = (estimate: number, layers: string[] = ['conv'], blame = 1) => ({ estimate, layers, blame });
const fixes = (...tried: Gain[]) => ({ place: null, fixes: tried });
const ill = (sqnrDb: number) => ({ sqnrDb, isWithinChance: false });

describe('what a finding costs', () => {
  it('is what its place in float or its best fix takes away, else the guess', () => {
    expect(noiseRemoved(3)).toBeCloseTo(0.5, 2);
    expect(noiseRemoved(20)).toBeCloseTo(0.99, 9);
    expect(noiseRemoved(-5)).toBe(0);
    expect(costOf(guess(0.7), fixes())).toBe(0.7);
    expect(costOf(guess(0.7), fixes(gain(-1), gain(10)))).toBeCloseTo(0.9, 9);
    expect(costOf(guess(0.7), fixes(gain(-1)))).toBe(0);
  });

  it('is not made cheap by a fix that does nothing, nor dear by what is not its own', () => {
    expect(costOf(guess(0), { place: gain(10), fixes: [gain(0)] })).toBeCloseTo(0.9, 9);
    expect(costOf(guess(0, ['conv'], 0.5), { place: gain(10), fixes: [] })).toBeCloseTo(0.45, 9);
  });

  it('is by answers where these come back and squares do not', () => {
    expect(costOf(guess(0), fixes(gain(-4, 0.16, 0.95)))).toBe(0.95);
    expect(severityOf(guess(0), fixes(gain(-4, 0.16, 0.95)), ill(9))).toBe('severe');
  });

  it('is severe by a point of accuracy, if the output came nearer as well', () => {
    expect(severityOf(guess(0), fixes(gain(8, 0.3)), ill(30))).toBe('severe');
    expect(severityOf(guess(0.9), fixes(gain(0.2, 0.02)), ill(30))).toBe('minor');
    expect(severityOf(guess(0.9), fixes(gain(2, 0.004)), ill(30))).toBe('moderate');
    expect(severityOf(guess(0.9), fixes(gain(5, 0)), ill(30))).toBe('moderate');
    expect(severityOf(guess(0.9), fixes(gain(2, 0)), ill(30))).toBe('minor');
  });

  it('is judged by the output where nothing counts answers, and by the guess where nothing was tried', () => {
    expect(severityOf(guess(0), fixes(gain(7)), ill(12))).toBe('severe');
    expect(severityOf(guess(0), fixes(gain(7)), ill(40))).toBe('moderate');
    expect(severityOf(guess(1, []), fixes(), ill(40))).toBe('severe');
    expect(severityOf(guess(0.6), fixes(), ill(40))).toBe('moderate');
    expect(severityOf(guess(0.6), fixes(), ill(10))).toBe('severe');
    expect(severityOf(guess(0.1), fixes(), ill(10))).toBe('minor');
  });

  it('is minor where nothing is lost, but for the data', () => {
    const well = { sqnrDb: 25, isWithinChance: true };
    expect([isHealthy(well), isHealthy({ ...well, sqnrDb: 6 }), isHealthy(ill(25))]).toEqual([true, false, false]);
    expect(severityOf(guess(0.9), fixes(gain(9, 0)), well)).toBe('minor');
    expect(severityOf(guess(0.9), fixes(), well)).toBe('minor');
    expect(severityOf(guess(1, []), fixes(), well)).toBe('severe');
  });
});
