import { memo } from 'react';
import type { MetricName } from '../../../core/metrics/table';
import type { LayerRow } from '../../../state/results/layer-rows';
import { compact, decibels, deltaText, deltaTone, dimensions } from '../../parts/format';

interface Props {
  readonly row: LayerRow;
  readonly metric: MetricName;
  /** The one in detail. */
  readonly current: boolean;
  readonly marked: boolean;
  /** What a change would be about: the marked ones, else the current one. */
  readonly selected: boolean;
  readonly focusable: boolean;
}

/** SQNR at which the bar is full; beyond it a layer is as good as exact. */
const FULL_DB = 50;

export const LayerRowView = memo(function LayerRowView({ row, metric, current, marked, selected, focusable }: Props) {
  const { layer, bits, keptFloat, sqnrDb, delta, untrained } = row;
  return (
    <tr data-layer={layer.id} aria-selected={selected} data-current={current} tabIndex={focusable ? 0 : -1}>
      <td>
        <input
          type="checkbox"
          className="layer-mark"
          aria-label={`Select ${layer.name}`}
          tabIndex={-1}
          checked={marked}
          readOnly
        />
        <span className="layer-name">{row.shortName}</span>
        <span className="layer-op">
          {layer.label} <span className="quiet">{dimensions(layer.output.shape)}</span>
        </span>
      </td>
      {!untrained && <td className="number">{layer.parameters > 0 ? compact(layer.parameters) : '–'}</td>}
      <td>
        {keptFloat === null ? (
          <span className="bits">{bits}</span>
        ) : (
          <span className="badge warn">
            {layer.notComputed === undefined ? 'float' : 'kept'}
            <span className="visually-hidden">: {keptFloat}</span>
          </span>
        )}
      </td>
      {untrained && <Sqnr value={untrained.sqnrDb} of="quant" />}
      <Sqnr value={sqnrDb} of={untrained ? 'qat' : 'quant'} />
      <td className="number">
        {untrained && untrained.delta !== null && (
          <span className="delta-before">
            <span className="visually-hidden">PTQ </span>
            {deltaText(metric, untrained.delta)}
          </span>
        )}
        <span data-tone={delta === null ? 'even' : deltaTone(metric, delta)}>
          {delta === null ? '–' : deltaText(metric, delta)}
        </span>
      </td>
    </tr>
  );
});

function Sqnr({ value, of }: { value: number | null; of: 'quant' | 'qat' }) {
  return (
    <td className="sqnr">
      <span className="number">{value === null ? '–' : value === Infinity ? 'exact' : decibels(value)}</span>
      <span className="sqnr-bar" data-low={value !== null && value < 15} data-of={of}>
        <i style={{ transform: `scaleX(${value === null ? 0 : Math.min(1, Math.max(0.02, value / FULL_DB))})` }} />
      </span>
    </td>
  );
}
