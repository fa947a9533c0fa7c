/** The curves of a training run, as points and paths: the arithmetic, without any drawing. */
import type { EpochFigures } from '../../../jobs/contract/qat-protocol';
import type { TracePoint } from '../../../state/slices/training';
import { ticks } from '../../charts/geometry';

export type Point = readonly [epoch: number, value: number];

export interface Curve {
  readonly id: 'steps' | 'train' | 'validation';
  readonly label: string;
  readonly points: readonly Point[];
}

/** A level to hold curves against. */
export interface Level {
  readonly id: 'float' | 'untrained';
  readonly label: string;
  readonly value: number;
}

const points = (history: readonly EpochFigures[], of: (row: EpochFigures) => number | null): Point[] =>
  history.flatMap((row) => {
    const value = of(row);
    return value === null ? [] : [[row.epoch, value] as const];
  });

/** Validation by epoch from the untrained model on; the training loss as it runs, step by step, while it is known. */
export function lossCurves(history: readonly EpochFigures[], trace: readonly TracePoint[]): Curve[] {
  const steps = trace.flatMap(({ at, loss }) => (loss === null ? [] : [[at, loss] as const]));
  const running: Curve = { id: 'steps', label: 'train, last steps', points: steps };
  return [
    ...(steps.length > 0 ? [running] : []),
    // An epoch's mean belongs to its middle.
    { id: 'train', label: 'train', points: points(history, (row) => row.trainLoss).map(([x, y]) => [x - 0.5, y]) },
    { id: 'validation', label: 'validation', points: points(history, (row) => row.validationLoss) },
  ];
}

/** Shares of right answers; none where there is nothing to count. */
export function accuracyCurves(history: readonly EpochFigures[]): Curve[] {
  const train = points(history, (row) => row.trainAccuracy).map(([x, y]): Point => [x - 0.5, y]);
  const validation = points(history, (row) => row.validationAccuracy);
  if (validation.length === 0) return [];
  return [
    { id: 'train', label: 'train', points: train },
    { id: 'validation', label: 'validation', points: validation },
  ];
}

export interface Plane {
  readonly x: (epoch: number) => number;
  readonly y: (value: number) => number;
  readonly yTicks: readonly number[];
  readonly xTicks: readonly number[];
}

interface Box {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

/** Everything in view, with a margin; never beyond `limits`. */
export function planeOf(
  curves: readonly Curve[],
  levels: readonly Level[],
  epochs: number,
  limits: readonly [low: number, high: number],
  { width, height, left, top, bottom }: Box,
): Plane {
  const values = [...curves.flatMap(({ points }) => points.map(([, y]) => y)), ...levels.map(({ value }) => value)];
  const known = values.filter(Number.isFinite);
  const [low, high] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const margin = 0.08 * (high - low) || 0.05 * Math.abs(high) || 0.5;
  const lo = Math.max(limits[0], low - margin);
  const hi = Math.min(limits[1], high + margin);
  const plot = { width: width - left - 8, height: height - top - bottom };
  return {
    x: (epoch) => left + (epoch / Math.max(1, epochs)) * plot.width,
    y: (value) => top + (1 - (value - lo) / (hi - lo)) * plot.height,
    yTicks: ticks({ lo, hi }, 4),
    xTicks: ticks({ lo: 0, hi: Math.max(1, epochs) }, Math.min(Math.max(1, epochs), plot.width / 40)).filter(
      Number.isInteger,
    ),
  };
}

export function curvePath(points: readonly Point[], { x, y }: Plane): string {
  const known = points.filter(([, value]) => Number.isFinite(value));
  return known.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
}
