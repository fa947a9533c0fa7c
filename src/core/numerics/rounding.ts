import { Random } from '../../base/random';
import { roundHalfToEven } from './round';

/** From a real multiple of a step to a whole one. */
export type Rounding = (x: number) => number;

/** IEEE 754's default. */
export const nearest: Rounding = roundHalfToEven;

/** Up with the probability of the fraction, so that rounding errs by nothing on average. Same seed, same choices. */
export function stochastic(seed: number): Rounding {
  const random = new Random(seed);
  return (x) => Math.floor(x + random.uniform());
}
