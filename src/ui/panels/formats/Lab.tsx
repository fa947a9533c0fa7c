/** What every range would cost, under the histogram and on its axis; which values can be represented; what their bits are. */
import { useMemo, useState } from 'react';
import type { AffineParams } from '../../../core/numerics/affine';
import type { NumberFormat } from '../../../core/number-formats/format';
import { clipFigures } from '../../../core/quantize/clip-figures';
import { costCurve, type CostCurve } from '../../../core/calibration/cost-curve';
import { ofHistogram } from '../../../core/calibration/distribution';
import { ESTIMATORS } from '../../../core/calibration/estimators/table';
import type { Range, TensorStats } from '../../../core/calibration/types';
import { valueToPixel, type View } from '../../charts/geometry';
import { decibels, real } from '../../parts/format';
import { BitView } from './BitView';
import { CodeTable } from './CodeTable';
import { curvePath, errorAxis } from './curve-path';
import { NumberLine } from './NumberLine';
import './lab.css';

const HEIGHT = 84;

export interface LabProps {
  readonly stats: TensorStats;
  readonly format: NumberFormat;
  /** Scale and zero point in effect. */
  readonly params: AffineParams;
  readonly range: Range;
  readonly view: View;
  readonly width: number;
  /** The value under the pointer. */
  readonly pointed: number | null;
  /** The estimator in effect; null for a manual range. */
  readonly estimator: string | null;
  readonly locked: boolean;
  readonly onPick: (estimator: string) => void;
}

export default function Lab(props: LabProps) {
  const { stats, format, params, range, view, width, pointed, estimator, locked, onPick } = props;
  const [shown, setShown] = useState<string | null>(null);
  const curve = useMemo(() => costCurve(ofHistogram(stats), format, stats.count), [stats, format]);
  const choices = useMemo(
    () => curve.ticks.map((tick) => ({ ...tick, sqnrDb: clipFigures(stats, tick.range, format).sqnrDb })),
    [curve, stats, format],
  );
  const explained = ESTIMATORS.find((row) => row.id === (shown ?? estimator));
  const best = Math.max(...choices.map(({ sqnrDb }) => sqnrDb));
  return (
    <div className="lab">
      <NumberLine format={format} params={params} view={view} width={width} />
      <BitView format={format} params={params} value={pointed} />
      <CodeTable format={format} params={params} />
      <Curve curve={curve} extent={stats} range={range} view={view} width={width} shown={shown} />
      <ul className="lab-choices" aria-label="What each estimator would choose">
        {choices.map(({ id, label, range: choice, sqnrDb }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={id === estimator}
              disabled={locked}
              onPointerEnter={() => setShown(id)}
              onPointerLeave={() => setShown(null)}
              onFocus={() => setShown(id)}
              onBlur={() => setShown(null)}
              onClick={() => onPick(id)}
            >
              <span className="choice-name">{label}</span>
              <span className="choice-figures">
                {rangeText(choice)} <b data-best={sqnrDb >= best - 0.05}>{decibels(sqnrDb)}</b>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="quiet lab-explain">{explained && `${explained.label}. ${explained.explain}`}</p>
    </div>
  );
}

function rangeText({ min, max }: Range): string {
  return min === -max ? `±${real(max, 3)}` : `${real(min, 3)} … ${real(max, 3)}`;
}

interface CurveProps {
  readonly curve: CostCurve;
  readonly extent: Range;
  readonly range: Range;
  readonly view: View;
  readonly width: number;
  readonly shown: string | null;
}

function Curve({ curve, extent, range, view, width, shown }: CurveProps) {
  const axis = useMemo(() => errorAxis(curve, HEIGHT), [curve]);
  const paths = useMemo(() => {
    const path = (errors: ArrayLike<number>) => curvePath(curve.clips, errors, extent, axis, view, width);
    return { total: path(curve.total), clipping: path(curve.clipping), rounding: path(curve.rounding) };
  }, [curve, extent, axis, view, width]);
  const x = (value: number) => valueToPixel(view, width, value).toFixed(1);
  return (
    <figure className="cost-curve">
      <figcaption>
        <span>Mean squared error against the clip, logarithmic</span>
        <span className="legend">
          <i className="total" /> total <i className="clipping" /> clipping <i className="rounding" /> rounding
        </span>
      </figcaption>
      <svg
        width={width}
        height={HEIGHT + 8}
        role="img"
        aria-label={`Cost of every clip: least ${real(axis.best)}; the estimators' choices are listed below`}
      >
        <line className="ground" x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} />
        <path className="rounding" d={paths.rounding} />
        <path className="clipping" d={paths.clipping} />
        <path className="total" d={paths.total} />
        {curve.ticks.map((tick) => (
          <g key={tick.id} className="choice-tick" data-shown={tick.id === shown}>
            {[tick.range.min, tick.range.max].map(
              (end, i) => end !== 0 && <path key={i} d={`M${x(end)} ${HEIGHT - 6}v12`} />,
            )}
            {tick.id === shown && (
              <path className="reach" d={`M${x(tick.range.max)} 0V${HEIGHT}M${x(tick.range.min)} 0V${HEIGHT}`} />
            )}
          </g>
        ))}
        <path className="chosen" d={`M${x(range.min)} 0V${HEIGHT}M${x(range.max)} 0V${HEIGHT}`} />
      </svg>
    </figure>
  );
}
