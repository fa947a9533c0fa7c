import { useState, type KeyboardEvent, type MouseEvent } from 'react';
import { DefaultZIndexes, usePlotArea, useXAxisScale, useYAxisScale, ZIndexLayer } from 'recharts';
import type { SearchResult } from '../../../jobs/contract/search-protocol';
import type { ChartData } from '../../charts/chart';
import { costOf, costText, countsText, qualityOf, qualityText } from './front-text';

/** Pixels from which a point is meant. */
const REACH = 18;
/** Pixels that a name needs at the right of its mark. */
const NAME_WIDTH = 110;

interface Props {
  readonly result: SearchResult;
  readonly axes: ChartData;
  readonly current: number | null;
  readonly shown: number | null;
  readonly onShow: (index: number | null) => void;
  readonly onUse: (index: number) => void;
}

/**
 * The points of the front and the configurations they are held against, over the chart. Points are buttons; one is in the
 * tab order and arrow keys move along, as everywhere else.
 */
export function FrontPoints({ result, axes, current, shown, onShow, onUse }: Props) {
  const [focused, setFocused] = useState<number | null>(null);
  const area = usePlotArea();
  const [toX, toY] = [useXAxisScale(), useYAxisScale()];
  const { front, references, chosen, spec } = result;
  if (!area || !toX || !toY) return null;
  const right = area.x + area.width;
  const bottom = area.y + area.height;
  const at = (point: Parameters<typeof costOf>[0]) => {
    const quality = Math.min(axes.y.hi, Math.max(axes.y.lo, qualityOf(point, spec.quality)));
    return { x: toX(costOf(point, spec.cost)) ?? right, y: toY(quality) ?? area.y };
  };
  const inTabOrder = Math.min(front.length - 1, focused ?? current ?? chosen ?? 0);
  const move = (event: KeyboardEvent<SVGGElement>, from: number) => {
    const by: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? front.length - 1 : from + (by[event.key] ?? 0);
    if (event.key === 'Enter' || event.key === ' ') onUse(from);
    else if (to === from || !front[to]) return;
    else event.currentTarget.ownerSVGElement!.querySelector<SVGGElement>(`[data-point="${to}"]`)?.focus();
    event.preventDefault();
  };
  /** Points may lie close together: whoever points between them means the nearest. */
  const nearest = (event: MouseEvent<SVGGElement>): number | null => {
    const { left, top } = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
    const distances = front.map((point) => {
      const { x, y } = at(point);
      return Math.hypot(x - (event.clientX - left), y - (event.clientY - top));
    });
    const least = Math.min(...distances);
    return least <= REACH ? distances.indexOf(least) : null;
  };
  const last = front.at(-1);
  return (
    // Above the line that joins the points, which would be in the way of whoever points at one.
    <ZIndexLayer zIndex={DefaultZIndexes.label + 1}>
      <g
        className="front"
        data-near={shown !== null}
        onPointerMove={(event) => onShow(nearest(event))}
        onPointerLeave={() => onShow(null)}
        onClick={(event) => {
          const index = nearest(event);
          if (index !== null) onUse(index);
        }}
      >
        <rect className="catch" x={area.x} y={area.y} width={area.width} height={area.height} />
        {last && <path className="beyond" d={`M${at(last).x} ${at(last).y}H${right}`} />}
        {references.map((mark) => {
          const to = at(mark);
          const far = to.x > right;
          const [x, y] = [Math.min(to.x, right), to.y];
          const leftwards = x > right - NAME_WIDTH;
          return (
            <g key={mark.label} className="reference" transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
              <path d="M0 -5L5 0L0 5L-5 0Z" />
              <text
                x={leftwards ? -8 : 8}
                y={mark.precisions && y < bottom - 20 ? 15 : -8}
                textAnchor={leftwards ? 'end' : 'start'}
              >
                {mark.label}
                {far && `, ${costText(costOf(mark, spec.cost), spec.cost)} →`}
              </text>
            </g>
          );
        })}
        {front.map((point, i) => {
          const { x, y } = at(point);
          const cost = costText(costOf(point, spec.cost), spec.cost);
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
              aria-label={`${cost}, ${qualityText(point, spec.quality)}: ${countsText(point.precisions)}${i === current ? ', in use' : ''}`}
              transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
              onClick={(event) => {
                if (event.detail > 0) return; // by pointer: the plot knows which is the nearest
                event.stopPropagation();
                onUse(i);
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
      </g>
    </ZIndexLayer>
  );
}
