import { codeRange, INT8_WEIGHT } from '../numerics/format';
import type { WeightPlan } from '../quantize/plan';

/** Lowest and highest code of planned weights; null for formats that have no integer codes around zero. */
export function weightGrid({
  format = INT8_WEIGHT,
}: WeightPlan): { readonly qmin: number; readonly qmax: number } | null {
  return format.kind === 'int' && format.symmetric ? codeRange(format) : null;
}
