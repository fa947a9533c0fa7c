/** The curves of a training run, as points: the arithmetic, without any drawing. */
import type { EpochFigures } from '../../../jobs/contract/qat-protocol';
import type { TracePoint } from '../../../state/slices/training';

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

/** "epoch 2", or how far into one: "epoch 1.25". */
export function epochText(at: number): string {
  return at === 0 ? 'before training' : `epoch ${Number(at.toFixed(2))}`;
}
