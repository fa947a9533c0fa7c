import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../core/algorithms/table';
import { algorithmsOf, type AlgorithmOptions } from './algorithms';

const NONE: AlgorithmOptions = { cle: false, 'bias-correction': false, gptq: false, improve: false };
const of = (change: Partial<AlgorithmOptions>) => algorithmsOf({ ...NONE, ...change });

describe('algorithms of a command', () => {
  it('have options of their own, or are named as the table names them', () => {
    expect(of({ cle: true, adaround: '200', 'bias-correction': true })).toEqual([
      { id: 'cle', params: {} },
      { id: 'adaround', params: { iterations: 200 } },
      { id: 'bias-correction', params: {} },
    ]);
    for (const { id } of ALGORITHMS) expect(of({ algorithm: [id] })).toEqual([{ id, params: {} }]);
    expect(of({ algorithm: ['gptq:damping=0.05,polish=0'] })).toEqual([
      { id: 'gptq', params: { damping: 0.05, polish: 0 } },
    ]);
  });

  it('come in the order of the table', () => {
    const ids = of({ algorithm: ['batch-norm', 'smoothquant:alpha=0.7', 'high-bias'], cle: true }).map(({ id }) => id);
    expect(ids).toEqual(['cle', 'high-bias', 'smoothquant', 'batch-norm']);
  });

  it.each<[Partial<AlgorithmOptions>, RegExp]>([
    [{ algorithm: ['magic'] }, /takes cle, .*; not "magic"/],
    [{ algorithm: ['gptq:speed=3'] }, /gptq has the parameters damping, polish; not "speed"/],
    [{ algorithm: ['bias-correction:x=1'] }, /has no parameters; not "x"/],
    [{ algorithm: ['smoothquant:alpha=2'] }, /alpha is from 0 to 1, not "2"/],
    [{ adaround: 'many' }, /whole number of at least 1, not "many"/],
    [{ algorithm: ['adaround:iterations=9'] }, /iterations is from 100 to 10000, not "9"/],
    [{ gptq: true, algorithm: ['adaround'] }, /gptq and adaround both choose/],
    [{ cle: true, algorithm: ['cle'] }, /cle is named twice/],
    [{ improve: true, cle: true }, /chooses the algorithms itself: leave out cle/],
  ])('%j is refused in words', (change, words) => expect(() => of(change)).toThrow(words));
});
