import type { Distribution } from '../../calibration/types';
import type { LessonFigure } from '../schema';
import { bestCentroids, codebookError, evenGrid, startingCentroids } from './codebook';
import { dotProduct } from './dot-product';
import { packedBytes } from './packing';

/** The names that checks may ask a figure for. */
export function figureNumbers(figure: LessonFigure): readonly string[] {
  switch (figure.type) {
    case 'dot-product':
      return ['biasCode', 'accumulator', 'multiplier', 'output', 'real', 'exact'];
    case 'packing':
      return packedBytes(figure).map((_, i) => `byte${i + 1}`);
    case 'codebook':
      return ['error', 'optimum', 'grid'];
  }
}

const optima = new WeakMap<Distribution, Map<number, readonly number[]>>();

/** As {@link bestCentroids}, once for each distribution. */
export function optimalCentroids(distribution: Distribution, count: number): readonly number[] {
  let known = optima.get(distribution);
  if (!known) optima.set(distribution, (known = new Map<number, readonly number[]>()));
  let best = known.get(count);
  if (!best) known.set(count, (best = bestCentroids(distribution, count)));
  return best;
}

/**
 * @param positions what a person moved: the centroids of a codebook; none of them before
 * @param distribution of the layer the figure is about; undefined where it is about none, or not known yet
 * @returns undefined where the number is not known
 */
export function figureNumber(
  figure: LessonFigure,
  name: string,
  positions: readonly number[],
  distribution: Distribution | undefined,
): number | undefined {
  switch (figure.type) {
    case 'dot-product': {
      const numbers = new Map<string, unknown>(Object.entries(dotProduct(figure)));
      const value = numbers.get(name);
      return typeof value === 'number' ? value : undefined;
    }
    case 'packing':
      return packedBytes(figure)[Number(name.slice('byte'.length)) - 1];
    case 'codebook': {
      if (!distribution) return undefined;
      const top = Math.max(-distribution.min, distribution.max);
      if (name === 'optimum') return codebookError(distribution, optimalCentroids(distribution, figure.centroids));
      if (name === 'grid') return codebookError(distribution, evenGrid(top, figure.centroids));
      return codebookError(
        distribution,
        positions.length > 0 ? positions : startingCentroids(distribution, figure.centroids),
      );
    }
  }
}
