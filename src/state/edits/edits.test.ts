import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import {
  addRule,
  algorithm,
  changeLayers,
  changeRule,
  choosePrecisions,
  codes,
  endsRule,
  inputFormat,
  keepFloat,
  layerFormat,
  manualRanges,
  moveRule,
  removeRule,
  resetLayers,
  tensorEstimators,
  type Edit,
} from './edits';

const apply = (...edits: Edit[]): QuantSettings => edits.reduce((settings, edit) => edit(settings), DEFAULT_SETTINGS);
const MSE = { id: 'mse', params: {} };

describe('choices of layers', () => {
  it('are set for many at once, leave others alone, and go without a trace', () => {
    const set = apply(keepFloat('c', true), changeLayers(['a', 'b'], { weightFormat: 'int4', granularity: 'tensor' }));
    expect(set.layers).toEqual({
      a: { weightFormat: 'int4', granularity: 'tensor' },
      b: { weightFormat: 'int4', granularity: 'tensor' },
      c: { keepFloat: true },
    });
    const less = changeLayers(['a', 'b', 'c'], { weightFormat: null, keepFloat: null })(set);
    expect(less.layers).toEqual({ a: { granularity: 'tensor' }, b: { granularity: 'tensor' } });
    expect(apply(layerFormat('a', 'activations', 'int16'), layerFormat('a', 'activations', null))).toEqual(
      DEFAULT_SETTINGS,
    );
  });

  it('that change nothing are no edit', () => {
    const set = apply(changeLayers(['a'], { weightFormat: 'int4' }));
    expect(changeLayers(['a'], { weightFormat: 'int4' })(set)).toBe(set);
    expect(changeLayers(['b'], { keepFloat: null })(set)).toBe(set);
    expect(choosePrecisions({ a: 'int4', b: 'int8' })(set)).toBe(set);
  });

  it('to be quantized stand against a rule that keeps layers in float, and are needless without one', () => {
    expect(apply(keepFloat('a', true), keepFloat('a', false))).toEqual(DEFAULT_SETTINGS);
    const ruled = apply(addRule({ name: '*', override: { keepFloat: true } }), keepFloat('a', false));
    expect(ruled.layers).toEqual({ a: { keepFloat: false } });
  });

  it('are reset with those of their tensors', () => {
    const set = apply(changeLayers(['a', 'b'], { keepFloat: true }), tensorEstimators(['a/w', 'b/w'], MSE));
    expect(set.tensors).toEqual({ 'a/w': { estimator: MSE }, 'b/w': { estimator: MSE } });
    const { layers, tensors } = resetLayers(['a'], ['a/w', 'a/out'])(set);
    expect({ layers, tensors }).toEqual({ layers: { b: { keepFloat: true } }, tensors: { 'b/w': { estimator: MSE } } });
  });

  it('of ranges by hand are set and taken back for many tensors, and formats of tensors survive estimators', () => {
    const range = { min: 0, max: 6 };
    const set = apply(inputFormat(['x'], 'int8'), manualRanges(['x', 'y'], range));
    expect(set.tensors).toEqual({ x: { format: 'int8', range }, y: { range } });
    expect(tensorEstimators(['x'], MSE)(set).tensors.x).toEqual({ format: 'int8', estimator: MSE });
    expect(manualRanges(['x', 'y'], null)(set).tensors).toEqual({ x: { format: 'int8' } });
    expect(inputFormat(['x'], null)(manualRanges(['x', 'y'], null)(set))).toEqual(DEFAULT_SETTINGS);
  });

  it('of a found configuration say only what the model does not, and keep what else was chosen', () => {
    const set = apply(changeLayers(['a'], { granularity: 'tensor', weightFormat: 'int3' }));
    const chosen = choosePrecisions({ a: 'int8', b: 'int4', c: 'float', d: 'fp8' })(set);
    expect(chosen.layers).toEqual({
      a: { granularity: 'tensor' },
      b: { weightFormat: 'int4' },
      c: { keepFloat: true },
      d: { weightFormat: 'fp8-e4m3fn', activationFormat: 'fp8-e4m3fn' },
    });
    const int4: QuantSettings = { ...chosen, weights: { ...chosen.weights, format: 'int4' } };
    expect(choosePrecisions({ a: 'int8', b: 'int4', c: 'int4', d: 'float' })(int4).layers).toEqual({
      a: { granularity: 'tensor', weightFormat: 'int8' },
      d: { keepFloat: true },
    });
  });
});

describe('codes of integer formats', () => {
  it('are chosen for weights and for activations, and go without a trace', () => {
    const set = apply(codes('weights', 'full'), codes('activations', 'symmetric'));
    expect([set.weights.codes, set.activations.codes]).toEqual(['full', 'symmetric']);
    expect(codes('activations', null)(codes('weights', null)(set))).toEqual(DEFAULT_SETTINGS);
  });
});

describe('rules', () => {
  const [one, two, three] = ['one*', 'two*', 'three*'].map((name) => ({ name, override: { weightFormat: 'int4' } }));
  const all = apply(addRule(one), addRule(two), addRule(three));

  it('are added last, changed, moved and removed; without any, settings are as before', () => {
    expect(all.rules).toEqual([one, two, three]);
    expect(moveRule(0, 1)(all).rules).toEqual([two, one, three]);
    expect(moveRule(2, 1)(all).rules).toEqual(all.rules);
    expect(moveRule(0, -1)(all).rules).toEqual(all.rules);
    expect(changeRule(1, { kind: 'add', override: {} })(all).rules![1]).toEqual({ kind: 'add', override: {} });
    expect([0, 0, 0].reduce((settings, i) => removeRule(i)(settings), all)).toEqual(DEFAULT_SETTINGS);
  });

  it('about the first and last layer alone: one at a time', () => {
    const narrower = { place: 'ends', name: 'a*', override: {} } as const;
    const set = apply(
      addRule(narrower),
      endsRule({ keepFloat: true }),
      addRule(one),
      endsRule({ weightFormat: 'int8' }),
    );
    expect(set.rules).toEqual([narrower, one, { place: 'ends', override: { weightFormat: 'int8' } }]);
    expect(endsRule(null)(set).rules).toEqual([narrower, one]);
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
