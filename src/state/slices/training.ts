/** Quantization-aware training as the page knows it: the run, and what came of this and earlier ones. No weights. */
import type { ErrorInfo } from '../../base/errors';
import type { QuantSettings } from '../../core/quantize/settings';
import { isBetter } from '../../core/training/selection';
import type { QatSettings } from '../../core/training/settings';
import type { QatProgress, QatResult } from '../../jobs/contract/qat-protocol';

/** Trained weights that jobs can be told to use, and how they came about. */
export interface Trained extends Pick<
  QatResult,
  'id' | 'settings' | 'history' | 'samples' | 'objective' | 'stepMs' | 'notes'
> {
  /** What was quantized without training: what the trained weights are held against. */
  readonly from: QuantSettings;
  readonly training: QatSettings;
  /** The one that was kept, counted from where this run began. */
  readonly epoch: number;
  /** Done to get here, those of runs that this one went on from included. */
  readonly epochs: number;
  /** That they took, without pauses. */
  readonly milliseconds: number;
}

/** One moment of a run. */
export interface TracePoint {
  /** Epochs done, as a fraction. */
  readonly at: number;
  readonly loss: number | null;
  readonly ranges: QatProgress['ranges'];
}

export interface TrainingRun {
  /** stopped: by a person; failed: `error` says why. Both keep the best epoch. */
  readonly state: 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  readonly from: QuantSettings;
  /** The settings when it was started: the outcome replaces these and no others. */
  readonly started: QuantSettings;
  readonly training: QatSettings;
  readonly progress: Omit<QatProgress, 'best'> | null;
  readonly trace: readonly TracePoint[];
  /** Without pauses. */
  readonly milliseconds: number;
  readonly best: Trained | null;
  readonly error: ErrorInfo | null;
}

/** Trained weights of the open model that the browser keeps. */
export interface KeptTraining {
  readonly key: string;
  readonly model: { readonly fingerprint: string; readonly name: string };
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly data: TrainedOn;
  readonly trained: Trained;
}

/** Which samples were evaluated on, and so not trained on. */
export interface TrainedOn {
  readonly name: string;
  readonly samples: number;
  readonly seed: number;
  readonly evaluationSamples: number;
}

export interface TrainingSlice {
  readonly run: TrainingRun | null;
  /** By the name that settings call them. */
  readonly known: Readonly<Record<string, Trained>>;
  readonly kept: readonly KeptTraining[];
  /** Keys of what is kept for this model, but cannot be read. */
  readonly unreadable: readonly string[];
  /** Why nothing is kept for later, or why something kept cannot be taken back. */
  readonly error: ErrorInfo | null;
}

export const NO_TRAINING: TrainingSlice = { run: null, known: {}, kept: [], unreadable: [], error: null };

/** A run that is known by what came of it alone, as after a restore. */
export function pastRun(trained: Trained): TrainingRun {
  const { from, settings, training, history, milliseconds } = trained;
  const epoch = history.length - 1;
  const progress = { epoch, step: 0, steps: 0, loss: null, history, ranges: {} };
  return {
    state: 'done',
    from,
    started: settings,
    training,
    progress,
    trace: [],
    milliseconds,
    best: trained,
    error: null,
  };
}

/** Of two outcomes of the same training on the same data, whether the first validated better, by the rule of training itself. */
export function validatedBetter(a: Trained, b: Trained): boolean {
  const [x, y] = [a, b].map(({ history, epoch }) => history.find((row) => row.epoch === epoch));
  return x !== undefined && y !== undefined && isBetter(x, y, a.samples.validation);
}

/** Points of a trace that are worth keeping: a chart has no more pixels. */
const TRACE_POINTS = 400;

/** A trace one point longer; once it is full, every other point goes. */
export function traced(trace: readonly TracePoint[], point: TracePoint): readonly TracePoint[] {
  const longer = [...trace, point];
  return longer.length > TRACE_POINTS ? longer.filter((_, i) => i % 2 === 0 || i === longer.length - 1) : longer;
}

/** The epoch that its steps say it is in. */
export function epochOf({ progress, training }: TrainingRun): number {
  if (!progress || progress.steps === 0) return 1;
  return Math.min(training.epochs, 1 + Math.floor((progress.step / progress.steps) * training.epochs));
}

export function isUnderWay(run: TrainingRun | null): boolean {
  return run?.state === 'running' || run?.state === 'paused';
}
