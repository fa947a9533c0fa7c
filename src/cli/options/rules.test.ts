import { describe, expect, it } from 'vitest';
import { definitionOfKind } from '../../core/graph/ops/table';
import { ruleText } from '../../core/quantize/rule-text';
import { parseRule } from './rules';
import { UsageError } from './usage-error';

describe('--rule', () => {
  it.each([
    ['block_*:weights=int4', { name: 'block_*', override: { weightFormat: 'int4' } }],
    ['@ends:keep-float', { place: 'ends', override: { keepFloat: true } }],
    ['@conv2d:per=tensor, quantize', { kind: 'conv2d', override: { granularity: 'tensor', keepFloat: false } }],
    [
      'a:b/*@depthwiseConv2d+last:range=-0.5..6,weight-range=-1..1',
      {
        name: 'a:b/*',
        kind: 'depthwiseConv2d',
        place: 'last',
        override: { activationRange: { min: -0.5, max: 6 }, weightRange: { min: -1, max: 1 } },
      },
    ],
    [
      '*:weights=int6,activations=fp8-e4m3fn,estimator=mse,weight-estimator=percentile,per=block',
      {
        name: '*',
        override: {
          weightFormat: 'int6',
          activationFormat: 'fp8-e4m3fn',
          activationEstimator: { id: 'mse', params: {} },
          weightEstimator: { id: 'percentile', params: {} },
          granularity: 'block',
        },
      },
    ],
  ])('%s', (text, rule) => {
    expect(parseRule(text)).toEqual(rule);
  });

  it.each([
    ['conv', /write LAYERS:CHANGES/],
    [':weights=int4', /say which layers/],
    ['*@middle:weights=int4', /"middle" is neither an op kind nor/],
    ['*:', /"" is no change/],
    ['*:weights', /"weights" is no change/],
    ['*:toString=1', /is no change/],
    ['*:weights=int99', /no format "int99"; there are .*int8/],
    ['*:per=row', /per channel, tensor, block/],
    ['*:estimator=guess', /no estimator "guess"/],
    ['*:range=6..0', /not "6..0"/],
    ['*:range=..6', /not "..6"/],
  ])('refuses %s', (text, why) => {
    expect(() => parseRule(text)).toThrow(UsageError);
    expect(() => parseRule(text)).toThrow(why);
  });

  it('is said in words', () => {
    const say = (text: string) => ruleText(parseRule(text), (kind) => definitionOfKind(kind).label);
    expect(say('*:weights=int4')).toBe('all layers: weights INT4');
    expect(say('block*@conv2d:keep-float')).toBe('Conv 2D named block*: kept in float');
    expect(say('@ends:quantize,weights=int8,per=tensor')).toBe(
      'the first and the last layer with weights: quantized, weights INT8, weights per tensor',
    );
    expect(say('a*@last:range=0..6,estimator=mse')).toBe(
      'layers named a*, the last layer with weights: output by Least squared error, output 0 … 6',
    );
  });
});
