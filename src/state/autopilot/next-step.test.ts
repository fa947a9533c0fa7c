import { describe, expect, it } from 'vitest';
import type { DataSetView, ModelView } from '../../jobs/contract/protocol';
import { wantsData } from './next-step';
import { isTunable, NO_MODEL } from '../slices/model';
import { NO_DATA } from '../slices/data';
import { INITIAL_STATE } from '../store';

const file = { computable: true, alreadyQuantized: false } as ModelView;
const samples = {} as DataSetView;

function wants(view: ModelView | null, data: Partial<typeof NO_DATA> = {}): boolean {
  return wantsData({ ...INITIAL_STATE, model: { ...NO_MODEL, view }, data: { ...NO_DATA, ...data } });
}

describe('whether data is what is missing', () => {
  it('it is where a model has none, or none that fits', () => {
    expect(wants(file)).toBe(true);
    expect(wants(file, { view: samples, outdated: true })).toBe(true);
    expect(wants(file, { view: samples })).toBe(false);
    expect(wants(file, { opening: 'digits.npz' })).toBe(false);
  });

  it('it is not without a model, nor for one that opens for viewing', () => {
    expect(wants(null)).toBe(false);
    for (const viewed of [
      { ...file, alreadyQuantized: true },
      { ...file, computable: false },
    ]) {
      expect(isTunable({ ...NO_MODEL, view: viewed })).toBe(false);
      expect(wants(viewed)).toBe(false);
    }
  });
});
