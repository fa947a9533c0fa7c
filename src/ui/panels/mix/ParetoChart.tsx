import { useMemo, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { SearchPoint, SearchResult } from '../../../jobs/contract/search-protocol';
import { useWidth } from '../../charts/use-width';
import { metricInfo } from '../../../core/metrics/table';
import { metricLabel } from '../../parts/format';
import { paretoAxes, qualityTick, type Frame } from './axes';
import { costOf, costText, countsText, qualityOf, qualityText } from './front-text';

const HEIGHT = 290;
/** Of the dearest point found; what costs more is no longer drawn to scale. */
const FAR = 1.5;
/** Pixels from which a point is meant. */
const REACH = 18;
const MARGINS = { left: 54, right: 14, top: 16, bottom: 40 };

interface Props {
  readonly result: SearchResult;
  /** Position on the front of the configuration in use. */
  readonly current: number | null;
  readonly shown: number | null;
  readonly onShow: (index: number | null) => void;
  readonly onUse: (point: SearchPoint) => void;
}

/**
 * The front as steps: at most this good for that cost. Points are buttons; one is in the tab order and arrow keys move
 * along, as everywhere else.
 */
export function ParetoChart({ result, current, shown, onShow, onUse }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [focused, setFocused] = useState<number | null>(null);
  const { front, references, chosen } = result;
  const { cost, quality, budget } = result.spec;
  const metric = front[0]?.score.metric ?? 'top1';
  const lowerIsBetter = quality === 'score' && !metricInfo(metric).higherIsBetter;
  const frame: Frame = useMemo(() => ({ width, height: HEIGHT, ...MARGINS }), [width]);
  const axes = useMemo(() => {
    // Marks that cost much more than anything found would press the front into a corner: they stand at the edge.
    const dearest = Math.max(...front.map((point) => costOf(point, cost)));
    const all = [...front, ...references.filter((mark) => costOf(mark, cost) <= FAR * dearest)];
    return paretoAxes(
      all.map((point) => costOf(point, cost)),
      [...front, ...references].map((point) => qualityOf(point, quality)),
      frame,
      lowerIsBetter,
    );
  }, [front, references, cost, quality, frame, lowerIsBetter]);
  const at = (point: Pick<SearchPoint, 'bytes' | 'picojoules' | 'score' | 'sqnrDb'>) => ({
    x: axes.x(costOf(point, cost)),
    y: axes.y(qualityOf(point, quality)),
  });
  const [right, bottom] = [width - MARGINS.right, HEIGHT - MARGINS.bottom];
  const steps = front
    .map((point, i) => `${i === 0 ? 'M' : 'H'}${at(point).x.toFixed(1)}${i === 0 ? ' ' : 'V'}${at(point).y.toFixed(1)}`)
    .join('');
  const inTabOrder = Math.min(front.length - 1, focused ?? current ?? chosen ?? 0);
  const move = (event: KeyboardEvent<SVGGElement>, from: number) => {
    const by: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? front.length - 1 : from + (by[event.key] ?? 0);
    if (event.key === 'Enter' || event.key === ' ') onUse(front[from]!);
    else if (to === from || !front[to]) return;
    else event.currentTarget.ownerSVGElement!.querySelector<SVGGElement>(`[data-point="${to}"]`)?.focus();
    event.preventDefault();
  };
  /** Points may lie close together: whoever points between them means the nearest. */
  const nearest = (event: MouseEvent<SVGSVGElement>): number | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const distances = front.map((point) => {
      const { x, y } = at(point);
      return Math.hypot(x - (event.clientX - left), y - (event.clientY - top));
    });
    const least = Math.min(...distances);
    return least <= REACH ? distances.indexOf(least) : null;
  };
  const label = quality === 'sqnr' ? 'Output SQNR, dB' : metricLabel(metric);
  return (
    <div ref={box} className="pareto">
      <svg
        width={width}
        height={HEIGHT}
        role="group"
        data-near={shown !== null}
        onPointerMove={(event) => onShow(nearest(event))}
        onPointerLeave={() => onShow(null)}
        onClick={(event) => {
          const index = nearest(event);
          if (index !== null) onUse(front[index]!);
        }}
        aria-label={`${front.length} points; the table below has the same`}
      >
        {axes.yTicks.map((value) => (
          <g key={value} className="grid-line" transform={`translate(0 ${axes.y(value).toFixed(1)})`}>
            <line x1={MARGINS.left} x2={right} />
            <text x={MARGINS.left - 8} y={4} textAnchor="end">
              {qualityTick(value, axes.yTicks, quality === 'score' && metricInfo(metric).unit === 'share')}
            </text>
          </g>
        ))}
        {axes.xTicks.map((value) => (
          <g key={value} className="grid-line" transform={`translate(${axes.x(value).toFixed(1)} 0)`}>
            <line y1={MARGINS.top} y2={bottom} />
            <text y={bottom + 16} textAnchor="middle">
              {costText(value, cost)}
            </text>
          </g>
        ))}
        <text className="axis-name" x={right} y={HEIGHT - 4} textAnchor="end">
          {cost === 'size' ? 'Size of the file' : 'ALU energy of one inference'} →
        </text>
        <text className="axis-name" x={MARGINS.left} y={10}>
          ↑ {label}
        </text>
        {budget?.kind === 'cost' && (
          <path className="budget" d={`M${axes.x(budget.most).toFixed(1)} ${MARGINS.top}V${bottom}`} />
        )}
        {budget?.kind === 'quality' && (
          <path className="budget" d={`M${MARGINS.left} ${axes.y(budget.bound).toFixed(1)}H${right}`} />
        )}
        {references.map((mark) => {
          const to = at(mark);
          const far = to.x > right;
          const [x, y] = [Math.min(to.x, right), to.y];
          return (
            <g key={mark.label} className="reference" transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
              <path d="M0 -5L5 0L0 5L-5 0Z" />
              <text
                x={x > width - 110 ? -8 : 8}
                y={mark.precisions ? 15 : -8}
                textAnchor={x > width - 110 ? 'end' : 'start'}
              >
                {mark.label}
                {far && `, ${costText(costOf(mark, cost), cost)} →`}
              </text>
            </g>
          );
        })}
        {front.length > 0 && <path className="steps" d={`${steps}H${right}`} />}
        {front.map((point, i) => {
          const { x, y } = at(point);
          return (
            <g
              key={Object.values(point.precisions).join()}
              className="front-point"
              data-point={i}
              data-current={i === current}
              data-chosen={i === chosen}
              data-shown={i === shown}
              role="button"
              tabIndex={i === inTabOrder ? 0 : -1}
              aria-pressed={i === current}
              aria-label={`${costText(costOf(point, cost), cost)}, ${qualityText(point, quality)}: ${countsText(point.precisions)}${i === current ? ', in use' : ''}`}
              transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
              onClick={(event) => {
                if (event.detail > 0) return; // by pointer: the plot knows which is the nearest
                event.stopPropagation();
                onUse(point);
              }}
              onFocus={() => {
                setFocused(i);
                onShow(i);
              }}
              onBlur={() => {
                setFocused(null);
                onShow(null);
              }}
              onKeyDown={(event) => move(event, i)}
            >
              <circle className="reach" r={12} />
              <circle className="dot" r={5} />
            </g>
          );
        })}
      </svg>
    </div>
  );
}
