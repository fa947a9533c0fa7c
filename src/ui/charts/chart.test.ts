import { expect, it } from 'vitest';
import { mergedPoints } from './chart';

it('puts curves side by side by their x, in order, without what is not finite', () => {
  const loss = [[0.5, 2], [1.5, 1], [2, NaN]] as const; // prettier-ignore
  const validation = [[0, 4], [1.5, 3]] as const; // prettier-ignore
  expect(mergedPoints([loss, validation], (x) => `epoch ${x}`)).toEqual([
    { x: 0, name: 'epoch 0', values: [null, 4] },
    { x: 0.5, name: 'epoch 0.5', values: [2, null] },
    { x: 1.5, name: 'epoch 1.5', values: [1, 3] },
  ]);
});
