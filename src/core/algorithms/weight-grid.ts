import type { WeightPlan } from '../quantize/plan';
import { storedWeightFormat } from '../quantize/format-choice';
import { codeRange } from '../numerics/format';

/** Lowest and highest code of planned weights; null for formats that are no integers. */
export function weightGrid(plan: WeightPlan): { readonly qmin: number; readonly qmax: number } | null {
  const format = storedWeightFormat(plan);
  return format && codeRange(format);
}
