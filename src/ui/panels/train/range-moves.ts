import { lookup } from '../../../base/lookup';
import type { TensorId } from '../../../core/graph/graph';
import type { Range } from '../../../core/calibration/types';
import type { TracePoint } from '../../../state/slices/training';

export interface Move {
  readonly tensor: TensorId;
  /** Of either end, as a share of the width at first. */
  readonly share: number;
}

/** Ranges that moved, those that moved farthest first. */
export function moves(trace: readonly TracePoint[], now: Readonly<Record<TensorId, Range>>): Move[] {
  const first = trace[0]?.ranges ?? {};
  return Object.entries(now)
    .flatMap(([tensor, range]) => {
      const start = lookup(first, tensor);
      const width = start ? start.max - start.min : 0;
      if (!start || width <= 0) return [];
      return [{ tensor, share: Math.max(Math.abs(range.min - start.min), Math.abs(range.max - start.max)) / width }];
    })
    .filter(({ share }) => share > 0.001)
    .sort((a, b) => b.share - a.share);
}
