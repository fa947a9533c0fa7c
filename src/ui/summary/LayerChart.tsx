import { useMemo } from 'react';
import { Bar, BarChart, CartesianGrid, Cell, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts';
import type { LayerRow } from '../../state/layer-rows';
import type { LayerMetric } from '../../state/slices/ui';
import { useWidth } from '../detail/use-width';
import { bytes, decibels, deltaText } from '../format';
import { useController, useStudio } from '../studio';

const HEIGHT = 180;

interface Datum {
  readonly id: string;
  readonly name: string;
  readonly value: number;
  readonly before?: number;
  readonly text: string;
}

/** One bar a layer in the order of the graph; a click selects the layer. */
export default function LayerChart({ metric, rows }: { metric: LayerMetric; rows: readonly LayerRow[] }) {
  const controller = useController();
  const [box, width] = useWidth<HTMLDivElement>();
  const selected = useStudio((state) => state.selection.layer);
  const scoreMetric = useStudio((state) => state.results.evaluation?.value.float.metric ?? 'top1');
  const share = scoreMetric === 'top1' || scoreMetric === 'agreement';
  const data = useMemo(
    () =>
      rows.map(({ layer, sqnrDb, delta, floatBytes, quantizedBytes }): Datum => {
        const common = { id: layer.id, name: layer.name };
        if (metric === 'size')
          return {
            ...common,
            value: quantizedBytes,
            before: floatBytes,
            text: `${bytes(floatBytes)} → ${bytes(quantizedBytes)}`,
          };
        if (metric === 'delta')
          return {
            ...common,
            value: (delta ?? 0) * (share ? 100 : 1),
            text: delta === null ? 'not measured' : deltaText(scoreMetric, delta),
          };
        // An exact layer has no noise at all; its bar ends at the top of the chart.
        const value = sqnrDb === null ? 0 : Math.min(sqnrDb, 80);
        return { ...common, value, text: sqnrDb === null ? 'not measured' : decibels(sqnrDb) };
      }),
    [rows, metric, scoreMetric, share],
  );
  const tick = { fill: 'var(--ink-3)', fontSize: 11 };
  return (
    <div
      ref={box}
      className="layer-chart"
      role="img"
      aria-label={`${metric} of ${rows.length} layers; the same figures stand in the layer list`}
    >
      {width > 0 && (
        <BarChart
          width={width}
          height={HEIGHT}
          data={data}
          margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
          barGap={0}
          accessibilityLayer={false}
          onClick={({ activeTooltipIndex }) => {
            const row = rows[Number(activeTooltipIndex)];
            if (row) controller.select(row.layer.id);
          }}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="id" tick={false} height={6} axisLine={{ stroke: 'var(--line-strong)' }} tickLine={false} />
          <YAxis
            width={46}
            tick={tick}
            axisLine={false}
            tickLine={false}
            tickCount={5}
            tickFormatter={(value: number) => (metric === 'size' ? bytes(value) : String(value).replace('-', '−'))}
          />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            isAnimationActive={false}
            content={({ active, payload }) => {
              const datum = active ? (payload?.[0]?.payload as Datum | undefined) : undefined;
              return datum ? (
                <div className="chart-tip">
                  <strong>{datum.name}</strong>
                  <span>{datum.text}</span>
                </div>
              ) : null;
            }}
          />
          {metric === 'delta' && <ReferenceLine y={0} stroke="var(--line-strong)" />}
          {metric === 'size' && <Bar dataKey="before" fill="var(--float)" opacity={0.55} isAnimationActive={false} />}
          <Bar dataKey="value" fill="var(--quant)" isAnimationActive={false}>
            {data.map(({ id }) => (
              <Cell key={id} fill={id === selected ? 'var(--ink)' : 'var(--quant)'} />
            ))}
          </Bar>
        </BarChart>
      )}
    </div>
  );
}
