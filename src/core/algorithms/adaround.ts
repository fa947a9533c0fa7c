/**
 * AdaRound (Nagel et al., Up or Down? Adaptive Rounding for Post-Training Quantization, 2020): each weight learns whether
 * to round down or up. W̃ = s·clip(⌊W/s⌋ + h(α)) with h a stretched sigmoid; the loss is the layer's squared output error
 * plus 0.01·Σ(1 − |2h − 1|^β), whose β falls and drives every h to 0 or 1. On grids of uneven steps, ⌊·⌋ is the level below
 * and h counts in gaps to the next.
 */
import { Adam } from './adam';
import { nearestLevels, Reconstruction, type Multiply, type Rounded, type RoundingProblem } from './rounding';

const ZETA = 1.1;
const GAMMA = -0.1;
const REGULARIZATION = 0.01;
/** What the loss of rounding to nearest counts for each weight: the regularization must outweigh it in the end. */
const NEAREST_LOSS = 1e-3;
const BETA_START = 20;
const BETA_END = 2;
const WARM_UP = 0.2;
/** Points of the loss curve. */
const CURVE_POINTS = 50;

/** h(α) = clip(σ(α)·(ζ − γ) + γ, 0, 1) */
export function stretchedSigmoid(alpha: number): number {
  const h = (ZETA - GAMMA) / (1 + Math.exp(-alpha)) + GAMMA;
  return h < 0 ? 0 : h > 1 ? 1 : h;
}

/** The α at which h(α) is the fraction that rounding down cuts off: learning starts at the weights as they are. */
export function alphaOf(fraction: number): number {
  return -Math.log((ZETA - GAMMA) / (fraction - GAMMA) - 1);
}

/** 20 through the warm-up, then down to 2 along half a cosine. */
export function betaAt(iteration: number, iterations: number): number {
  const warm = WARM_UP * iterations;
  if (iteration < warm) return BETA_START;
  const progress = (iteration - warm) / (iterations - warm);
  return BETA_END + 0.5 * (BETA_START - BETA_END) * (1 + Math.cos(progress * Math.PI));
}

export interface AdaRoundOptions {
  readonly iterations: number;
  readonly rate?: number;
}

/**
 * Learns step by step: advance it until it is done, and pause whenever the caller likes. Yields the iterations done and
 * the loss there. Weights that clip either way stay as they are. What is returned is never worse than rounding to nearest.
 */
export function* adaRound(
  problem: RoundingProblem,
  { iterations, rate = 0.03 }: AdaRoundOptions,
  multiply?: Multiply,
): Generator<{ readonly iteration: number; readonly loss: number }, Rounded> {
  const { weights, steps, columns, grid } = problem;
  const { lowest, highest } = grid;
  const size = weights.length;
  const reconstruction = new Reconstruction(problem, multiply);
  const nearest = nearestLevels(problem);
  const nearestLoss = reconstruction.lossOf(nearest);
  // A layer's units are arbitrary, so the loss is measured by what rounding to nearest loses.
  const unit = nearestLoss > 0 ? (NEAREST_LOSS * size) / nearestLoss : 0;

  const floors = new Float32Array(size);
  const gaps = new Float32Array(size);
  const alphas = new Float32Array(size);
  const stepOf = Float32Array.from(weights, (_, i) => steps[Math.floor(i / columns)]);
  for (let i = 0; i < size; i++) {
    const quotient = Math.fround(weights[i] / stepOf[i]);
    floors[i] = grid.below(quotient);
    gaps[i] = grid.above(floors[i]) - floors[i];
    alphas[i] = alphaOf((quotient - floors[i]) / gaps[i]);
  }
  const adam = new Adam(size, rate);
  const soft = new Float32Array(size);
  const slopes = new Float32Array(size);
  const gradient = new Float32Array(size);
  const curve: number[] = [];
  const curveEvery = Math.max(1, Math.floor(iterations / CURVE_POINTS));

  for (let iteration = 0; iteration < iterations; iteration++) {
    const beta = betaAt(iteration, iterations);
    const pull = iteration < WARM_UP * iterations ? 0 : REGULARIZATION;
    for (let i = 0; i < size; i++) {
      const step = stepOf[i];
      const sigmoid = 1 / (1 + Math.exp(-alphas[i]));
      const stretched = sigmoid * (ZETA - GAMMA) + GAMMA;
      const h = stretched < 0 ? 0 : stretched > 1 ? 1 : stretched;
      // dh/dα: 0 where h is cut.
      const slope = h === stretched ? sigmoid * (1 - sigmoid) * (ZETA - GAMMA) : 0;
      const level = floors[i] + h * gaps[i];
      soft[i] = step * (level < lowest ? lowest : level > highest ? highest : level);
      slopes[i] = level < lowest || level > highest ? 0 : slope * gaps[i] * step;
      // d/dh of 1 − |2h − 1|^β
      const distance = Math.abs(2 * h - 1);
      gradient[i] =
        pull > 0 && distance > 0 ? pull * -2 * beta * distance ** (beta - 1) * Math.sign(2 * h - 1) * slope : 0;
    }
    const { loss, halfGradient } = reconstruction.at(soft);
    for (let i = 0; i < size; i++) gradient[i] += 2 * unit * halfGradient[i] * slopes[i];
    adam.update(alphas, gradient);
    if (iteration % curveEvery === 0) curve.push(loss);
    yield { iteration: iteration + 1, loss };
  }

  const levels = floors.map((floor, i) => {
    const level = alphas[i] >= 0 ? floor + gaps[i] : floor;
    return Math.min(highest, Math.max(lowest, level));
  });
  const loss = reconstruction.lossOf(levels);
  const { power } = reconstruction;
  if (loss <= nearestLoss) return { levels, nearestLoss, loss, power, curve: [...curve, loss] };
  return { levels: nearest, nearestLoss, loss: nearestLoss, power, curve: [...curve, nearestLoss] };
}

/** {@link adaRound} run to its end. */
export function adaRoundAll(problem: RoundingProblem, options: AdaRoundOptions): Rounded {
  const learning = adaRound(problem, options);
  for (;;) {
    const { done, value } = learning.next();
    if (done) return value;
  }
}
