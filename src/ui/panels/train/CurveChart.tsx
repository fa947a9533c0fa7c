import { useMemo, type ReactNode } from 'react';
import { axisAround, axisBetween } from '../../charts/axis';
import { Chart } from '../../charts/Chart';
import { mergedPoints, type ChartData, type Series } from '../../charts/chart';
import type { LegendItem } from '../../charts/Legend';
import { epochText, type Curve, type Level } from './curves';

const HEIGHT = 150;

const LOOKS: Readonly<Record<Curve['id'], Pick<Series, 'of' | 'look' | 'draw' | 'dots'>>> = {
  steps: { look: 'line', of: 'faint', draw: 'line' },
  train: { look: 'line', of: 'ink', draw: 'line', dots: true },
  validation: { look: 'line', of: 'qat', draw: 'line', dots: true },
};
const LEVEL_LOOKS = {
  untrained: { look: 'dashed', of: 'quant', along: 'y' },
  float: { look: 'dotted', of: 'float', along: 'y' },
} as const;

interface Props {
  readonly title: string;
  /** The title with its unit, at the axis. */
  readonly axis: string;
  readonly curves: readonly Curve[];
  readonly levels: readonly Level[];
  readonly epochs: number;
  /** Values beyond which there are none. */
  readonly limits: readonly [low: number, high: number];
  readonly text: (value: number) => string;
  /** Said where there is nothing to draw. */
  readonly empty: string;
}

/** Curves over epochs. Epoch 0 is the quantized model before training. */
export function CurveChart({ title, axis, curves, levels, epochs, limits, text, empty }: Props) {
  const data = useMemo((): ChartData => {
    const values = [...curves.flatMap(({ points }) => points.map(([, y]) => y)), ...levels.map(({ value }) => value)];
    return {
      x: axisBetween(0, Math.max(1, epochs), { name: 'Epochs', count: Math.min(Math.max(1, epochs), 6), whole: true }),
      y: axisAround(values, { name: axis, count: 4, limits, text }),
      series: curves.map(({ id, label }) => ({ id, label, ...LOOKS[id] })),
      points: mergedPoints(
        curves.map(({ points }) => points),
        epochText,
      ),
      levels: levels.map(({ id, label, value }) => ({ id, label, value, ...LEVEL_LOOKS[id] })),
    };
  }, [axis, curves, levels, epochs, limits, text]);
  const newest = curves.flatMap(({ label, points }) =>
    points.length > 0 ? [`${label} ${text(points.at(-1)![1])}`] : [],
  );
  const legend: LegendItem[] = [
    ...curves.map(({ id, label, points }) => ({
      id,
      ...LOOKS[id],
      label: points.length > 0 ? named(label, text(points.at(-1)![1])) : label,
    })),
    ...levels.map(({ id, label, value }) => ({ id, ...LEVEL_LOOKS[id], label: named(label, text(value)) })),
  ];
  if (newest.length === 0)
    return (
      <figure className="chart">
        <figcaption>
          <b>{title}</b>
        </figcaption>
        <p className="chart-empty quiet" style={{ height: HEIGHT }}>
          {empty}
        </p>
      </figure>
    );
  return (
    <Chart
      data={data}
      title={title}
      legend={legend}
      height={HEIGHT}
      label={`${title} by epoch: ${newest.join(', ')}`}
    />
  );
}

function named(label: string, value: string): ReactNode {
  return (
    <>
      {label} <b>{value}</b>
    </>
  );
}
