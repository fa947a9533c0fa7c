import { useMemo } from 'react';
import { metricInfo } from '../../../core/metrics/table';
import type { Run } from '../../../core/project/manifest';
import type { ChartData, Point } from '../../charts/chart';
import { axisAround } from '../../charts/axis';
import { Chart } from '../../charts/Chart';
import { bytes, metricLabel, percent } from '../../parts/format';
import { runScoreText, scoreOf } from './run-text';

/** Size against score, of the runs that a file holds and that were evaluated on the same samples as the newest. */
export function RunScatter({ runs }: { readonly runs: readonly Run[] }) {
  const data = useMemo(() => scatter(runs), [runs]);
  if (!data) return null;
  return <Chart data={data} height={190} label="Size against score of each run; the table above has the same" />;
}

function scatter(runs: readonly Run[]): ChartData | null {
  const { data, simulated } = runs.at(-1)!;
  const { metric } = simulated;
  const shown = runs.filter(
    (run) => run.data === data && run.bytes !== null && scoreOf(run).metric === metric && scoreOf(run).value !== null,
  );
  if (shown.length < 2) return null;
  const isShare = metricInfo(metric).unit === 'share';
  const points: Point[] = shown.map((run) => {
    const { value } = scoreOf(run);
    const trained = run.settings.trained !== undefined;
    return {
      x: run.bytes! / 1000,
      name: `${run.name}, ${bytes(run.bytes!)}`,
      values: trained ? [null, value] : [value, null],
      texts: trained ? [null, runScoreText(scoreOf(run))] : [runScoreText(scoreOf(run)), null],
      marked: run.starred,
    };
  });
  const scores = points.flatMap(({ values }) => values.filter((value) => value !== null));
  return {
    x: axisAround(
      points.map(({ x }) => x),
      { name: 'Size, kB', count: 6 },
    ),
    y: {
      ...axisAround(scores, {
        name: isShare ? `${metricLabel(metric)}, %` : metricLabel(metric),
        count: 4,
        ...(isShare && { text: (value) => percent(value).replace(' %', '') }),
      }),
      reversed: !metricInfo(metric).higherIsBetter,
    },
    series: [
      { id: 'ptq', label: 'PTQ', of: 'quant', look: 'line', draw: 'points' },
      { id: 'qat', label: 'QAT', of: 'qat', look: 'dashed', draw: 'points' },
    ],
    points,
  };
}
