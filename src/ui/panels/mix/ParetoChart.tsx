import { useMemo } from 'react';
import type { SearchPoint, SearchResult } from '../../../jobs/contract/search-protocol';
import { Chart } from '../../charts/Chart';
import type { ChartData, Level } from '../../charts/chart';
import { metricInfo } from '../../../core/metrics/table';
import { metricLabel } from '../../parts/format';
import { costAxis, qualityAxis, qualityTick } from './axes';
import { FrontPoints } from './FrontPoints';
import { costOf, costText, countsText, qualityOf, qualityText } from './front-text';

const HEIGHT = 262;
/** Of the dearest point found; what costs more is no longer drawn to scale. */
const FAR = 1.5;

interface Props {
  readonly result: SearchResult;
  /** Position on the front of the configuration in use. */
  readonly current: number | null;
  readonly shown: number | null;
  readonly onShow: (index: number | null) => void;
  readonly onUse: (point: SearchPoint) => void;
}

/** The front as steps: at most this good for that cost. */
export function ParetoChart({ result, current, shown, onShow, onUse }: Props) {
  const data = useMemo(() => frontData(result), [result]);
  return (
    <Chart
      data={data}
      label={`${result.front.length} points; the table below has the same`}
      height={HEIGHT}
      legend={[]}
      over={
        <FrontPoints
          result={result}
          axes={data}
          current={current}
          shown={shown}
          onShow={onShow}
          onUse={(index) => onUse(result.front[index])}
        />
      }
    />
  );
}

function frontData({ front, references, spec }: SearchResult): ChartData {
  const { cost, quality, budget } = spec;
  const metric = front[0]?.score.metric ?? 'top1';
  const isShare = quality === 'score' && metricInfo(metric).unit === 'share';
  // Marks that cost much more than anything found would press the front into a corner: they stand at the edge.
  const dearest = Math.max(...front.map((point) => costOf(point, cost)));
  const near = [...front, ...references.filter((mark) => costOf(mark, cost) <= FAR * dearest)];
  const y = qualityAxis(
    [...front, ...references].map((point) => qualityOf(point, quality)),
    {
      name: quality === 'sqnr' ? 'Output SQNR, dB' : isShare ? `${metricLabel(metric)}, %` : metricLabel(metric),
      count: 5,
    },
    quality === 'score' && !metricInfo(metric).higherIsBetter,
  );
  return {
    x: costAxis(
      near.map((point) => costOf(point, cost)),
      {
        name: cost === 'size' ? 'Size of the file' : 'ALU energy of one inference',
        count: 6,
        text: (value) => costText(value, cost),
      },
    ),
    y: { ...y, text: (value) => qualityTick(value, y.ticks, isShare) },
    series: [{ id: 'front', label: 'Pareto front', of: 'quant', look: 'line', draw: 'steps' }],
    points: front.map((point) => ({
      x: costOf(point, cost),
      name: costText(costOf(point, cost), cost),
      values: [Number.isFinite(qualityOf(point, quality)) ? qualityOf(point, quality) : y.hi],
      texts: [`${qualityText(point, quality)} · ${countsText(point.precisions)}`],
    })),
    levels: budgetLevels(budget),
  };
}

/** What was asked for, as a line. */
function budgetLevels(budget: SearchResult['spec']['budget']): Level[] {
  const look = { id: 'budget', label: 'asked for', of: 'good', look: 'dashed' } as const;
  if (budget?.kind === 'cost') return [{ ...look, along: 'x', value: budget.most }];
  return budget?.kind === 'quality' ? [{ ...look, along: 'y', value: budget.bound }] : [];
}
