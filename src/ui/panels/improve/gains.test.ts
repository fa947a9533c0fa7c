import { describe, expect, it } from 'vitest';
import type { LayerError } from '../../../jobs/contract/protocol';
import { gains } from './gains';

const layers = (...db: number[]): LayerError[] =>
  db.map((sqnrDb, i) => ({ op: `op${i}`, tensor: `t${i}`, sqnrDb, cosine: 1, rmseOverScale: 0, maxError: 0 }));

describe('gains', () => {
  it('counts what a person would notice', () => {
    expect(gains(layers(20, 20, 20, 20), layers(21, 20.05, 19.95, 12))).toEqual({ better: 1, worse: 1 });
  });

  it('takes an exact layer that stays exact as unchanged, and one that becomes exact as better', () => {
    expect(gains(layers(Infinity, 30), layers(Infinity, Infinity))).toEqual({ better: 1, worse: 0 });
  });

  it('leaves out layers that only one side has measured', () => {
    expect(gains(layers(20), layers(25, 90))).toEqual({ better: 1, worse: 0 });
  });
});
