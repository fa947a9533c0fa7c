/** Scores and how sure they are, as plain data. */
import type { TaskId } from '../../core/metrics/tasks';
import type { MetricName } from '../../core/metrics/table';
import type { Interval } from '../../core/metrics/interval';

export interface Score {
  readonly metric: MetricName;
  readonly value: number;
  readonly top5?: number;
  readonly samples: number;
  /** At 95 %; absent where it was not asked for. */
  readonly interval?: Interval;
  /** Every figure of the task, the headline among them. */
  readonly figures?: Readonly<Partial<Record<MetricName, number>>>;
  /** Of those figures that have one. */
  readonly intervals?: Readonly<Partial<Record<MetricName, Interval>>>;
}

export interface Answer {
  /** Index of a class; NaN where the output holds NaN. */
  readonly answer: number;
  /** 0 … 1 */
  readonly confidence: number;
}

/** A sample that is answered otherwise than in float. */
export interface Flip {
  readonly sample: number;
  readonly label?: number;
  readonly float: Answer;
  readonly quantized: Answer;
}

export interface Flips {
  /** Samples looked at. */
  readonly n: number;
  readonly changed: number;
  /** Right in float and wrong quantized; with labels only. */
  readonly wrongNow?: number;
  /** The other way round. */
  readonly fixed?: number;
  /** The first some hundred of those changed. */
  readonly samples: readonly Flip[];
  /** Of labelled samples of a few classes. */
  readonly confusion?: Confusion;
}

/** How many samples of each class were given each answer: row by row, a row a label, a column an answer. */
export interface Confusion {
  readonly classes: number;
  readonly float: readonly number[];
  readonly quantized: readonly number[];
}

/** What one output, a part of it or a column of it does against float. */
export interface OutputFigures {
  readonly name: string;
  /** Position among the model's judged outputs. */
  readonly output: number;
  /** Of a part: where along which axis (without the batch) it stands. */
  readonly slice?: { readonly axis: number; readonly from: number; readonly to: number };
  readonly column?: number;
  readonly task: TaskId;
  readonly metric: MetricName;
  /** Samples. */
  readonly n: number;
  readonly float: number;
  readonly quantized: number;
  /** Absent for figures that are not finite. */
  readonly interval: { readonly float?: Interval; readonly quantized?: Interval };
  readonly sqnrDb: number;
  readonly cosine: number;
  readonly rmse: number;
  readonly maxError: number;
}

/** The task that scores are of. */
export interface TaskView {
  readonly id: TaskId;
  readonly metric: MetricName;
  /** The others that may be chosen. */
  readonly metrics: readonly MetricName[];
  /** Why it was taken for this, for people. */
  readonly inWords: string;
}
