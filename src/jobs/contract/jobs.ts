/**
 * The jobs a worker does, one row each: what goes in, what comes out, what is reported on the way, what people read while
 * it runs, how it is scheduled, and how its outcome survives the worker. The page, the command line and the tests all
 * speak this. The functions stand in host/table.ts, which only workers import; the compiler refuses a row without one.
 */
import type { AccumulatorId } from '../../core/cost/mac';
import type { OpId } from '../../core/graph/graph';
import type { Calibration, QuantizedPart, QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { Diagnosis } from './diagnosis-protocol';
import type { FormOffer, FormResult, FormSpec } from './form-protocol';
import type {
  AlgorithmReport,
  CostComparison,
  DataChange,
  DataSetView,
  DataSpec,
  Evaluation,
  Exported,
  Improvement,
  LayerSensitivity,
  ModelSpec,
  ModelView,
  SensitivityMode,
  VariantView,
  SamplePreview,
  Verification,
  WeightDetail,
} from './protocol';
import type { Score } from './judgement-protocol';
import type { QatProgress, QatResult, QatSpec } from './qat-protocol';
import type { RuntimeComparison, RuntimeSpec } from './runtime-protocol';
import type { SearchResult, SearchSpec } from './search-protocol';

/**
 * exclusive: replaces what others read, so it runs alone. foreground: a person waits for it. background: it gives way,
 * between batches, to whatever a person waits for.
 */
export type Scheduling = 'exclusive' | 'foreground' | 'background';

/** What a worker holds that jobs change, in the order in which a fresh worker has to be told. */
export const REPLAY_SLOTS = ['model', 'data', 'preprocessing', 'calibration', 'training'] as const;
export type ReplaySlot = (typeof REPLAY_SLOTS)[number];

/** Jobs that hand over a result instead of working it out again. */
export type Restoring =
  | { readonly name: 'restoreCalibration'; readonly source: { readonly calibration: Calibration } }
  | { readonly name: 'restoreTraining'; readonly source: TrainingRestored };

interface TrainingRestored {
  readonly id: string;
  readonly checkpoint: QatCheckpoint;
}

/** How what a job did is done again in a fresh worker. */
export interface Replay<S, P, R> {
  /** What it fills. A training joins the others, under its name; anything else replaces what was there. */
  readonly slot: ReplaySlot;
  /** What it makes void. */
  readonly clears?: readonly ReplaySlot[];
  /** Hands over the result; where absent, the job is run again with the same spec. */
  readonly restore?: (result: R, spec: S) => Restoring;
  /** What a partial result is worth: `when` says whether it counts as it arrives or only where the job is cancelled. */
  readonly partial?: {
    readonly when: 'arrived' | 'cancelled';
    readonly restore: (partial: P) => Restoring | null;
  };
}

export interface JobRow<S, R, P = never> {
  /** What it does, for people, before it names a stage itself. */
  readonly title: string;
  readonly scheduling: Scheduling;
  /** null: it leaves nothing in the worker that could not be worked out again. */
  readonly replay: Replay<S, P, R> | null;
  /** Carries the types; there is no such value. */
  readonly types?: { readonly spec: S; readonly result: R; readonly partial: P };
}

/** @typeParam P what is reported on the way; nothing where left out */
const job = <S, R, P = never>(row: JobRow<S, R, P>): JobRow<S, R, P> => row;

export const JOBS = {
  /** Replaces the open model. Data already open is kept and checked against it by the next job. */
  openModel: job<ModelSpec, ModelView>({
    title: 'Opening the model',
    scheduling: 'exclusive',
    replay: { slot: 'model', clears: ['calibration', 'training'] },
  }),
  openData: job<DataSpec, DataSetView>({
    title: 'Opening the data',
    scheduling: 'exclusive',
    replay: { slot: 'data', clears: ['preprocessing', 'calibration'] },
  }),
  changeData: job<DataChange, DataSetView>({
    title: 'Preparing the data',
    scheduling: 'exclusive',
    replay: { slot: 'preprocessing', clears: ['calibration'] },
  }),
  /** Seeded noise in the input's likely range, for a model without data. */
  randomData: job<DataChange, DataSetView>({
    title: 'Making random data',
    scheduling: 'exclusive',
    replay: { slot: 'data', clears: ['preprocessing', 'calibration'] },
  }),
  /** What samples look like, by their index in the data. */
  samplePictures: job<{ readonly samples: readonly number[] }, readonly SamplePreview[]>({
    title: 'Reading samples',
    scheduling: 'background',
    replay: null,
  }),
  /** A cancelled calibration is still worth what it saw. */
  calibrate: job<{ readonly batchSize?: number }, Calibration, Calibration>({
    title: 'Calibrating',
    scheduling: 'exclusive',
    replay: {
      slot: 'calibration',
      restore: calibrationRestored,
      partial: { when: 'cancelled', restore: calibrationRestored },
    },
  }),
  /** Hands a calibration kept by the page to a restarted worker. */
  restoreCalibration: job<{ readonly calibration: Calibration }, null>({
    title: 'Restoring the calibration',
    scheduling: 'exclusive',
    replay: { slot: 'calibration' },
  }),
  /** Of the model as the algorithms of `settings` leave it; of the file's where left out. */
  inspectWeights: job<{ readonly op: OpId; readonly settings?: QuantSettings }, WeightDetail>({
    title: 'Reading the weights',
    scheduling: 'background',
    replay: null,
  }),
  /**
   * Applies `settings.algorithms`, ahead of the jobs that need their result: learning takes up to a minute, and its
   * result is kept. Partials come as layers are done.
   */
  applyAlgorithms: job<{ readonly settings: QuantSettings }, VariantView, AlgorithmReport>({
    title: 'Applying algorithms',
    scheduling: 'foreground',
    replay: null,
  }),
  /** Finds the algorithms and estimators that help, step by step; a cancelled one keeps its last partial, a whole result. */
  improve: job<{ readonly settings: QuantSettings; readonly iterations?: number }, Improvement, Improvement>({
    title: 'Improving',
    scheduling: 'foreground',
    replay: null,
  }),
  /**
   * Trains the quantized model. Where it is cancelled, diverges or fails, the last partial holds the best so far, and the
   * session knows it by its id as well. The best epoch outlives its worker, too.
   */
  qat: job<QatSpec, QatResult, QatProgress>({
    title: 'Training',
    scheduling: 'background',
    replay: {
      slot: 'training',
      restore: trainingRestored,
      partial: { when: 'arrived', restore: ({ best }) => (best ? trainingRestored(best) : null) },
    },
  }),
  /** Hands trained weights kept by the page to a restarted worker. */
  restoreTraining: job<TrainingRestored, null>({
    title: 'Restoring the trained weights',
    scheduling: 'foreground',
    replay: { slot: 'training', restore: (_, spec) => trainingRestored(spec) },
  }),
  /** Finds a format for each layer; every partial is a whole result, and a cancelled search keeps its last. */
  searchPrecision: job<SearchSpec, SearchResult, SearchResult>({
    title: 'Searching for precisions',
    scheduling: 'background',
    replay: null,
  }),
  /** What one inference costs in memory and arithmetic, from shapes and formats alone. */
  cost: job<{ readonly settings: QuantSettings; readonly accumulator: AccumulatorId }, CostComparison>({
    title: 'Counting the cost',
    scheduling: 'background',
    replay: null,
  }),
  /** Scale and zero point of every tensor under these settings. */
  plan: job<{ readonly settings: QuantSettings }, QuantPlan>({
    title: 'Planning',
    scheduling: 'foreground',
    replay: null,
  }),
  evaluate: job<{ readonly settings: QuantSettings; readonly samples?: number }, Evaluation, Evaluation>({
    title: 'Evaluating',
    scheduling: 'foreground',
    replay: null,
  }),
  /**
   * Layer by layer, most costly first; partials come layer by layer and then get more accurate. `mode` is alone and
   * `part` is both where left out.
   */
  sensitivity: job<
    {
      readonly settings: QuantSettings;
      readonly samples: number;
      readonly mode?: SensitivityMode;
      readonly part?: QuantizedPart;
    },
    readonly LayerSensitivity[],
    readonly LayerSensitivity[]
  >({ title: 'Measuring each layer', scheduling: 'background', replay: null }),
  /** Why the model is worse than in float, and what helps; partials are what is known so far, as much as it is. */
  diagnose: job<{ readonly settings: QuantSettings }, Diagnosis, Diagnosis>({
    title: 'Diagnosing',
    scheduling: 'background',
    replay: null,
  }),
  /** Accuracy of the quantized file on the first `samples` of the evaluation split: what a drag shows. */
  probe: job<{ readonly settings: QuantSettings; readonly samples: number }, Score>({
    title: 'Estimating the accuracy',
    scheduling: 'foreground',
    replay: null,
  }),
  exportFile: job<{ readonly settings: QuantSettings }, Exported>({
    title: 'Writing the file',
    scheduling: 'foreground',
    replay: null,
  }),
  /** Writes the model in one of the forms a file can have, and runs the file in its own runtime. */
  /** The answers of a file on another runtime, by its arithmetic. */
  compareRuntimes: job<RuntimeSpec, RuntimeComparison>({
    title: 'Comparing runtimes',
    scheduling: 'foreground',
    replay: null,
  }),
  /** Which forms there are under these settings, and why the others are not. */
  formOffers: job<{ readonly settings: QuantSettings }, readonly FormOffer[]>({
    title: 'Looking at the forms of the file',
    scheduling: 'foreground',
    replay: null,
  }),
  exportForm: job<FormSpec, FormResult>({ title: 'Writing the file', scheduling: 'foreground', replay: null }),
  /**
   * Runs an exported file in LiteRT.js on the evaluation split and compares it with the integer reference. `settings` are
   * those the file was made with, to hold its predictions against the simulation's.
   */
  verify: job<
    {
      readonly file: Uint8Array;
      readonly samples?: number;
      /** Compared tensor by tensor with the integer reference, at most. */
      readonly compareSamples: number;
      /** Milliseconds after which no further sample is compared; the first is, whatever it takes. */
      readonly compareBudget?: number;
      readonly settings?: QuantSettings;
      /** Leaves out the measurement of speed, so that the outcome is the same wherever the job is done. */
      readonly untimed?: boolean;
    },
    Verification
  >({ title: 'Verifying the file', scheduling: 'foreground', replay: null }),
};

export type JobName = keyof typeof JOBS;
type Types<N extends JobName> = NonNullable<(typeof JOBS)[N]['types']>;
export type Spec<N extends JobName> = Types<N>['spec'];
export type PartialResult<N extends JobName> = Types<N>['partial'];
export type Result<N extends JobName> = Types<N>['result'];

/** The row of one name. TypeScript cannot see through the indexed access that it has this type. */
export function rowOf<N extends JobName>(name: N): JobRow<Spec<N>, Result<N>, PartialResult<N>> {
  return JOBS[name] as unknown as JobRow<Spec<N>, Result<N>, PartialResult<N>>;
}

function calibrationRestored(calibration: Calibration): Restoring {
  return { name: 'restoreCalibration', source: { calibration } };
}

function trainingRestored({ id, checkpoint }: TrainingRestored): Restoring {
  return { name: 'restoreTraining', source: { id, checkpoint } };
}
