import { packInt4 } from '../../numerics/int4';
import type { LessonFigure } from '../schema';

export type PackingFigure = Extract<LessonFigure, { type: 'packing' }>;

/** The bytes that 4-bit codes are kept in: two to a byte, the first in the low half. */
export function packedBytes({ codes }: PackingFigure): readonly number[] {
  return [...packInt4(Int8Array.from(codes))];
}
