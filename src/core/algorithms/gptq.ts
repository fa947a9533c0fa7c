/**
 * GPTQ (Frantar et al. 2022): columns are rounded one after another, and what each one loses is made up for by those that
 * are still to come, as far as the inputs' correlations (the Hessian E[xxᵀ]) allow.
 */
import { nearestLevels, Reconstruction, type Rounded, type RoundingProblem } from './rounding';

export interface GptqOptions {
  /** Added to the Hessian's diagonal, as a share of its mean. */
  readonly damping?: number;
}

/** Lower triangle L of a = L·Lᵀ, in place of a; false where a is not positive definite. */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let pivot = a[j * n + j];
    for (let k = 0; k < j; k++) pivot -= a[j * n + k] ** 2;
    if (!(pivot > 0)) return false;
    const root = Math.sqrt(pivot);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = sum / root;
    }
    for (let i = 0; i < j; i++) a[i * n + j] = 0;
  }
  return true;
}

/** Inverse of L·Lᵀ from its lower triangle. */
export function inverseFromCholesky(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n); // of the triangle: rows below the diagonal
  for (let j = 0; j < n; j++) {
    inverse[j * n + j] = 1 / lower[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= lower[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = sum / lower[i * n + i];
    }
  }
  const whole = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let i = 0; i <= k; i++) {
      const factor = inverse[k * n + i];
      if (factor === 0) continue;
      for (let j = 0; j <= k; j++) whole[i * n + j] += factor * inverse[k * n + j];
    }
  return whole;
}

/** The damped Hessian; inputs that are always 0 get 1, their weights do not matter. */
function hessianOf({ gram, columns: n }: RoundingProblem, group: number, damping: number): Float64Array {
  const hessian = Float64Array.from(gram.subarray(group * n * n, (group + 1) * n * n));
  let trace = 0;
  for (let j = 0; j < n; j++) trace += hessian[j * n + j];
  const added = (damping * trace) / n || 1;
  for (let j = 0; j < n; j++) hessian[j * n + j] += added;
  return hessian;
}

/** Upper triangle U of H⁻¹ = Uᵀ·U. Damping grows until the Hessian is definite. */
function inverseRoot(problem: RoundingProblem, group: number, damping: number): Float64Array {
  const n = problem.columns;
  for (let share = damping; ; share *= 10) {
    const lower = hessianOf(problem, group, share);
    if (!choleskyInPlace(lower, n)) continue;
    const inverse = inverseFromCholesky(lower, n);
    if (!choleskyInPlace(inverse, n)) continue;
    const upper = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) upper[i * n + j] = inverse[j * n + i];
    return upper;
  }
}

export function gptq(problem: RoundingProblem, { damping = 0.01 }: GptqOptions = {}): Rounded {
  const { rows, columns: n, groups, weights, steps, grid } = problem;
  const levels = new Float32Array(weights.length);
  const left = Float64Array.from(weights);
  const rowsPerGroup = rows / groups;
  for (let group = 0; group < groups; group++) {
    const upper = inverseRoot(problem, group, damping);
    for (let r = group * rowsPerGroup; r < (group + 1) * rowsPerGroup; r++) {
      const base = r * n;
      const step = steps[r];
      for (let j = 0; j < n; j++) {
        const level = grid.nearest(left[base + j] / step);
        levels[base + j] = level;
        const error = (left[base + j] - level * step) / upper[j * n + j];
        for (let k = j + 1; k < n; k++) left[base + k] -= error * upper[j * n + k];
      }
    }
  }
  const reconstruction = new Reconstruction(problem);
  const nearest = nearestLevels(problem);
  const [loss, nearestLoss] = [reconstruction.lossOf(levels), reconstruction.lossOf(nearest)];
  // Against inputs that differ from float's, or where nearly all clips, nothing is promised: keep the better.
  const better = loss <= nearestLoss;
  const { power } = reconstruction;
  return { levels: better ? levels : nearest, nearestLoss, loss: better ? loss : nearestLoss, power, curve: [] };
}
