import { useMemo, useState } from 'react';
import { COST_METRICS } from '../../../core/cost/table';
import type { ModelCost } from '../../../core/cost/model-cost';
import { axisFromZero } from '../../charts/axis';
import { Chart } from '../../charts/Chart';
import type { ChartData } from '../../charts/chart';
import { useController, useStudio } from '../../app/studio';
import { costText } from './units';

/** One figure of every layer as bars and in numbers, the whole table's columns to choose from. */
export function LayerCosts({ cost }: { cost: ModelCost }) {
  const controller = useController();
  const selected = useStudio((state) => state.selection.layer);
  const [id, setId] = useState('bops');
  const metric = COST_METRICS.find((row) => row.id === id)!;
  const data = useMemo((): ChartData => {
    const values = cost.layers.map((layer) => metric.of(layer));
    return {
      x: { name: 'Layers, in the order of the graph', lo: 0, hi: values.length, ticks: [], text: String },
      y: axisFromZero(
        values.map((value) => value ?? 0),
        { name: metric.label, count: 4, text: (value) => costText(value, metric.unit) },
      ),
      series: [{ id: 'cost', label: metric.label, of: 'quant', look: 'line', draw: 'bars' }],
      points: cost.layers.map(({ op, name }, x) => ({
        x,
        name,
        values: [values[x] ?? null],
        texts: [costText(values[x], metric.unit)],
        marked: op === selected,
      })),
    };
  }, [cost, metric, selected]);
  return (
    <div className="layer-costs">
      <label className="labelled">
        <h3>By layer</h3>
        <select className="field" value={id} onChange={({ target }) => setId(target.value)}>
          {COST_METRICS.map((row) => (
            <option key={row.id} value={row.id}>
              {row.label}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet note">
        {metric.explain} <cite>Source: {metric.source}.</cite>
      </p>
      <Chart
        data={data}
        label={`${metric.label} of ${cost.layers.length} layers; the list below has the same figures`}
        height={120}
        onPick={(index) => controller.select(cost.layers[index].op)}
      />
      <ol>
        {cost.layers.map((layer) => (
          <li key={layer.op}>
            <button type="button" className="link" onClick={() => controller.select(layer.op)}>
              {layer.name}
            </button>
            <span className="number">{costText(metric.of(layer), metric.unit)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
