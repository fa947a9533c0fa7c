/**
 * The question that AdaRound and GPTQ answer: which codes make a layer's output on real inputs the nearest to what it was?
 *
 * A layer is a matrix of rows (output channels) by columns (the values one output sees). The squared error of its output
 * needs the inputs only through their second moments, so a layer is learnt from all samples at once at a cost that does
 * not grow with their number: E‖Wx − W̃x̂‖² = W·E[xxᵀ]·Wᵀ − 2·W·E[xx̂ᵀ]·W̃ᵀ + W̃·E[x̂x̂ᵀ]·W̃ᵀ.
 */
import type { WeightGrid } from './weight-grid';

/** Rows of one group share its inputs; a depthwise convolution has as many groups as channels. */
export interface Moments {
  readonly groups: number;
  readonly columns: number;
  /** E[x̂x̂ᵀ], groups × columns × columns: of what the layer gets when all before it is quantized. */
  readonly gram: Float32Array;
  /** E[xx̂ᵀ], x being what it gets in float. */
  readonly cross: Float32Array;
  /** E[xxᵀ] */
  readonly float: Float32Array;
}

export interface RoundingProblem extends Moments {
  readonly rows: number;
  /** Rows × columns; rows of a group follow each other. */
  readonly weights: Float32Array;
  /** Step of each row. */
  readonly steps: Float32Array;
  readonly grid: WeightGrid;
}

export interface Rounded {
  /** Of the grid, rows × columns. */
  readonly levels: Float32Array;
  /** Mean squared error of the output, summed over channels: rounded to nearest, and as learnt. */
  readonly nearestLoss: number;
  readonly loss: number;
  /** Mean square of the output in float, without its bias, summed over channels. */
  readonly power: number;
  /** Loss on the way, where the algorithm has one; equally spaced over its iterations. */
  readonly curve: readonly number[];
}

/** Rows (rows × columns) times the group's matrix (groups × columns × columns). */
export type Multiply = (rows: Float32Array) => Float32Array;

/** out[r] = rows[r] · matrix[group of r] */
export function multiplyRows(
  rows: Float32Array,
  matrix: Float32Array,
  { groups, columns }: Pick<Moments, 'groups' | 'columns'>,
): Float32Array {
  const out = new Float32Array(rows.length);
  const rowsPerGroup = rows.length / columns / groups;
  for (let r = 0; r < rows.length / columns; r++) {
    const base = Math.floor(r / rowsPerGroup) * columns * columns;
    const to = r * columns;
    for (let j = 0; j < columns; j++) {
      const factor = rows[to + j];
      if (factor === 0) continue;
      const from = base + j * columns;
      for (let k = 0; k < columns; k++) out[to + k] += factor * matrix[from + k];
    }
  }
  return out;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The problem's loss as a function of the rounded weights, with what does not depend on them computed once. */
export class Reconstruction {
  /** W·E[xx̂ᵀ] */
  readonly target: Float32Array;
  /** W·E[xxᵀ]·Wᵀ summed over rows: mean square of the output without its bias. */
  readonly power: number;
  private readonly multiply: Multiply;

  /** @param multiply by `problem.gram`; an engine that is quicker than these loops may do it. */
  constructor(
    private readonly problem: RoundingProblem,
    multiply?: Multiply,
  ) {
    this.multiply = multiply ?? ((rows) => multiplyRows(rows, problem.gram, problem));
    this.target = multiplyRows(problem.weights, problem.cross, problem);
    this.power = dot(multiplyRows(problem.weights, problem.float, problem), problem.weights);
  }

  /** Loss at these real weights, and half its gradient. */
  at(weights: Float32Array): { readonly loss: number; readonly halfGradient: Float32Array } {
    const product = this.multiply(weights);
    // Small differences of large sums: rounding may push them below 0.
    const loss = Math.max(0, this.power + dot(product, weights) - 2 * dot(this.target, weights));
    const halfGradient = product.map((value, i) => value - this.target[i]);
    return { loss, halfGradient };
  }

  lossOf(levels: Float32Array): number {
    return this.at(decode(this.problem, levels)).loss;
  }
}

/** Real weights. */
export function decode({ steps, columns }: RoundingProblem, levels: Float32Array): Float32Array {
  return levels.map((level, i) => level * steps[Math.floor(i / columns)]);
}

export function nearestLevels({ weights, steps, columns, grid }: RoundingProblem): Float32Array {
  return weights.map((w, i) => grid.nearest(w / steps[Math.floor(i / columns)]));
}
