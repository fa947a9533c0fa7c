import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from './settings';
import { formats, layerFormat } from '../../state/edits/edits';
import { bitsInWords, formatsInWords } from './formats-in-words';

const words = (weights: string, activations: string, ...own: string[]) => {
  const settings = own.reduce(
    (before, op) => layerFormat(op, 'weights', 'int8')(before),
    formats(weights, activations)(DEFAULT_SETTINGS),
  );
  return [formatsInWords(settings), bitsInWords(settings)];
};

describe('formats in words', () => {
  it.each([
    [
      ['int8', 'int8'],
      ['W8A8', '8 bits'],
    ],
    [
      ['int4', 'int4'],
      ['W4A4', '4 bits'],
    ],
    [
      ['int2', 'int8'],
      ['W2A8', 'W2A8'],
    ],
    [
      ['int4', 'int4', 'a'],
      ['W4A4, 1 layer otherwise', 'W4A4, 1 layer otherwise'],
    ],
    [
      ['int4', 'int8', 'a', 'b'],
      ['W4A8, 2 layers otherwise', 'W4A8, 2 layers otherwise'],
    ],
    [['fp8-e4m3fn', 'int8'], Array(2).fill('weights FP8 E4M3FN, activations INT8')],
  ] as const)('%s', (given, expected) => {
    expect(words(...(given as readonly string[] as [string, string]))).toEqual(expected);
  });
});
