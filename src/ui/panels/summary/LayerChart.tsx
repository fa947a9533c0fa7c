/**
 * One bar a layer, in the order of the graph; a click selects the layer.
 *
 * Plain SVG and not Recharts, by profile (production build, two cores with a job running): Recharts' first mount blocks
 * the page for 140–160 ms where a running job allows 50, each partial result costs another 20–40 ms, and it would double
 * the page's code (106 kB gzipped) for one bar chart. This one draws in under a millisecond.
 */
import { useMemo, useState } from 'react';
import type { LayerRow } from '../../../state/results/layer-rows';
import type { LayerMetric } from '../../../state/slices/ui';
import { ticks, tickText } from '../../charts/geometry';
import { useWidth } from '../../charts/use-width';
import { bytes } from '../../parts/format';
import { useController, useStudio } from '../../app/studio';
import { chartData, type Datum } from './chart-data';

const HEIGHT = 116;
const LEFT = 46;
const TOP = 8;
const BOTTOM = 6;

interface Props {
  readonly metric: LayerMetric;
  readonly rows: readonly LayerRow[];
}

export function LayerChart({ metric, rows }: Props) {
  const controller = useController();
  const [box, width] = useWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const selected = useStudio((state) => state.selection.layer);
  const score = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const data = useMemo(() => chartData(rows, metric, score), [rows, metric, score]);
  const axis = useMemo(() => verticalAxis(data), [data]);
  const slot = (width - LEFT) / Math.max(1, data.length);
  const at = (clientX: number, target: Element) => {
    const index = Math.floor((clientX - target.getBoundingClientRect().left - LEFT) / slot);
    return index >= 0 && index < data.length ? index : null;
  };
  const tip = hovered === null ? null : data[hovered];
  return (
    <div ref={box} className="layer-chart">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${metric} of ${data.length} layers; the same figures stand in the layer list`}
        onPointerMove={(event) => setHovered(at(event.clientX, event.currentTarget))}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const datum = data[at(event.clientX, event.currentTarget) ?? -1];
          if (datum) controller.select(datum.id);
        }}
      >
        {axis.values.map((value) => (
          <g key={value} className="grid-line" transform={`translate(0 ${axis.y(value).toFixed(1)})`}>
            <line x1={LEFT} x2={width} data-zero={value === 0} />
            <text x={LEFT - 8} y={4} textAnchor="end">
              {metric === 'size' ? bytes(value) : tickText(value, axis.values)}
            </text>
          </g>
        ))}
        {hovered !== null && (
          <rect className="chart-cursor" x={LEFT + hovered * slot} width={slot} y={0} height={HEIGHT} />
        )}
        {data.map((datum, i) => (
          <g key={datum.id} transform={`translate(${(LEFT + i * slot).toFixed(2)} 0)`}>
            {datum.bars.map(
              ({ of, value }, b) =>
                value !== null && (
                  <Bar
                    key={of}
                    className={`bar-${of}`}
                    selected={datum.id === selected && b === datum.bars.length - 1}
                    x={(datum.bars.length === 1 ? 0.12 : b === 0 ? 0.08 : 0.52) * slot}
                    width={(datum.bars.length === 1 ? 0.76 : 0.4) * slot}
                    from={axis.y(0)}
                    to={axis.y(value)}
                  />
                ),
            )}
          </g>
        ))}
      </svg>
      {tip && (
        <div className="chart-tip" data-side={hovered! < data.length / 2 ? 'right' : 'left'}>
          <strong>{tip.name}</strong>
          <span>{tip.text}</span>
        </div>
      )}
    </div>
  );
}

interface BarProps {
  readonly className: string;
  readonly selected?: boolean;
  readonly x: number;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

function Bar({ className, selected, x, width, from, to }: BarProps) {
  // A bar of nothing is still a mark to point at.
  const height = Math.max(1, Math.abs(to - from));
  return (
    <rect
      className={className}
      data-selected={selected}
      x={x}
      width={Math.max(1, width)}
      y={Math.min(from, to)}
      height={height}
    />
  );
}

/** From 0, or from the lowest value if that is below, to the highest, with room for a tick above. */
function verticalAxis(data: readonly Datum[]) {
  const known = data.flatMap(({ bars }) => bars.map(({ value }) => value ?? 0));
  const lo = Math.min(0, ...known);
  const hi = Math.max(0, ...known);
  const span = hi - lo || 1;
  const view = { lo: lo === 0 ? 0 : lo - 0.06 * span, hi: hi === 0 && lo < 0 ? 0.06 * span : lo + 1.06 * span };
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - view.lo) / (view.hi - view.lo));
  return { y, values: ticks(view, 3) };
}
