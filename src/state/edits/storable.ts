import { toErrorInfo, type ErrorInfo } from '../../base/errors';
import { checkStorable } from '../../core/quantize/format-choice';
import type { QuantPlan } from '../../core/quantize/plan';

const known = new WeakMap<QuantPlan, ErrorInfo | null>();

/** Why a plan can be evaluated here but not written as a .tflite file; null when it can. */
export function obstacle(plan: QuantPlan): ErrorInfo | null {
  let info = known.get(plan);
  if (info === undefined) {
    try {
      checkStorable(plan);
      info = null;
    } catch (thrown) {
      info = toErrorInfo(thrown);
    }
    known.set(plan, info);
  }
  return info;
}
