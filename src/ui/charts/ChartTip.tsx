import type { Point, Series } from './chart';
import { LegendKey } from './Legend';

interface Props {
  readonly point: Point | undefined;
  readonly series: readonly Series[];
  readonly text: (value: number) => string;
}

/** What a chart says about the point that is pointed at or reached by the keyboard. */
export function ChartTip({ point, series, text }: Props) {
  if (!point) return null;
  const lines = series.flatMap((row, i) => {
    const value = point.values[i] ?? null;
    const words = point.texts ? (point.texts[i] ?? null) : value === null ? null : text(value);
    return words === null ? [] : [{ ...row, words }];
  });
  return (
    <div className="chart-tip" aria-live="polite">
      <strong>{point.name}</strong>
      {lines.map(({ id, label, of, look, words }) => (
        <span key={id}>
          {series.length > 1 && (
            <>
              <LegendKey of={of} look={look} /> {label}{' '}
            </>
          )}
          {words}
        </span>
      ))}
    </div>
  );
}
