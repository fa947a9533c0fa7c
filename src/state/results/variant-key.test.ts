import { describe, expect, it } from 'vitest';
import type { QuantPlan } from '../../core/quantize/plan';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { algorithm, granularity, keepFloat, manualRange } from '../edits/edits';
import { variantKey } from './variant-key';

const PLAN = { activations: {}, weights: { w: {} }, keptFloat: [], notes: [] } as unknown as QuantPlan;
const SETTINGS = algorithm('adaround', {})(DEFAULT_SETTINGS);
const key = (settings: typeof SETTINGS) => variantKey(settings, PLAN);

describe('variantKey', () => {
  it('stays when only the range of an activation moves', () => {
    expect(key(manualRange('a', null, { min: 0, max: 1 })(SETTINGS))).toBe(key(SETTINGS));
  });

  it('changes with the algorithms, their parameters, training and everything about weights', () => {
    const others = [
      algorithm('adaround', { iterations: 200 }),
      algorithm('cle', {}),
      granularity('tensor'),
      keepFloat('op', true),
      manualRange('w', null, { min: -1, max: 1 }),
      (settings: QuantSettings) => ({ ...settings, trained: 'qat-1-1' }),
      (settings: QuantSettings) => ({ ...settings, trained: 'qat-1-2' }),
    ].map((edit) => key(edit(SETTINGS)));
    expect(new Set([key(SETTINGS), ...others]).size).toBe(others.length + 1);
  });
});

describe('algorithm', () => {
  it('switches on and off, and leaves no trace when none is on', () => {
    const on = algorithm('cle', { exact: 1 })(DEFAULT_SETTINGS);
    expect(on.algorithms).toEqual([{ id: 'cle', params: { exact: 1 } }]);
    expect(algorithm('cle', null)(on)).toEqual(DEFAULT_SETTINGS);
  });

  it('has one algorithm choose the codes at a time; others stand beside it', () => {
    const settings = ['cle', 'gptq', 'bias-correction', 'adaround'].reduce(
      (before, id) => algorithm(id, {})(before),
      DEFAULT_SETTINGS,
    );
    expect(settings.algorithms?.map(({ id }) => id)).toEqual(['cle', 'bias-correction', 'adaround']);
  });
});
