import { useMemo } from 'react';
import { Chart } from '../../charts/Chart';
import type { LayerRow } from '../../../state/results/layer-rows';
import type { LayerMetric } from '../../../state/slices/ui';
import { useController, useStudio } from '../../app/studio';
import { chartData } from './chart-data';

const HEIGHT = 124;

interface Props {
  readonly metric: LayerMetric;
  readonly rows: readonly LayerRow[];
}

/** One bar a layer, or two that are compared, in the order of the graph; a click selects the layer. */
export function LayerChart({ metric, rows }: Props) {
  const controller = useController();
  const selected = useStudio((state) => state.selection.layer);
  const score = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const data = useMemo(() => chartData(rows, metric, score, selected), [rows, metric, score, selected]);
  return (
    <Chart
      data={data}
      label={`${data.y.name}, of ${rows.length} layers; the same figures stand in the layer list`}
      height={HEIGHT}
      onPick={(index) => controller.select(rows[index].layer.id)}
    />
  );
}
