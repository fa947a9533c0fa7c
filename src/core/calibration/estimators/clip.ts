/** What estimators that look for one clip value for |x| have in common. */
import type { NumberFormat } from '../../number-formats/format';
import type { Distribution, Range } from '../types';

/** [−reach, reach], but not beyond what was seen; includes 0. */
export function clipped({ min, max }: Pick<Distribution, 'min' | 'max'>, reach: number): Range {
  return { min: Math.max(Math.min(min, 0), -reach), max: Math.min(Math.max(max, 0), reach) };
}

/**
 * Bits with which [−reach, reach] is divided. A one-sided distribution on an asymmetric grid has all codes on its side:
 * one bit more than a symmetric one.
 */
export function effectiveBits({ min, max }: Distribution, bits: number, symmetric: boolean): number {
  return !symmetric && (min >= 0 || max <= 0) ? bits + 1 : bits;
}

/** Bits of an evenly spaced format; null for others, whose error hardly depends on the clip. */
export function evenBits(distribution: Distribution, format: NumberFormat): number | null {
  return format.kind === 'int' ? effectiveBits(distribution, format.bits, format.symmetric) : null;
}
