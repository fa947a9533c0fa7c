/** What a chart shows, as data: every panel describes its chart so, and one component draws them all. */
import type { Axis } from './axis';
import type { LegendItem } from './Legend';

export interface Series {
  readonly id: string;
  /** In the legend, where there is one, and in the tooltip. */
  readonly label: string;
  /** Its colour. Float is blue, PTQ orange, QAT green, in every chart. */
  readonly of: LegendItem['of'];
  /** Its stroke, so that colour is never alone; bars are filled (`line`) or outlined (`area`). */
  readonly look: LegendItem['look'];
  /** `steps` hold their value until the next point; `bars` and `area` stand on the ground; `points` are not joined. */
  readonly draw: 'bars' | 'line' | 'steps' | 'area' | 'points';
  /** A dot at each point: where points are few and far apart. */
  readonly dots?: boolean;
}

/** One place along the x axis. */
export interface Point {
  readonly x: number;
  /** What the place is called in the tooltip. */
  readonly name: string;
  /** By series, in their order; null where nothing is known. */
  readonly values: readonly (number | null)[];
  /** The values in words, where the axis does not say them well enough. */
  readonly texts?: readonly (string | null)[];
  /** Stands out, as the chosen layer does. */
  readonly marked?: boolean;
}

/** A level or a limit to hold values against. */
export interface Level {
  readonly id: string;
  readonly label: string;
  readonly of: LegendItem['of'];
  readonly look: 'dashed' | 'dotted';
  readonly along: 'x' | 'y';
  readonly value: number;
}

export interface ChartData {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
  readonly levels?: readonly Level[];
}

/** Series that share points by their x: what is not known at another's place is left open there. */
export function mergedPoints(
  curves: readonly (readonly (readonly [x: number, value: number])[])[],
  name: (x: number) => string,
): Point[] {
  const rows = new Map<number, (number | null)[]>();
  curves.forEach((curve, i) => {
    for (const [x, value] of curve) {
      if (!Number.isFinite(value)) continue;
      const row = rows.get(x) ?? curves.map(() => null);
      row[i] = value;
      rows.set(x, row);
    }
  });
  return [...rows].sort(([a], [b]) => a - b).map(([x, values]) => ({ x, name: name(x), values }));
}
