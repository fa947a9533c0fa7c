import { lazy, Suspense, useCallback, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { ChartData } from './chart';
import { useIdleSteps, useIdleValue } from './idle';
import { Legend, type LegendItem } from './Legend';
import { useWidth } from './use-width';
import './charts.css';

const Plot = lazy(() => import('./Plot'));

interface Props {
  readonly data: ChartData;
  /** Says in words what it shows; the same figures stand in a table or a list nearby. */
  readonly label: string;
  readonly height: number;
  readonly title?: ReactNode;
  /** Labels of the legend that say more than the name of the series. */
  readonly legend?: readonly LegendItem[];
  /** A click on a point, or Enter where the keyboard stepped to it. */
  readonly onPick?: (index: number) => void;
  readonly onShow?: (index: number | null) => void;
  /** Drawn over the points, with keys of its own instead of steps by arrow keys. */
  readonly over?: ReactNode;
}

/**
 * Every chart that is not dragged: names of the axes with their units, a legend where there are two series, a tooltip at
 * the pointer, arrow keys that step through the points. Recharts draws it, which is loaded and first drawn when the page is
 * idle; its place is kept until then.
 */
export function Chart({ data, label, height, title, legend, onPick, onShow, over }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const ready = useIdleSteps(1) > 0;
  const shown = useIdleValue(data);
  const active = useRef<number | null>(null);
  const show = useCallback(
    (index: number | null) => {
      active.current = index;
      onShow?.(index);
    },
    [onShow],
  );
  const pick = () => active.current !== null && onPick?.(active.current);
  const items = legend ?? legendOf(data);
  return (
    <figure className="chart">
      {(title !== undefined || items.length > 1) && (
        <figcaption>
          {title !== undefined && <b>{title}</b>}
          {items.length > 1 && <Legend items={items} />}
        </figcaption>
      )}
      <p className="axis-name">{data.y.name}</p>
      <div
        ref={box}
        className="chart-plot"
        style={{ height }}
        data-pickable={onPick !== undefined}
        onClick={pick}
        onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && over === undefined && pick()}
      >
        {ready && width > 0 && (
          <Suspense fallback={null}>
            <Plot {...shown} label={label} width={width} height={height} onShow={show} stepped={over === undefined}>
              {over}
            </Plot>
          </Suspense>
        )}
      </div>
      <p className="axis-name along">{data.x.name}</p>
    </figure>
  );
}

function legendOf({ series, levels = [] }: ChartData): LegendItem[] {
  const all = [...series, ...levels].map(({ id, label, of, look }) => ({ id, label, of, look }));
  // Both ends of a range have one name.
  return all.filter(({ label }, i) => all.findIndex((other) => other.label === label) === i);
}
