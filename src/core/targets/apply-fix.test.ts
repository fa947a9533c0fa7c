import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../quantize/settings';
import { applyFix } from './apply-fix';
import { TARGETS } from './table';

describe('applyFix', () => {
  it('has an effect for every fix of every target', () => {
    const fixes = TARGETS.flatMap(({ constraints, fileConstraints }) => [...constraints, ...fileConstraints]).flatMap(
      ({ fix }) => (fix ? [fix] : []),
    );
    expect(fixes.length).toBeGreaterThan(10);
    const elsewhere = {
      ...DEFAULT_SETTINGS,
      io: 'float32',
      weights: { ...DEFAULT_SETTINGS.weights, format: 'int4' },
    } as const;
    for (const fix of fixes) {
      const { settings, form } = applyFix(elsewhere, fix);
      expect(form !== undefined || settings !== elsewhere).toBe(true);
    }
  });

  it('takes the types of single inputs back where all are to be int8', () => {
    const settings = { ...DEFAULT_SETTINGS, io: 'float32', ioTensors: { image: 'uint8' } } as const;
    const fixed = applyFix(settings, { label: '', options: ['--io', 'int8'] }).settings;
    expect(fixed).toEqual(DEFAULT_SETTINGS);
  });

  it('means eight bits where it names no format', () => {
    const weights = { ...DEFAULT_SETTINGS.weights, format: 'int4' };
    const fixed = applyFix({ ...DEFAULT_SETTINGS, weights }, { label: '', options: ['--weight-bits', '8'] });
    expect(fixed.settings).toEqual(DEFAULT_SETTINGS);
  });
});
