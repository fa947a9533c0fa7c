import { add, mul, sign, type Tensor } from '@tensorflow/tfjs-core';
import type { Op } from '../../../core/graph/ops/attrs';
import type { ActivationRounding } from './rounding';
import { isFormat } from './rounding';

/**
 * Averages of int8 codes before they are rounded. LiteRT's kernel rounds ties away from code 0, everything else here to even,
 * and one in as many averages as the window has values is a tie. The averages of a window of n lie at least 1/2n off a tie or on
 * it, so that a quarter of 1/n decides the ties and nothing else. Called inside a tidy.
 */
export function decideTies(y: Tensor, { attrs }: Op<'averagePool2d'>, grid: ActivationRounding | undefined): Tensor {
  if (!grid || isFormat(grid) || grid.qmax - grid.qmin !== 255) return y;
  const { scale, zeroPoint } = grid;
  const nudge = scale / (4 * attrs.filter[0] * attrs.filter[1]);
  return add(y, mul(sign(add(y, scale * zeroPoint)), nudge));
}
