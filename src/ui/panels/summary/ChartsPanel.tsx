import type { LayerMetric } from '../../../state/slices/ui';
import { isTunable } from '../../../state/slices/model';
import { patch } from '../../../state/store';
import { Segmented } from '../../parts/Segmented';
import { useStudio, useStudioStore } from '../../app/studio';
import { useLayerRows } from '../layers/use-layer-rows';
import { LayerChart } from './LayerChart';
import './charts.css';

const EXPLAIN: Readonly<Record<LayerMetric, string>> = {
  sqnr: 'Signal to quantization noise, with all layers quantized',
  delta: 'With this layer alone quantized, all others in float',
  size: 'Weights and biases of each layer, float and quantized',
};

export function ChartsPanel() {
  const store = useStudioStore();
  const metric = useStudio((state) => state.ui.layerMetric);
  const rows = useLayerRows();
  const tunable = useStudio((state) => isTunable(state.model));
  const known = rows.some((row) => metric === 'size' || (metric === 'sqnr' ? row.sqnrDb !== null : row.delta !== null));
  return (
    <section className="panel charts" aria-label="Charts by layer">
      <header>
        <h2>By layer</h2>
        <Segmented
          label="Chart"
          options={[
            { value: 'sqnr', label: 'SQNR' },
            { value: 'delta', label: 'Accuracy' },
            { value: 'size', label: 'Size' },
          ]}
          value={metric}
          onChange={(layerMetric) => patch(store, 'ui', { layerMetric })}
        />
      </header>
      <div className="body">
        <div className="chart-space">
          {known ? (
            <LayerChart metric={metric} rows={rows} />
          ) : (
            <p className="quiet">
              {rows.length === 0
                ? 'Open a model to see its layers.'
                : tunable
                  ? 'Not measured yet.'
                  : 'Nothing is measured of a file that opens for viewing.'}
            </p>
          )}
        </div>
        <p className="quiet explain">{EXPLAIN[metric]}</p>
      </div>
    </section>
  );
}
