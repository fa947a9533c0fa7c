import { useMemo } from 'react';
import type { Convergence } from '../../../core/calibration/convergence';
import { axisBetween, axisFromZero } from '../../charts/axis';
import { Chart } from '../../charts/Chart';
import type { ChartData, Series } from '../../charts/chart';
import { integer, real } from '../../parts/format';

const HEIGHT = 96;

/** Ends of the range as they were seen, and as rare values hardly move them; both ends have one entry in the legend. */
const LOOKS = {
  extrema: { of: 'bad', look: 'line', draw: 'steps' },
  percentiles: { of: 'float', look: 'dashed', draw: 'steps' },
} as const;
const SERIES: readonly Series[] = [
  { id: 'max', label: 'maximum', ...LOOKS.extrema },
  { id: 'min', label: 'minimum', ...LOOKS.extrema },
  { id: 'high', label: '99.9 %', ...LOOKS.percentiles },
  { id: 'low', label: '0.1 %', ...LOOKS.percentiles },
];
const LEGEND = [
  { id: 'extrema', label: 'minimum and maximum', ...LOOKS.extrema },
  { id: 'percentiles', label: '0.1 % and 99.9 % of the values', ...LOOKS.percentiles },
];

/** How a range moved while samples came in: a value holds until the next checkpoint, as nothing is known in between. */
export function ConvergenceChart({ convergence }: { convergence: Convergence }) {
  const data = useMemo(() => courseOf(convergence), [convergence]);
  const { samples, mins, maxs } = convergence;
  const last = samples.length - 1;
  if (last < 1) return null;
  return (
    <Chart
      data={data}
      title="Range by number of samples"
      legend={LEGEND}
      height={HEIGHT}
      label={`From ${real(mins[0], 3)} … ${real(maxs[0], 3)} after ${samples[0]} samples to ${real(mins[last], 3)} … ${real(maxs[last], 3)} after ${samples[last]}`}
    />
  );
}

export function courseOf({ samples, mins, maxs, lows, highs }: Convergence): ChartData {
  const last = Math.max(0, samples.length - 1);
  return {
    x: axisBetween(samples[0] ?? 0, samples[last] ?? 1, { name: 'Samples seen', count: 5, text: integer, whole: true }),
    y: axisFromZero([...mins, ...maxs], { name: 'Value', count: 3 }),
    series: SERIES,
    points: Array.from(samples, (x, i) => {
      const values = [maxs[i], mins[i], highs[i], lows[i]];
      return { x, name: `${integer(x)} samples`, values, texts: values.map((value) => real(value, 3)) };
    }),
  };
}
