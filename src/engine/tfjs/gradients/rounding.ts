/** Back through fake quantizers and fused activations: the straight-through estimator with clipping. */
import {
  cast,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  max,
  min,
  mul,
  stack,
  sub,
  sum,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { ACTIVATION_INTERVAL } from '../../../core/graph/ops/activation-interval';
import type { FusedActivation } from '../../../core/graph/ops/attrs';
import { emptyTensor, offsetOf, onWasm, ownsValues } from '../heap';
import { gradientKernels } from './kernel/kernel';

/** A tensor as it was computed and as it was rounded. */
export interface Rounded {
  /** Fused activation included. */
  readonly value: Tensor;
  readonly rounded: Tensor;
  /** Ends of the grid. */
  readonly low: number;
  readonly high: number;
}

export interface RoundingGradient {
  readonly dx: Tensor;
  /** [Σ dy·(x̂ − v) on the grid, Σ dy below it, Σ dy above it], float32. */
  readonly sums: Tensor;
}

const real = (mask: Tensor) => cast(mask, 'float32');

/** From the gradient with respect to rounded values to that before rounding and activation. Takes dy over. */
export function roundingGradient(
  dy: Tensor,
  { value, rounded, low, high }: Rounded,
  activation: FusedActivation,
): RoundingGradient {
  const [floor, ceil] = ACTIVATION_INTERVAL[activation];
  if (onWasm()) {
    const dx = ownsValues(dy) ? dy : emptyTensor(dy.shape);
    const sums = emptyTensor([3]);
    const arrays = [value, rounded, dy, dx].map(offsetOf) as [number, number, number, number];
    gradientKernels().roundingGradient(...arrays, value.size, low, high, floor, ceil, offsetOf(sums));
    if (dx !== dy) dy.dispose();
    return { dx, sums };
  }
  const [dx, sums] = tidy((): [Tensor, Tensor] => {
    const onGrid = mul(dy, real(logicalAnd(greaterEqual(value, low), greaterEqual(high, value))));
    const moved = sum(mul(onGrid, sub(rounded, value)));
    const sums = stack([moved, sum(mul(dy, real(less(value, low)))), sum(mul(dy, real(greater(value, high))))]);
    return [letThrough(onGrid, value, floor, ceil), sums];
  });
  dy.dispose();
  return { dx, sums };
}

/** From the gradient with respect to an activation's output to that of its input. Takes dy over. */
export function activationGradient(dy: Tensor, y: Tensor, activation: FusedActivation): Tensor {
  const [floor, ceil] = ACTIVATION_INTERVAL[activation];
  if (activation === 'none') return dy;
  if (onWasm()) {
    const dx = ownsValues(dy) ? dy : emptyTensor(dy.shape);
    gradientKernels().clampGradient(offsetOf(y), offsetOf(dy), offsetOf(dx), y.size, floor, ceil);
    if (dx !== dy) dy.dispose();
    return dx;
  }
  const dx = tidy(() => letThrough(dy, y, floor, ceil));
  dy.dispose();
  return dx;
}

/** A product of its own, whatever the bounds: infinite ones are no numbers to a GPU. */
function letThrough(dy: Tensor, y: Tensor, floor: number, ceil: number): Tensor {
  const above = Number.isFinite(floor) ? mul(dy, real(greater(y, floor))) : dy;
  const within = Number.isFinite(ceil) ? mul(above, real(less(y, ceil))) : above;
  return within === dy ? dy.clone() : within;
}

/** [smallest, largest], float32. */
export function extrema(x: Tensor): Tensor {
  if (!onWasm()) return tidy(() => stack([min(x), max(x)]));
  const out = emptyTensor([2]);
  gradientKernels().extrema(offsetOf(x), x.size, offsetOf(out));
  return out;
}
