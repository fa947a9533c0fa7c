import { useState } from 'react';
import { COST_METRICS } from '../../../core/cost/table';
import type { ModelCost } from '../../../core/cost/model-cost';
import { useController } from '../../app/studio';
import { costText } from './units';

/** One figure of every layer as bars, the whole table's columns to choose from. */
export function LayerCosts({ cost }: { cost: ModelCost }) {
  const controller = useController();
  const [id, setId] = useState('bops');
  const metric = COST_METRICS.find((row) => row.id === id)!;
  const values = cost.layers.map((layer) => metric.of(layer));
  const most = Math.max(1e-30, ...values.map((value) => value ?? 0));
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
      <ol>
        {cost.layers.map((layer, i) => (
          <li key={layer.op}>
            <button type="button" className="link" title={layer.name} onClick={() => controller.select(layer.op)}>
              {layer.name}
            </button>
            <span className="cost-bar">
              <i style={{ transform: `scaleX(${(values[i] ?? 0) / most})` }} />
            </span>
            <span className="number">{costText(values[i]!, metric.unit)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
