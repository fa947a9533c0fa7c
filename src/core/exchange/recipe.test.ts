import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { lookup } from '../../base/lookup';
import { matchingLayers, ruledLayers, type RuleTarget } from '../quantize/rules';
import { DEFAULT_SETTINGS, type LayerOverride, type QuantSettings } from '../quantize/settings';
import { isRecipe, readRecipe, writeRecipe } from './recipe';
import { patternsOf } from './scope-pattern';

const target = (name: string, kind: RuleTarget['kind'] = 'conv2d'): RuleTarget => ({ id: name, name, kind, weighted: true }); // prettier-ignore
const INT8 = { num_bits: 8, symmetric: true, granularity: 'CHANNELWISE', dtype: 'INT' };
const quantize = (regex: string, operation = '*', weights: object = INT8) => ({
  regex,
  operation,
  algorithm_key: 'min_max_uniform_quantize',
  op_config: {
    activation_tensor_config: { ...INT8, granularity: 'TENSORWISE', symmetric: false },
    weight_tensor_config: weights,
    compute_precision: 'INTEGER',
  },
});

describe('expressions', () => {
  // Python's re.search itself, of each of these names.
  const NAMES = ['conv', 'conv_1', 'a/conv', 'dense.1', 'densex1', 'block_a/add', 'block_b/add', 'block_c/add'];
  it.each([
    ['.*', NAMES],
    ['conv', ['conv', 'conv_1', 'a/conv']],
    ['^conv', ['conv', 'conv_1']],
    ['conv$', ['conv', 'a/conv']],
    ['^conv$', ['conv']],
    ['dense\\.1', ['dense.1']],
    ['^conv$|dense', ['conv', 'dense.1', 'densex1']],
    ['block_(a|b)/', ['block_a/add', 'block_b/add']],
    ['^(?:a|block_c)/.*', ['a/conv', 'block_c/add']],
  ])('%s finds the names that the tool finds', (regex, found) => {
    const all = NAMES.map((name) => target(name));
    const matched = patternsOf(regex).flatMap((name) => matchingLayers({ name }, all).map((one) => one.name));
    expect(new Set(matched)).toEqual(new Set(found));
  });

  it.each(['(a+)+$', '[ab]', 'conv.', 'a{2}', 'x?', '\\d', '(?=a)', '(a', 'a)', 'b$a', '(a|b|c|d)'.repeat(4)])(
    '%s is refused by name',
    (regex) => {
      expect(() => patternsOf(regex)).toThrow(RangefinderError);
    },
  );

  it('are patterns or refused, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.*^$|()\\?+[{:'), maxLength: 20 }), (regex) => {
        try {
          expect(patternsOf(regex).length).toBeLessThanOrEqual(64);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RangefinderError);
        }
      }),
    );
  });
});

describe('recipes', () => {
  it('hold by their last match alone, and leave in float what they do not name', () => {
    const int4 = { ...INT8, num_bits: 4, granularity: 'BLOCKWISE_32' };
    const { rules, left } = readRecipe([
      quantize('conv', 'CONV_2D'),
      quantize('dense', 'FULLY_CONNECTED', int4),
      { regex: 'conv_2', operation: '*', algorithm_key: 'no_quantize' },
    ]);
    const layers = ruledLayers(rules, [target('conv_1'), target('conv_2'), target('dense', 'fullyConnected'), target('add', 'add')]); // prettier-ignore
    expect(left).toEqual([]);
    expect(layers).toMatchObject({
      conv_1: { keepFloat: false, weightFormat: 'int8', granularity: 'channel', activationFormat: 'int8' },
      conv_2: { keepFloat: true },
      dense: { keepFloat: false, weightFormat: 'int4', granularity: 'block' },
      add: { keepFloat: true },
    });
  });

  it('that are about everything force nothing out of float', () => {
    expect(readRecipe([quantize('.*')]).rules.every(({ override }) => override.keepFloat === undefined)).toBe(true);
  });

  it('list what has no counterpart', () => {
    const one = quantize('.*');
    const config = { ...one.op_config, activation_tensor_config: undefined, min_weight_elements: 64 };
    const { left } = readRecipe([
      { ...one, algorithm_key: 'OCTAV', op_config: config },
      { ...one, operation: 'CUSTOM_OP' },
    ]);
    expect(left).toHaveLength(4);
    expect(left.join()).toMatch(/OCTAV.*min_weight_elements 64.*activations in float.*CUSTOM_OP/);
  });

  it.each([
    ['blocks of 64', quantize('.*', '*', { ...INT8, granularity: 'BLOCKWISE_64' }), 'BLOCKWISE_64'],
    ['unsigned weights', quantize('.*', '*', { ...INT8, dtype: 'UINT' }), 'UINT of 8 bits'],
  ])('refuse %s by name', (_name, one, words) => {
    expect(() => readRecipe([one])).toThrow(words);
  });

  it('are known by their first entry', () => {
    expect([isRecipe([quantize('.*')]), isRecipe([]), isRecipe([{ regex: 'a' }]), isRecipe({})]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('say the same of every layer on the way out and in', () => {
    const names = ['conv', 'conv/add', 'dense.1', 'a;b[0]'];
    const targets = names.map((name) => target(name));
    const override = fc.record(
      {
        keepFloat: fc.boolean(),
        weightFormat: fc.constantFrom('int4', 'int8'),
        activationFormat: fc.constantFrom('int8', 'int16'),
        granularity: fc.constantFrom('tensor' as const, 'channel' as const, 'block' as const),
      },
      { requiredKeys: [] },
    );
    const layers = fc.dictionary(fc.constantFrom(...names), override);
    const told = (settings: QuantSettings) =>
      names.map((name) => {
        const own = lookup({ ...ruledLayers(settings.rules ?? [], targets), ...settings.layers }, name) ?? {};
        if (own.keepFloat) return 'float';
        const { weightFormat = 'int8', activationFormat = 'int8', granularity = 'channel' }: LayerOverride = own;
        return [weightFormat, activationFormat, granularity].join();
      });
    fc.assert(
      fc.property(layers, (chosen) => {
        const settings = { ...DEFAULT_SETTINGS, layers: chosen };
        const { recipe, left } = writeRecipe(settings, targets);
        expect(left).toEqual([]);
        const again = readRecipe(JSON.parse(JSON.stringify(recipe)));
        expect(told({ ...DEFAULT_SETTINGS, rules: again.rules })).toEqual(told(settings));
      }),
    );
  });
});
