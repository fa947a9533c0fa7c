import type { WeightPlan } from '../quantize/plan';
import { codeRange, INT8_WEIGHT } from '../numerics/format';

/** Lowest and highest code of planned weights; null for formats that are no integers. */
export function weightGrid(_plan: WeightPlan): { readonly qmin: number; readonly qmax: number } | null {
  return codeRange(INT8_WEIGHT);
}
