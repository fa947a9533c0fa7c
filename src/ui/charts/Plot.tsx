/** Draws a chart with Recharts. Loaded when the first chart is wanted; nothing else imports Recharts. */
import { memo, useEffect, type ReactNode } from 'react';
import {
  Area,
  Bar,
  BarChart,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  Tooltip,
  useActiveTooltipLabel,
  XAxis,
  YAxis,
  type BarShapeProps,
} from 'recharts';
import type { Axis } from './axis';
import type { ChartData, Level, Point, Series } from './chart';
import { ChartTip } from './ChartTip';
import { useIdleSteps } from './idle';

export interface PlotProps extends ChartData {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** The point under the pointer or reached by the keyboard; null where there is none. */
  readonly onShow: (index: number | null) => void;
  /** Drawn over the rest, with the axes at hand. */
  readonly children?: ReactNode;
  /** Whether arrow keys step through the points; what is drawn over them may have keys of its own. */
  readonly stepped: boolean;
}

/** Room around the plot, pixels: what is drawn by others on the same axes asks for it here. */
export const MARGINS = { top: 6, right: 10, bottom: 0, left: 0 } as const;
export const Y_AXIS = 50;
export const X_AXIS = 20;

const Plot = memo(function Plot(props: PlotProps) {
  const { label, width, height, x, y, series, points, levels = [], onShow, stepped, children } = props;
  const bars = series.some(({ draw }) => draw === 'bars');
  // A chart of bars alone points at slots, others at values.
  const Canvas = bars ? BarChart : ComposedChart;
  // What Recharts mounts it renders again at once, several times: axes, series and the tooltip come in tasks of their own.
  const step = useIdleSteps(3);
  const scale = x.logarithmic ? 'log' : 'linear';
  return (
    <Canvas
      width={width}
      height={height}
      data={points}
      margin={MARGINS}
      barCategoryGap="12%"
      barGap={1}
      accessibilityLayer={stepped}
      role={stepped ? 'application' : 'group'}
      tabIndex={stepped ? 0 : -1}
      aria-label={label}
    >
      {bars ? (
        <XAxis dataKey="x" tick={false} interval={0} tickLine={false} height={4} stroke="var(--line-strong)" />
      ) : (
        <XAxis
          dataKey="x"
          type="number"
          scale={scale}
          domain={[x.lo, x.hi]}
          ticks={x.ticks}
          niceTicks="none"
          tickFormatter={(value: number) => x.text(value)}
          interval="preserveStartEnd"
          allowDataOverflow
          height={X_AXIS}
          tickLine={false}
          tickMargin={5}
          stroke="var(--line-strong)"
        />
      )}
      {step >= 1 && (
        <YAxis
          type="number"
          domain={[y.lo, y.hi]}
          ticks={y.ticks}
          niceTicks="none"
          tickFormatter={(value: number) => y.text(value)}
          reversed={y.reversed ?? false}
          interval={0}
          allowDataOverflow
          width={Y_AXIS}
          tickLine={false}
          axisLine={false}
          tickMargin={4}
        />
      )}
      {step >= 1 && (
        <CartesianGrid
          vertical={false}
          stroke="var(--line)"
          // The generators Recharts would use measure every label of both axes in the document, at every change.
          verticalCoordinatesGenerator={noLines}
          horizontalCoordinatesGenerator={({ offset }) => gridLines(y, offset)}
        />
      )}
      {step >= 3 && y.lo < 0 && y.hi > 0 && <ReferenceLine y={0} stroke="var(--line-strong)" />}
      {step >= 3 && levels.map(levelLine)}
      {step >= 3 && (
        <Tooltip
          isAnimationActive={false}
          cursor={bars ? { fill: 'var(--hover)' } : { stroke: 'var(--line-strong)' }}
          offset={12}
          content={({ active, label: at }) =>
            active ? <ChartTip point={points.find((point) => point.x === at)} series={series} text={y.text} /> : null
          }
        />
      )}
      {step >= 2 && series.map(drawn)}
      {step >= 3 && <Shown points={points} onShow={onShow} />}
      {step >= 2 && children}
    </Canvas>
  );
});
export default Plot;

const noLines = (): number[] => [];

/** Where the ticks of the vertical axis lie, pixels from the top of the chart. */
function gridLines(
  { lo, hi, ticks, reversed = false }: Axis,
  { top = 0, height = 0 }: { top?: number; height?: number },
) {
  return ticks.map((tick) => {
    const up = (tick - lo) / (hi - lo);
    return top + height * (reversed ? up : 1 - up);
  });
}

function levelLine({ id, of, look, along, value }: Level) {
  const where = along === 'y' ? { y: value } : { x: value };
  return (
    <ReferenceLine
      key={id}
      {...where}
      stroke={COLOURS[of]}
      strokeWidth={1.6}
      strokeDasharray={DASHES[look]}
      ifOverflow="hidden"
    />
  );
}

const COLOURS: Readonly<Record<Series['of'], string>> = {
  float: 'var(--float)',
  quant: 'var(--quant)',
  qat: 'var(--qat)',
  good: 'var(--good)',
  bad: 'var(--bad)',
  ink: 'var(--ink-3)',
  faint: 'var(--line-strong)',
};

/** As a line is drawn where nothing else is said. */
const SOLID = 'none';

const DASHES: Readonly<Record<Series['look'], string>> = {
  line: SOLID,
  area: SOLID,
  dashed: '5 4',
  dotted: '2 3',
};

/** A series as Recharts has it; no animation, which would draw for half a second what is known at once. */
function drawn(series: Series, i: number) {
  const { id, of, look, draw, dots = false } = series;
  const value = ({ values }: Point) => values[i] ?? undefined;
  const stroke = { stroke: COLOURS[of], strokeWidth: of === 'faint' ? 1 : 1.6, strokeDasharray: DASHES[look] };
  if (draw === 'bars')
    return (
      <Bar key={id} dataKey={value} isAnimationActive={false} shape={(bar: BarShapeProps) => barOf(bar, series)} />
    );
  if (draw === 'points')
    return (
      <Line
        key={id}
        dataKey={value}
        isAnimationActive={false}
        stroke={COLOURS[of]}
        strokeWidth={0}
        dot={{ r: 4.5, fill: COLOURS[of] }}
        activeDot={{ r: 6, fill: COLOURS[of], stroke: 'var(--surface)' }}
      />
    );
  const type = draw === 'line' ? 'linear' : 'stepAfter';
  if (draw === 'area')
    return (
      <Area
        key={id}
        dataKey={value}
        type={type}
        isAnimationActive={false}
        activeDot={false}
        fill="var(--float-fill)"
        {...stroke}
      />
    );
  return (
    <Line
      key={id}
      dataKey={value}
      type={type}
      connectNulls
      isAnimationActive={false}
      dot={dots ? { r: 2.5, fill: COLOURS[of], strokeDasharray: '' } : false}
      activeDot={{ r: 4, fill: COLOURS[of], stroke: 'var(--surface)' }}
      {...stroke}
    />
  );
}

/** A bar of nothing is still a mark to point at. Outlined where it is what another is held against. */
function barOf({ x, y, width, height, payload }: BarShapeProps, { of, look }: Series) {
  const size = Math.max(1, Math.abs(height));
  const marked = (payload as Point).marked ?? false;
  return (
    <rect
      className="chart-bar"
      data-of={of}
      data-look={look === 'area' ? 'outlined' : 'filled'}
      data-marked={marked}
      x={x}
      y={Math.min(y, y + height)}
      width={Math.max(1, width)}
      height={size}
    />
  );
}

/** Tells which point the tooltip is about, whether by pointer, finger or key. */
function Shown({ points, onShow }: { points: readonly Point[]; onShow: (index: number | null) => void }) {
  const label = useActiveTooltipLabel();
  const index = label === undefined ? -1 : points.findIndex(({ x }) => x === label);
  useEffect(() => onShow(index < 0 ? null : index), [index, onShow]);
  return null;
}
