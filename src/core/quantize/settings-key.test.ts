import { describe, expect, it } from 'vitest';
import { modelKey, sameSettings, settingsKey } from './settings-key';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

const SETTINGS: QuantSettings = { ...DEFAULT_SETTINGS, algorithms: [{ id: 'adaround', params: {} }] };
const withRange = (id: string): QuantSettings => ({ ...SETTINGS, tensors: { [id]: { range: { min: 0, max: 1 } } } });
const algorithms = (...ids: string[]): QuantSettings => ({
  ...SETTINGS,
  algorithms: ids.map((id) => ({ id, params: {} })),
});

describe('settingsKey', () => {
  it('is the same for equal settings, in whatever order they were made', () => {
    const { version, ...rest } = SETTINGS;
    expect(settingsKey({ ...rest, version })).toBe(settingsKey(SETTINGS));
    expect(settingsKey(structuredClone(SETTINGS))).toBe(settingsKey(SETTINGS));
    expect(settingsKey(algorithms('cle', 'gptq'))).toBe(settingsKey(algorithms('gptq', 'cle')));
    expect(settingsKey({ ...DEFAULT_SETTINGS, algorithms: [] })).toBe(settingsKey(DEFAULT_SETTINGS));
    expect(sameSettings(SETTINGS, structuredClone(SETTINGS))).toBe(true);
    expect(sameSettings(SETTINGS, null)).toBe(false);
  });

  it('tells apart what quantizes otherwise', () => {
    const rule = (id: string) => ({ name: id, override: { keepFloat: true } });
    const others: QuantSettings[] = [
      SETTINGS,
      DEFAULT_SETTINGS,
      { ...SETTINGS, io: 'float32' },
      withRange('a'),
      withRange('b'),
      { ...SETTINGS, trained: 'qat-1-1' },
      { ...SETTINGS, rules: [rule('a'), rule('b')] },
      { ...SETTINGS, rules: [rule('b'), rule('a')] },
    ];
    expect(new Set(others.map(settingsKey)).size).toBe(others.length);
  });
});

describe('modelKey', () => {
  const key = (settings: QuantSettings) => modelKey(settings, (id) => id === 'w');

  it('stays when only the range of an activation moves', () => {
    expect(key(withRange('a'))).toBe(key(SETTINGS));
  });

  it('changes with the algorithms, their parameters, training and everything about weights', () => {
    const others: QuantSettings[] = [
      { ...SETTINGS, algorithms: [{ id: 'adaround', params: { iterations: 200 } }] },
      algorithms('adaround', 'cle'),
      { ...SETTINGS, weights: { ...SETTINGS.weights, granularity: 'tensor' } },
      { ...SETTINGS, layers: { op: { keepFloat: true } } },
      withRange('w'),
      { ...SETTINGS, trained: 'qat-1-1' },
      { ...SETTINGS, trained: 'qat-1-2' },
    ];
    expect(new Set([SETTINGS, ...others].map(key)).size).toBe(others.length + 1);
  });
});
