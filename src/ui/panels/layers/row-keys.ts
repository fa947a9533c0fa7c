import type { OpId } from '../../../core/graph/graph';
import type { LayerRow } from '../../../state/results/layer-rows';

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index) => index + 10,
  PageUp: (index) => index - 10,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** The layer a key moves to from the selected one, in the order shown; null when the key means nothing here. */
export function rowForKey(key: string, rows: readonly LayerRow[], selected: OpId | null): OpId | null {
  const step = Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
  if (!step || rows.length === 0) return null;
  const index = rows.findIndex(({ layer }) => layer.id === selected);
  const next = index < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, step(index, rows.length)));
  return rows[next].layer.id;
}
