import type { SearchPoint, SearchResult } from '../../../jobs/contract/search-protocol';
import { energy } from '../cost/units';
import { bytes, decibels, metricLabel, scoreText } from '../../parts/format';
import { Configuration } from './Configuration';
import { countsText } from './front-text';

interface Props {
  readonly result: SearchResult;
  readonly layers: readonly { readonly id: string; readonly name: string }[];
  readonly current: number | null;
  readonly onShow: (index: number | null) => void;
  readonly onUse: (point: SearchPoint) => void;
}

/** The same points as a table, the cheapest first. */
export function FrontTable({ result, layers, current, onShow, onUse }: Props) {
  const { front, chosen } = result;
  return (
    <div className="front-table scroll" tabIndex={-1}>
      <table>
        <caption className="visually-hidden">The front, by cost</caption>
        <thead>
          <tr>
            <th scope="col">Size</th>
            <th scope="col">ALU energy</th>
            <th scope="col">{front[0] ? metricLabel(front[0].score.metric) : 'Score'}</th>
            <th scope="col">SQNR</th>
            <th scope="col">Layers</th>
            <th scope="col">
              <span className="visually-hidden">Use</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {front.map((point, i) => (
            <tr
              key={Object.values(point.precisions).join()}
              data-current={i === current}
              onPointerEnter={() => onShow(i)}
              onPointerLeave={() => onShow(null)}
            >
              <td>
                {bytes(Math.round(point.bytes))}
                {!point.storable && <span className="badge warn">no file</span>}
              </td>
              <td>{energy(point.picojoules)}</td>
              <td>{scoreText(point.score)}</td>
              <td>{decibels(point.sqnrDb)}</td>
              <td>
                <Configuration layers={layers} precisions={point.precisions} />
                <span className="quiet">{countsText(point.precisions)}</span>
              </td>
              <td>
                {i === current ? (
                  <span className="badge good">in use</span>
                ) : (
                  <button
                    type="button"
                    className="button small"
                    data-chosen={i === chosen}
                    onClick={() => onUse(point)}
                  >
                    Use
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
