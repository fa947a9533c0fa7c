/** Which explanation is open: one at a time in the whole page. */
import { useSyncExternalStore } from 'react';

export interface ShownTip {
  /** What it explains, and where it is shown. */
  readonly anchor: Element;
  readonly title?: string;
  readonly text: string;
}

let shown: ShownTip | null = null;
const listeners = new Set<() => void>();

export function showTip(tip: ShownTip | null): void {
  if (tip === shown) return;
  shown = tip;
  for (const listener of listeners) listener();
}

/** Closes what is open about this element, and nothing else. */
export function hideTip(anchor: Element): void {
  if (shown?.anchor === anchor) showTip(null);
}

export const shownTip = (): ShownTip | null => shown;

export function useShownTip(): ShownTip | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, shownTip);
}
