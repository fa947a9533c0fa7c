import { codeRange, INT8_WEIGHT } from '../numerics/format';
import type { WeightPlan } from '../quantize/plan';

/** Lowest and highest code of planned weights; null without integer codes around zero, and without a step for each row. */
export function weightGrid({
  format = INT8_WEIGHT,
  block,
}: WeightPlan): { readonly qmin: number; readonly qmax: number } | null {
  return format.kind === 'int' && format.symmetric && block === undefined ? codeRange(format) : null;
}
