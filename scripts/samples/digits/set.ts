import { Random } from '../../../src/base/random';
import { CLASSES, drawDigit, SIZE } from './draw';

export interface DigitSet {
  /** [count, SIZE, SIZE, 1] */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly count: number;
}

/** As many of each digit, in turn. Picture i depends on `seed` and i alone: a longer set begins with the shorter one. */
export function digitSet(count: number, seed: number): DigitSet {
  const x = new Uint8Array(count * SIZE * SIZE);
  const y = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
  for (let i = 0; i < count; i++) x.set(drawDigit(y[i], new Random(seed, i)), i * SIZE * SIZE);
  return { x, y, count };
}
