import { describe, expect, it } from 'vitest';
import type { RangefinderError } from '../../base/errors';
import { matchInputs, type ArrayPlace, type InputPlace } from './match-inputs';

const input = (name: string, ...shape: number[]): InputPlace => ({ names: [name], shape });
const array = (name: string, ...shape: number[]): ArrayPlace => ({ name, shape });
const orderOf = (inputs: InputPlace[], arrays: ArrayPlace[]) => matchInputs(inputs, arrays, 'd.npz').order;

describe('matchInputs', () => {
  const inputs = [input('zenith', 8), input('serving_default_meta:0', 3), input('azimuth', 8)];

  it('goes by names first, whatever the order and the case', () => {
    expect(orderOf(inputs, [array('Azimuth', 8), array('META', 3), array('y', 1), array('zenith', 8)])).toEqual([
      3, 1, 0,
    ]);
  });

  it('knows the names of signatures', () => {
    const signed = [{ names: ['ids', 'serving_default_args_0:0'], shape: [5] }, input('mask', 5)];
    expect(orderOf(signed, [array('mask', 5), array('ids', 5)])).toEqual([1, 0]);
  });

  it('goes by shapes where names say nothing, in their order where these are alike', () => {
    const arrays = [array('in0', 8), array('in1', 8), array('in2', 3)];
    expect(orderOf(inputs, arrays)).toEqual([0, 2, 1]);
    expect(matchInputs(inputs, arrays, '').reason).toBe(
      'Arrays go to inputs by their shapes: in0 → zenith, in2 → meta, in1 → azimuth; of those of one shape, in the order they came in.',
    );
  });

  it('takes images channels first, and dimensions of one', () => {
    const pair = [input('image', 24, 32, 3), input('age', 1)];
    expect(orderOf(pair, [array('a'), array('b', 3, 24, 32)])).toEqual([1, 0]);
  });

  it.each<[string, ArrayPlace[]]>([
    ['too few arrays', [array('in0', 19)]],
    ['another shape', [array('in0', 8), array('in1', 8), array('in2', 4)]],
    ['the right names with another shape', [array('zenith', 8), array('meta', 4), array('azimuth', 8)]],
  ])('refuses %s with both shapes', (_what, arrays) => {
    try {
      matchInputs(inputs, arrays, 'd.npz');
      expect.unreachable();
    } catch (thrown) {
      const { code, message } = thrown as RangefinderError;
      expect(code).toBe('invalid-data');
      expect(message).toContain('the model takes zenith of 8, meta of 3, azimuth of 8; the data has');
      for (const { name, shape } of arrays) expect(message).toContain(`${name} of ${shape.join('×')}`);
    }
  });
});
