import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type QuantSettings } from '../quantize/settings';
import { patched } from './fix';

const settings: QuantSettings = {
  ...DEFAULT_SETTINGS,
  tensors: { a: { range: { min: 0, max: 1 } }, b: { estimator: { id: 'mse', params: {} } } },
  layers: { one: { weightFormat: 'int4' } },
  algorithms: [{ id: 'cle', params: { powersOfTwo: 1 } }],
};

describe('a patch of the settings', () => {
  it('changes what it names and nothing else', () => {
    expect(patched(settings, {})).toEqual(settings);
    const next = patched(settings, {
      granularity: 'tensor',
      algorithms: ['cle', 'high-bias'],
      tensors: { a: {}, c: { format: 'int8' } },
      layers: { one: { keepFloat: true }, two: { keepFloat: true } },
    });
    expect(next).toEqual({
      ...settings,
      weights: { ...settings.weights, granularity: 'tensor' },
      // What is on keeps its parameters.
      algorithms: [
        { id: 'cle', params: { powersOfTwo: 1 } },
        { id: 'high-bias', params: {} },
      ],
      tensors: { b: settings.tensors.b, c: { format: 'int8' } },
      layers: { one: { weightFormat: 'int4', keepFloat: true }, two: { keepFloat: true } },
    });
  });

  it('switches the first algorithm on where there was none', () => {
    expect(patched(DEFAULT_SETTINGS, { algorithms: ['cle'] }).algorithms).toEqual([{ id: 'cle', params: {} }]);
    expect('algorithms' in patched(DEFAULT_SETTINGS, { granularity: 'channel' })).toBe(false);
  });
});
