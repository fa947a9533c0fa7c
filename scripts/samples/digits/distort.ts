/** Distortions of a skeleton. They move points, not pixels, so a distorted stroke is as sharp as a straight one. */
import type { Random } from '../../../src/base/random';
import type { Point, Stroke } from './glyphs';

export type Distortion = (point: Point) => Point;

export function distort(strokes: readonly Stroke[], ...steps: readonly Distortion[]): Stroke[] {
  return strokes.map((stroke) => stroke.map((point) => steps.reduce((p, step) => step(p), point)));
}

/**
 * Elastic: a smooth random field of displacements, the sum of plane waves of random direction, phase and length.
 * @param strength root mean square displacement along each axis
 */
export function elastic(random: Random, strength: number): Distortion {
  const waves = Array.from({ length: 6 }, (_, i) => {
    const direction = random.uniform(0, 2 * Math.PI);
    const frequency = (2 * Math.PI) / random.uniform(1.2, 3);
    return {
      axis: i % 2,
      fx: frequency * Math.cos(direction),
      fy: frequency * Math.sin(direction),
      phase: random.uniform(0, 2 * Math.PI),
    };
  });
  // Three waves an axis, each of mean square amplitude² / 2.
  const amplitude = strength * Math.sqrt(2 / 3);
  return ([x, y]) => {
    const moved: [number, number] = [x, y];
    for (const { axis, fx, fy, phase } of waves) moved[axis] += amplitude * Math.sin(fx * x + fy * y + phase);
    return moved;
  };
}

export interface Pose {
  readonly scaleX: number;
  readonly scaleY: number;
  /** x changes by this much per unit of y. */
  readonly shear: number;
  /** Radians, clockwise. */
  readonly rotation: number;
  readonly shift: Point;
}

/** Scale, then shear, then rotation, then shift. */
export function affine({ scaleX, scaleY, shear, rotation, shift }: Pose): Distortion {
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  return ([x, y]) => {
    const v = y * scaleY;
    const u = x * scaleX + shear * v;
    return [u * cos - v * sin + shift[0], u * sin + v * cos + shift[1]];
  };
}
