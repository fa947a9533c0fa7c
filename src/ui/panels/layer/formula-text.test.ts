import { describe, expect, it } from 'vitest';
import { formulaText } from './formula-text';

describe('formulaText', () => {
  it('reads as one would write it by hand', () => {
    expect(formulaText(0.03065, -128)).toBe('0.03065 × (q + 128)');
    expect(formulaText(0.5, 3)).toBe('0.5 × (q − 3)');
    expect(formulaText(0.25, 0)).toBe('0.25 × q');
  });

  it('leaves letters where there are many values or none', () => {
    expect(formulaText(undefined, 0)).toBe('scale × q');
    expect(formulaText(2, undefined)).toBe('2 × (q − zeroPoint)');
    expect(formulaText(undefined, undefined)).toBeNull();
  });
});
