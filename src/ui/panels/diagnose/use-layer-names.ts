import { useCallback, useMemo } from 'react';
import type { OpId } from '../../../core/graph/graph';
import { useLayerRows } from '../layers/use-layer-rows';

/** Layers by the short names of the layer list. */
export function useLayerNames(): (op: OpId) => string {
  const rows = useLayerRows();
  const names = useMemo(() => new Map(rows.map(({ layer, shortName }) => [layer.id, shortName])), [rows]);
  return useCallback((op) => names.get(op) ?? op, [names]);
}
