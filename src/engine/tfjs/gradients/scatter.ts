/** The adjoint of picking or blending values axis by axis: strided slices, resizing. */
import { matMul, reshape, tensor, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { onWasm, viewSync } from '../heap';

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
  if (!onWasm()) return byMatrices(dy, shape, taps);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, d) => n * d, 1));
  const dx = new Float32Array(shape.reduce((n, d) => n * d, 1));
  const values = viewSync(dy);
  const last = shape.length - 1;
  let at = 0;
  /** One row along the last axis whose outer indices are chosen. */
  const row = (base: number, weight: number, from: number) => {
    const along = taps[last];
    for (let i = 0; i < along.length; i++)
      for (const tap of along[i]) dx[base + tap.to] += values[from + i] * weight * tap.weight;
  };
  const walk = (axis: number, targets: readonly { base: number; weight: number }[]): void => {
    if (axis === last) {
      for (const { base, weight } of targets) row(base, weight, at);
      at += taps[last].length;
      return;
    }
    for (const here of taps[axis])
      walk(
        axis + 1,
        targets.flatMap(({ base, weight }) =>
          here.map((tap) => ({ base: base + tap.to * strides[axis], weight: weight * tap.weight })),
        ),
      );
  };
  walk(0, [{ base: 0, weight: 1 }]);
  return tensor(dx, [...shape], 'float32');
}

/** As a product with a matrix for each axis along which values move. */
function byMatrices(dy: Tensor, shape: readonly number[], taps: readonly (readonly (readonly Tap[])[])[]): Tensor {
  return tidy(() => {
    let result = dy;
    taps.forEach((along, axis) => {
      const isKept = shape[axis] === along.length && along.every(([tap, ...more], i) => isSelf(tap, i) && !more.length);
      if (isKept) return;
      const matrix = new Float32Array(shape[axis] * along.length);
      along.forEach((here, i) => {
        for (const { to, weight } of here) matrix[to * along.length + i] += weight;
      });
      const [before, after] = [result.shape.slice(0, axis), result.shape.slice(axis + 1)];
      const [outer, inner] = [before, after].map((part) => part.reduce((n, d) => n * d, 1));
      const rows = reshape(result, [outer, along.length, inner]);
      const moved = matMul(reshape(tensor2d(matrix, [shape[axis], along.length]), [1, shape[axis], -1]), rows);
      result = reshape(moved, [...before, shape[axis], ...after]);
    });
    return result === dy ? dy.clone() : result;
  });
}

function isSelf(tap: Tap | undefined, index: number): boolean {
  return tap?.to === index && tap.weight === 1;
}
