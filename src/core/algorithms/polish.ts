/** The last step of choosing levels: single weights are moved while the layer's output gains by it. */
import { decode, Reconstruction, type Rounded, type RoundingProblem } from './rounding';

/** Less than this share of the output's power is no gain: sums of float32 are not more exact. */
const LEAST_GAIN = 1e-9;

/**
 * Coordinate descent: moves single weights to a neighbouring level, each time the one that lowers the output's error most,
 * until none does (CDQuant, Nair and Suggala 2024, calls the greedy form GCD). Never worse than what it starts from.
 */
export function polishLevels(problem: RoundingProblem, start: Float32Array): Float32Array {
  const { rows, columns: n, groups, steps, grid, gram } = problem;
  const levels = start.slice();
  const { halfGradient } = new Reconstruction(problem).at(decode(problem, start));
  const rowsPerGroup = rows / groups;
  const up = new Float64Array(n);
  const down = new Float64Array(n);
  for (let r = 0; r < rows; r++) {
    const base = r * n;
    const square = Math.floor(r / rowsPerGroup) * n * n;
    const step = steps[r];
    const gradient = Float64Array.from(halfGradient.subarray(base, base + n));
    const floor = -LEAST_GAIN * powerOf(problem, r, square);
    /** What a weight moves by; 0 at the ends of the grid. */
    const measure = (j: number) => {
      const level = levels[base + j];
      up[j] = level < grid.highest ? step * (grid.above(level) - level) : 0;
      down[j] = level > grid.lowest ? step * (-grid.above(-level) - level) : 0; // grids are symmetric
    };
    for (let j = 0; j < n; j++) measure(j);
    for (let moves = 0; moves < 4 * n; moves++) {
      let [least, at, by] = [floor, -1, 0];
      for (let j = 0; j < n; j++) {
        const curvature = gram[square + j * n + j];
        const rise = up[j] * (2 * gradient[j] + up[j] * curvature);
        const fall = down[j] * (2 * gradient[j] + down[j] * curvature);
        if (rise < least) [least, at, by] = [rise, j, up[j]];
        if (fall < least) [least, at, by] = [fall, j, down[j]];
      }
      if (at < 0) break;
      const row = square + at * n;
      for (let j = 0; j < n; j++) gradient[j] += by * gram[row + j];
      levels[base + at] = grid.nearest(levels[base + at] + by / step);
      measure(at);
    }
  }
  return levels;
}

/** Mean square of one row's output in float. */
function powerOf({ weights, float, columns: n }: RoundingProblem, row: number, square: number): number {
  let power = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) power += weights[row * n + i] * float[square + i * n + j] * weights[row * n + j];
  return power;
}

/** What was chosen, polished; its curve ends in what came of that. */
export function polished(problem: RoundingProblem, rounded: Rounded): Rounded {
  const levels = polishLevels(problem, rounded.levels);
  const loss = new Reconstruction(problem).lossOf(levels);
  if (!(loss < rounded.loss)) return rounded;
  return { ...rounded, levels, loss, curve: rounded.curve.length > 0 ? [...rounded.curve, loss] : [] };
}
