import { describe, expect, it } from 'vitest';
import type { SearchResult } from '../../../jobs/contract/search-protocol';
import { chanceText, countsText, frontCsv } from './front-text';

const point = {
  precisions: { 'a,1': 'int4', b: 'float' },
  bytes: 1234,
  storable: true,
  picojoules: 5000.4,
  score: { metric: 'top1', value: 0.9, samples: 10 },
  sqnrDb: 12.3456,
} as const;

describe('a front in words', () => {
  it('counts formats, the narrowest first', () => {
    expect(countsText({ a: 'float', b: 'int4', c: 'int8', d: 'int4' })).toBe('2 × INT4, 1 × INT8, 1 × Float');
    expect(countsText({})).toBe('');
  });

  it('says how far chance moves a score: one standard error, √(p(1 − p)/n)', () => {
    expect(chanceText(0.9, 100)).toBe('3.0 points');
    expect(chanceText(0.5, 10_000)).toBe('0.5 points');
    expect(chanceText(1, 100)).toBe('0.7 points');
  });

  it('is a table with a column for each layer', () => {
    const result = { front: [point, { ...point, storable: false, sqnrDb: Infinity }], layers: ['a,1', 'b'] };
    expect(frontCsv(result as unknown as SearchResult)).toBe(
      'bytes,alu_picojoules,metric,score,output_sqnr_db,tflite,"a,1",b\n' +
        '1234,5000,top1,0.9,12.346,yes,INT4,Float\n' +
        '1234,5000,top1,0.9,,no,INT4,Float\n',
    );
  });
});
