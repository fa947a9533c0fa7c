import { expect, it } from 'vitest';
import { confusionOf } from './confusion';

it('counts which answer turned into which, most often first', () => {
  const flip = (from: number, to: number) => ({
    sample: 0,
    float: { answer: from, confidence: 1 },
    quantized: { answer: to, confidence: 1 },
  });
  expect(confusionOf([flip(3, 8), flip(1, 7), flip(3, 8), flip(8, 3)])).toEqual([
    { from: 3, to: 8, count: 2 },
    { from: 1, to: 7, count: 1 },
    { from: 8, to: 3, count: 1 },
  ]);
});
