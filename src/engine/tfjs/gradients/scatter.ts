/** The adjoint of picking or blending values axis by axis: strided slices, resizing. */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { viewSync } from '../heap';

/** An input position that went into an output position, and its share. */
export interface Tap {
  readonly to: number;
  readonly weight: number;
}

/**
 * dx[to₀, to₁, …] += dy[i₀, i₁, …] · Π weights, for the taps of each index of each axis.
 * @param tapsOf index `i` along `axis` of dy → where in dx it came from
 */
export function scatter(
  dy: Tensor,
  shape: readonly number[],
  tapsOf: (axis: number, i: number) => readonly Tap[],
): Tensor {
  const taps = dy.shape.map((length, axis) => Array.from({ length }, (_, i) => tapsOf(axis, i)));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, d) => n * d, 1));
  const dx = new Float32Array(shape.reduce((n, d) => n * d, 1));
  const values = viewSync(dy);
  const last = shape.length - 1;
  let at = 0;
  /** One row along the last axis whose outer indices are chosen. */
  const row = (base: number, weight: number, from: number) => {
    const along = taps[last]!;
    for (let i = 0; i < along.length; i++)
      for (const tap of along[i]!) dx[base + tap.to]! += values[from + i]! * weight * tap.weight;
  };
  const walk = (axis: number, targets: readonly { base: number; weight: number }[]): void => {
    if (axis === last) {
      for (const { base, weight } of targets) row(base, weight, at);
      at += taps[last]!.length;
      return;
    }
    for (const here of taps[axis]!)
      walk(
        axis + 1,
        targets.flatMap(({ base, weight }) =>
          here.map((tap) => ({ base: base + tap.to * strides[axis]!, weight: weight * tap.weight })),
        ),
      );
  };
  walk(0, [{ base: 0, weight: 1 }]);
  return tensor(dx, [...shape], 'float32');
}
