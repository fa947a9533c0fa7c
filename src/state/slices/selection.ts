import type { OpId, TensorId } from '../../core/graph/graph';
import type { Range } from '../../core/calibration/types';

/** A range under the pointer, not committed yet: figures follow it, settings do not. */
export interface Draft {
  readonly tensor: TensorId;
  readonly channel: number | null;
  readonly range: Range;
}

export interface SelectionSlice {
  readonly layer: OpId | null;
  /** Layers that are to be changed together. */
  readonly marked: readonly OpId[];
  /** Of the selected layer's weights; null means all of them. */
  readonly channel: number | null;
  readonly draft: Draft | null;
}

export const NO_SELECTION: SelectionSlice = { layer: null, marked: [], channel: null, draft: null };
