/** Where the cost curve runs: clips on the histogram's own axis, errors on a logarithmic one. */
import type { CostCurve } from '../../../core/calibration/cost-curve';
import type { Range } from '../../../core/calibration/types';
import { valueToPixel, type View } from '../../charts/geometry';

/** Decades below the best total that are still drawn: a part of the error that small does not matter. */
const DECADES_BELOW = 1;

export interface ErrorAxis {
  /** Pixel of a mean squared error; what is below the axis lies on its ground. */
  readonly y: (error: number) => number;
  readonly top: number;
  readonly best: number;
}

/** From a little under the best total to the worst one. */
export function errorAxis({ total }: CostCurve, height: number): ErrorAxis {
  const known = total.filter((error) => error > 0);
  const top = known.reduce((most, error) => Math.max(most, error), 0) || 1;
  const best = known.reduce((least, error) => Math.min(least, error), top);
  const floor = Math.log10(best) - DECADES_BELOW;
  const span = Math.log10(top) - floor || 1;
  const y = (error: number) => (error > 0 ? height * Math.min(1, 1 - (Math.log10(error) - floor) / span) : height);
  return { y, top, best };
}

/** The curve at +clip, and at −clip as far as there are values: a clip cuts both ends. */
export function curvePath(
  clips: ArrayLike<number>,
  errors: ArrayLike<number>,
  extent: Range,
  axis: ErrorAxis,
  view: View,
  width: number,
): string {
  const side = (sign: 1 | -1, end: number) => {
    let path = '';
    for (let i = 0; i < clips.length; i++) {
      if (clips[i] > end * (1 + 1e-9)) break;
      const x = valueToPixel(view, width, sign * clips[i]);
      path += `${path ? 'L' : 'M'}${x.toFixed(1)} ${axis.y(errors[i]).toFixed(1)}`;
    }
    return path;
  };
  return side(1, Math.max(0, extent.max)) + side(-1, Math.max(0, -extent.min));
}
