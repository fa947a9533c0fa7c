import { useMemo } from 'react';
import { lookup } from '../../../base/lookup';
import type { Chart as FindingChartData } from '../../../core/diagnosis/finding';
import type { TensorId } from '../../../core/graph/graph';
import { shownCalibration } from '../../../state/slices/results';
import { Chart } from '../../charts/Chart';
import { real } from '../../parts/format';
import { useStudio } from '../../app/studio';
import { ConvergenceChart } from './ConvergenceChart';
import { barsData, spreadData } from './finding-data';

const HEIGHT = 88;

/** A finding's evidence as a picture; what it says in figures stands beside it. */
export function FindingChart({ chart }: { chart: FindingChartData }) {
  if (chart.kind === 'bars') return <Bars {...chart} />;
  return chart.kind === 'distribution' ? <Spread tensor={chart.tensor} /> : <Course tensor={chart.tensor} />;
}

function Bars({ label, values, marked }: Extract<FindingChartData, { kind: 'bars' }>) {
  const data = useMemo(() => barsData(label, values, marked), [label, values, marked]);
  return (
    <Chart
      data={data}
      height={HEIGHT}
      label={`${label}, ${values.length} of them, up to ${real(Math.max(...values), 3)}`}
    />
  );
}

function Spread({ tensor }: { tensor: TensorId }) {
  const stats = useStudio((state) => lookup(shownCalibration(state.results)?.activations, tensor) ?? null);
  const range = useStudio((state) => lookup(state.results.plan?.value.activations, tensor)?.range ?? null);
  const data = useMemo(() => stats && spreadData(stats, range), [stats, range]);
  if (!stats || !data) return null;
  return (
    <Chart
      data={data}
      height={HEIGHT}
      label={`Values from ${real(stats.min, 3)} to ${real(stats.max, 3)}${range ? `, range ${real(range.min, 3)} to ${real(range.max, 3)}` : ''}`}
    />
  );
}

function Course({ tensor }: { tensor: TensorId }) {
  const convergence = useStudio(
    (state) => lookup(shownCalibration(state.results)?.activations, tensor)?.convergence ?? null,
  );
  return convergence && <ConvergenceChart convergence={convergence} />;
}
