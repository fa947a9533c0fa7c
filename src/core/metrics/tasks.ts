/** What a model is for, as far as judging it goes, and the figures that each task is judged by. */
import {
  keywordCounts,
  meanIntersectionOverUnion,
  microF1,
  rightAmongFive,
  rightAnswers,
  rightPositions,
  sameAnswers,
  samePositions,
  type Reading,
} from './answers';
import type { Collector } from './collector';
import { AveragePrecisionCollector } from './detection/average-precision';
import type { Detection } from './detection/boxes';
import { RocCollector } from './roc';
import type { MetricName } from './table';
import {
  explainedVariance,
  meanAbsoluteError,
  meanCosine,
  reconstructionError,
  RetrievalCollector,
  rootMeanSquaredError,
  signalToNoise,
} from './values';

/** What figures of a part need to know of it. */
export interface Judged {
  readonly reading: Reading;
  /** Values of one sample. */
  readonly size: number;
  /** Whether samples come with what they should give. */
  readonly labelled: boolean;
  /** Of detectors: boxes of the whole row. */
  readonly detect?: (row: Float32Array) => readonly Detection[];
  /** Of a whole row that is several parts, the worst of which counts: these. */
  readonly parts?: { readonly count: number; readonly of: (row: Float32Array) => readonly Float32Array[] };
  /** Of keyword spotting: the class that stands for no keyword, and from which score on one is heard. */
  readonly keyword?: { readonly background: number; readonly threshold: number };
}

export interface TaskRow {
  readonly label: string;
  /** The headline first. */
  readonly metrics: (judged: Judged) => readonly MetricName[];
  /** Whether each sample has one answer that can flip. */
  readonly answers: 'sample' | 'many' | 'none';
}

/** Columns whose variance is looked at each by itself. */
const MOST_COLUMNS = 256;

export const TASKS = {
  classification: {
    label: 'Classification',
    metrics: ({ labelled, reading }) => [
      ...(labelled ? (['top1'] as const) : []),
      'agreement',
      ...(labelled && reading.classes > 5 ? (['top5'] as const) : []),
    ],
    answers: 'sample',
  },
  'multi-label': {
    label: 'Multi-label classification',
    metrics: ({ labelled }) => (labelled ? ['f1', 'label-accuracy', 'label-agreement'] : ['label-agreement']),
    answers: 'many',
  },
  positions: {
    label: 'Classification of each position',
    metrics: ({ labelled }) =>
      labelled ? ['position-accuracy', 'mean-iou', 'position-agreement'] : ['position-agreement'],
    answers: 'many',
  },
  regression: {
    label: 'Regression',
    metrics: ({ labelled, size }) => [
      ...(labelled && size <= MOST_COLUMNS ? (['r2'] as const) : []),
      ...(labelled ? (['rmse', 'mae'] as const) : []),
      'sqnr',
    ],
    answers: 'none',
  },
  embedding: {
    label: 'Embedding',
    metrics: () => ['cosine', 'retrieval', 'sqnr'],
    answers: 'none',
  },
  anomaly: {
    label: 'Reconstruction, for anomalies',
    metrics: ({ labelled }) => (labelled ? ['auc', 'partial-auc', 'sqnr'] : ['sqnr']),
    answers: 'none',
  },
  detection: {
    label: 'Object detection',
    metrics: ({ labelled }) => (labelled ? ['map', 'map50', 'sqnr'] : ['sqnr']),
    answers: 'none',
  },
  keyword: {
    label: 'Streaming keyword spotting',
    metrics: ({ labelled }) => (labelled ? ['keyword', 'misses', 'false-accepts', 'agreement'] : ['agreement']),
    answers: 'sample',
  },
  fidelity: {
    label: 'Likeness to the float model',
    metrics: () => ['sqnr'],
    answers: 'none',
  },
} satisfies Readonly<Record<string, TaskRow>>;

export type TaskId = keyof typeof TASKS;
export const TASK_IDS = Object.keys(TASKS) as [TaskId, ...TaskId[]];

export function taskOf(id: TaskId): TaskRow {
  return TASKS[id];
}

const PARTIAL = 0.1;

const COLLECTORS: Readonly<Record<MetricName, (judged: Judged) => Collector>> = {
  top1: ({ reading }) => rightAnswers(reading),
  top5: () => rightAmongFive(),
  agreement: ({ reading }) => sameAnswers(reading),
  'label-accuracy': ({ reading }) => rightPositions(reading),
  'label-agreement': ({ reading }) => samePositions(reading),
  f1: ({ reading }) => microF1(reading),
  'position-accuracy': ({ reading }) => rightPositions(reading),
  'position-agreement': ({ reading }) => samePositions(reading),
  'mean-iou': ({ reading }) => meanIntersectionOverUnion(reading),
  mae: () => meanAbsoluteError(),
  rmse: () => rootMeanSquaredError(),
  r2: ({ size }) => explainedVariance(size),
  cosine: () => meanCosine(),
  retrieval: ({ labelled }) => new RetrievalCollector(labelled),
  auc: () => new RocCollector(reconstructionError),
  'partial-auc': () => new RocCollector(reconstructionError, PARTIAL),
  map: ({ detect }) => new AveragePrecisionCollector(detect!),
  map50: ({ detect }) => new AveragePrecisionCollector(detect!, [0.5]),
  keyword: ({ keyword }) => keywordCounts('keyword', keyword!.background, keyword!.threshold),
  misses: ({ keyword }) => keywordCounts('misses', keyword!.background, keyword!.threshold),
  'false-accepts': ({ keyword }) => keywordCounts('false-accepts', keyword!.background, keyword!.threshold),
  sqnr: ({ parts }) => (parts ? signalToNoise(parts.count, parts.of) : signalToNoise()),
};

export function collectorOf(metric: MetricName, judged: Judged): Collector {
  return COLLECTORS[metric](judged);
}
