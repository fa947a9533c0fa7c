import { memo } from 'react';
import type { MetricName } from '../../jobs/protocol';
import type { StudioController } from '../../state/controller';
import type { LayerRow } from '../../state/layer-rows';
import { compact, decibels, deltaText, deltaTone, dimensions } from '../format';

interface Props {
  readonly row: LayerRow;
  readonly metric: MetricName;
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly onSelect: Pick<StudioController, 'select'>;
}

/** SQNR at which the bar is full; beyond it a layer is as good as exact. */
const FULL_DB = 50;

export const LayerRowView = memo(function LayerRowView({ row, metric, selected, focusable, onSelect }: Props) {
  const { layer, bits, keptFloat, sqnrDb, delta } = row;
  return (
    <tr
      data-layer={layer.id}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      onClick={() => onSelect.select(layer.id)}
    >
      <td>
        <span className="layer-name" title={layer.name}>
          {row.shortName}
        </span>
        <span className="layer-op">
          {layer.label} <span className="quiet">{dimensions(layer.output.shape)}</span>
        </span>
      </td>
      <td className="number">{layer.parameters > 0 ? compact(layer.parameters) : '–'}</td>
      <td>
        {keptFloat === null ? (
          <span className="bits">{bits}</span>
        ) : (
          <span className="badge warn" title={keptFloat}>
            {layer.notComputed === undefined ? 'float' : 'kept'}
            <span className="visually-hidden">: {keptFloat}</span>
          </span>
        )}
      </td>
      <td className="sqnr">
        <span className="number">{sqnrDb === null ? '–' : sqnrDb === Infinity ? 'exact' : decibels(sqnrDb)}</span>
        <span className="sqnr-bar" data-low={sqnrDb !== null && sqnrDb < 15}>
          <i style={{ transform: `scaleX(${sqnrDb === null ? 0 : Math.min(1, Math.max(0.02, sqnrDb / FULL_DB))})` }} />
        </span>
      </td>
      <td className="number" data-tone={delta === null ? 'even' : deltaTone(metric, delta)}>
        {delta === null ? '–' : deltaText(metric, delta)}
      </td>
    </tr>
  );
});
