import type { FusedActivation } from './attrs';

/** What each fused activation clamps to; values strictly between the ends pass unchanged. */
export const ACTIVATION_INTERVAL: Readonly<Record<FusedActivation, readonly [number, number]>> = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
  reluN1To1: [-1, 1],
};
