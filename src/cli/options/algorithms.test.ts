import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../core/algorithms/table';
import { parsed } from '../../testing/builders/cli';
import type { QuantizeArgs } from './quantize-options';

const QUANTIZE = ['quantize', 'm', '--data', 'd', '--out', 'o'];
const of = (...options: string[]) => (parsed([...QUANTIZE, ...options]) as unknown as QuantizeArgs).settings.algorithms;

describe('algorithms of a command', () => {
  it('have options of their own, or are named as the table names them', () => {
    expect(of('--cle', '--adaround', '200', '--bias-correction')).toEqual([
      { id: 'cle', params: {} },
      { id: 'adaround', params: { iterations: 200 } },
      { id: 'bias-correction', params: {} },
    ]);
    for (const { id } of ALGORITHMS) expect(of('--algorithm', id)).toEqual([{ id, params: {} }]);
    expect(of('--algorithm', 'gptq:damping=0.05,polish=0')).toEqual([
      { id: 'gptq', params: { damping: 0.05, polish: 0 } },
    ]);
  });

  it('come in the order of the table', () => {
    const named = ['batch-norm', 'smoothquant:alpha=0.7', 'high-bias'].flatMap((id) => ['--algorithm', id]);
    const ids = of(...named, '--cle')?.map(({ id }) => id);
    expect(ids).toEqual(['cle', 'high-bias', 'smoothquant', 'batch-norm']);
  });

  it.each<[string, RegExp]>([
    ['--algorithm magic', /takes cle, .*; not "magic"/],
    ['--algorithm gptq:speed=3', /gptq has the parameters damping, polish; not "speed"/],
    ['--algorithm bias-correction:x=1', /has no parameters; not "x"/],
    ['--algorithm smoothquant:alpha=2', /alpha is from 0 to 1, not "2"/],
    ['--adaround many', /whole number of at least 1, not "many"/],
    ['--algorithm adaround:iterations=9', /iterations is from 100 to 10000, not "9"/],
    ['--gptq --algorithm adaround', /gptq and adaround both choose/],
    ['--cle --algorithm cle', /cle is named twice/],
    ['--improve --cle', /chooses the algorithms itself: leave out cle/],
  ])('%s is refused in words', (options, words) => expect(() => of(...options.split(' '))).toThrow(words));
});
