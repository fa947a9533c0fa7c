import { Random } from '../../base/random';
import { nearestLevels, Reconstruction, type Rounded, type RoundingProblem } from './rounding';

const bits = new Float32Array(1);
const pattern = new Uint32Array(bits.buffer);

/** A stream of its own for each layer: by its first weight, so that layers of one shape do not draw alike. */
function streamOf({ weights }: RoundingProblem): number {
  bits[0] = weights[0] ?? 0;
  return pattern[0];
}

/**
 * Stochastic rounding: up with the probability of the fraction, so that a weight is right on average over many roundings
 * (Gupta et al. 2015). Of one rounding that is no more than noise: it errs more than rounding to nearest does.
 */
export function stochasticRounding(problem: RoundingProblem, seed: number): Rounded {
  const { weights, steps, columns, grid } = problem;
  const random = new Random(seed, streamOf(problem));
  const levels = weights.map((w, i) => {
    const quotient = w / steps[Math.floor(i / columns)];
    const below = grid.below(quotient);
    const above = grid.above(below);
    const level = random.uniform() < (quotient - below) / (above - below) ? above : below;
    return Math.min(grid.highest, Math.max(grid.lowest, level));
  });
  const reconstruction = new Reconstruction(problem);
  return {
    levels,
    nearestLoss: reconstruction.lossOf(nearestLevels(problem)),
    loss: reconstruction.lossOf(levels),
    power: reconstruction.power,
    curve: [],
  };
}
