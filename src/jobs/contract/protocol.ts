/** What jobs take and give, as plain data that crosses threads; jobs.ts says which job takes and gives what. */
import type { LayerFigure } from '../../core/algorithms/algorithm';
import type { ModelCost } from '../../core/cost/model-cost';
import type { StoredFile } from '../../core/data/stored';
import type { DoctorFinding, Preprocessing, SourceFile } from '../../core/data/types';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { DType, OpId, QuantParams, Shape, TensorId } from '../../core/graph/graph';
import type { OpKind } from '../../core/graph/ops/attrs';
import type { Calibration, KeptFloat, QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { WeightStats } from '../../core/calibration/types';
import type { TaskChoice } from '../../core/metrics/guess-task';
import type { Difference } from '../../core/metrics/interval';
import type { Flips, OutputFigures, Score, TaskView } from './judgement-protocol';

export interface Progress {
  /** Named stage, for people: "Calibrating". */
  readonly stage: string;
  /** 0..1 within the job. */
  readonly fraction: number;
  /** Estimated milliseconds left; absent until two batches are done. */
  readonly remainingMs?: number;
}

export interface JobControls<P = never> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Results that are already worth showing, and that are kept when the job is cancelled. */
  readonly onPartial?: (partial: P) => void;
  /** Awaited between batches: a background job waits here while a person's job runs. */
  readonly turn?: () => Promise<void>;
}

// ---- what the page knows of a model -------------------------------------------------------------------------------

export interface TensorView {
  readonly id: TensorId;
  /** Of an input or output, what the file's signature calls it. */
  readonly signatureName?: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly quant?: QuantParams;
}

/** One op of the normalized graph (batch norm folded, activations fused), as a row of the layer list. */
export interface LayerView {
  readonly id: OpId;
  readonly name: string;
  readonly kind: OpKind;
  readonly label: string;
  readonly fusedActivation: string;
  /** The activation tensor this row's activation histogram shows: the op's first output. */
  readonly output: TensorView;
  /** Further outputs, of ops that have several. */
  readonly otherOutputs?: readonly TensorId[];
  readonly inputs: readonly TensorId[];
  /** The quantizable weight, if the op has one. */
  readonly weight?: TensorView & { readonly quantizedDimension: number };
  readonly parameters: number;
  /** For one sample. */
  readonly macs: number;
  readonly rule: 'weighted' | 'recurrent' | 'same-scale' | 'fixed-output' | 'free' | 'float-only' | 'not-applicable';
  readonly floatOnlyReason?: string;
  /** Why nothing is known of its values: it is opaque, or follows an op that is. */
  readonly notComputed?: string;
}

/** An operator that is kept as it is in the file. */
export interface UncomputedView {
  /** "CUSTOM FlexErf" */
  readonly operator: string;
  readonly name: string;
  readonly reason: string;
}

export interface ModelView {
  readonly name: string;
  /** Of its content: the same for the same model opened again. */
  readonly fingerprint: string;
  readonly format: string;
  readonly producer?: string;
  /** Bytes of the files that were opened (a Keras file holds optimizer state, too). */
  readonly fileBytes: number;
  /** Bytes of the same model as a float32 .tflite: the fair baseline for the size reduction. */
  readonly floatBytes: number;
  readonly parameters: number;
  readonly macs: number;
  readonly inputs: readonly TensorView[];
  readonly outputs: readonly TensorView[];
  readonly layers: readonly LayerView[];
  /** The file is quantized already: it opens for viewing, calibrate and quantize refuse it. */
  readonly alreadyQuantized: boolean;
  /** Names of the classes that the file itself gives its output. */
  readonly classNames?: readonly string[];
  /** Operators that are not modelled: they and what follows them are kept as they are and not computed. */
  readonly uncomputed: readonly UncomputedView[];
  /** False where nothing is left besides these. */
  readonly computable: boolean;
  /** Outputs whose values nobody here knows. */
  readonly unknownOutputs: readonly TensorId[];
  readonly notes: readonly string[];
  /** Of NaN and infinity among the constants, a sentence that counts them by tensor. */
  readonly nonFinite?: string;
}

export interface ModelSpec {
  readonly files: readonly SourceFile[];
  /** Of dimensions that the model leaves open, by the names an error gave them. */
  readonly sizes?: InputSizes;
}

// ---- data ----------------------------------------------------------------------------------------------------------

export interface DataSpec {
  readonly files: readonly (SourceFile | StoredFile)[];
  /** Labels kept in a file of their own. */
  readonly labels?: SourceFile;
  /** A set of its own to evaluate on; left out, samples of the one set are held back. */
  readonly evaluation?: { readonly files: readonly (SourceFile | StoredFile)[]; readonly labels?: SourceFile };
  /** Absent: guessed from the model. */
  readonly preprocessing?: Preprocessing | undefined;
  readonly seed: number;
  readonly calibrationSamples: number;
  readonly evaluationSamples: number;
  /** What the model is judged by; guessed where nothing is said. */
  readonly task?: TaskChoice;
}

/** Spec without files: change preprocessing or split of the data already open. */
export type DataChange = Omit<DataSpec, 'files' | 'labels' | 'evaluation'>;

export interface SamplePreview {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  /** RGBA bytes of the raw sample; empty for data that is no image. */
  readonly rgba: Uint8ClampedArray;
  readonly label?: string;
}

export interface DataSetView {
  readonly name: string;
  readonly kind: 'images' | 'array' | 'table' | 'audio' | 'random';
  readonly samples: number;
  readonly sampleShape: readonly number[];
  readonly classNames: readonly string[];
  readonly labelled: boolean;
  readonly calibrationSamples: number;
  readonly evaluationSamples: number;
  readonly preprocessing: Preprocessing;
  readonly preprocessingGuessed: boolean;
  /** The pipeline said in words, and why it was guessed. */
  readonly inWords: string;
  readonly doctor: readonly DoctorFinding[];
  readonly task: TaskView;
  readonly previews: readonly SamplePreview[];
}

// ---- results -------------------------------------------------------------------------------------------------------

/** Distance between a tensor in the float model and in the quantized one. */
export interface LayerError {
  readonly op: OpId;
  readonly tensor: TensorId;
  readonly sqnrDb: number;
  readonly cosine: number;
  readonly rmseOverScale: number;
  readonly maxError: number;
}

export interface Evaluation {
  readonly float: Score;
  /** Simulated: fake-quantized on the float engine. */
  readonly quantized: Score;
  /** Quantized minus float, of the same samples; absent from partial results. */
  readonly difference?: Difference;
  readonly flips: Flips | null;
  /** Why the float model's own answers are to be doubted, for people; null where they are not. */
  readonly floatDoubt: string | null;
  /** Of the worst output or part of one against float, dB. */
  readonly outputSqnrDb: number;
  readonly outputs: readonly OutputFigures[];
  readonly layers: readonly LayerError[];
}

/** alone: one layer is quantized and all others are in float; all-but: one layer is in float and all others are quantized. */
export type SensitivityMode = 'alone' | 'all-but';

export interface LayerSensitivity {
  readonly op: OpId;
  /** Of the metric, in its unit: alone, against the float model; all-but, against the whole quantized one. */
  readonly delta: number;
  /** Of the output against float, dB; before a final softmax, which hides errors, but for the softmax itself. */
  readonly sqnrDb: number;
  /** all-but: how much nearer to float that is than with all layers quantized. */
  readonly gainDb?: number;
  /** Seen so far. */
  readonly samples: number;
}

export interface TensorComparison {
  readonly tensor: TensorId;
  readonly elements: number;
  readonly mismatches: number;
  readonly maxLsb: number;
}

export interface RuntimeCheck {
  /** Which runtime and build, for instance "LiteRT.js 2.5.3 (compat)". */
  readonly name: string;
  readonly profile: string;
  /** Samples that were compared. */
  readonly samples: number;
  /** Samples that the file was scored on, of which these are the first. */
  readonly of: number;
  readonly tensors: readonly TensorComparison[];
  readonly elements: number;
  readonly mismatches: number;
  readonly maxLsb: number;
}

export interface Exported {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly plan: QuantPlan;
  readonly keptFloat: readonly KeptFloat[];
  readonly notes: readonly string[];
}

/** The file in LiteRT against the simulation, on the same samples. */
export interface SimulationCheck {
  /** Of the simulation. */
  readonly score: Score;
  readonly samples: number;
  /** Samples whose predicted class is another one; of outputs that are no classes, those off by more than a step. */
  readonly changed: number;
  /** Largest difference of any output value, in steps of the output. */
  readonly maxSteps: number;
  /** A sentence, where the file scores otherwise than its simulation by more than chance explains. */
  readonly parting?: string;
}

/** What became of running a whole file of which only a part can be computed here. */
export interface DeliveredRun {
  readonly ran: boolean;
  /** Whether all its outputs were numbers. */
  readonly finite: boolean;
  /** A sentence. */
  readonly inWords: string;
}

export interface Verification {
  readonly file: Score;
  readonly float: Score;
  /** File minus float, of the same samples. */
  readonly difference: Difference;
  readonly flips: Flips | null;
  readonly outputs: readonly OutputFigures[];
  readonly runtime: RuntimeCheck;
  /** Where the file holds more than what was scored and compared: whether it runs as a whole. */
  readonly delivered?: DeliveredRun;
  /** Where the settings were given that the file was made with. */
  readonly simulation?: SimulationCheck;
  /** Median milliseconds of one inference in LiteRT.js in this process, batch 1; both files were timed in turns. Null: not measured. */
  readonly latencyMs: {
    readonly float: number | null;
    readonly quantized: number | null;
    readonly spread?: { readonly float: Latency; readonly quantized: Latency };
  };
}

/** Milliseconds of one inference: the median of several rounds and the quartiles around it. */
export interface Latency {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Detail of one layer's weights for the histogram and the per-channel strip. */
export interface WeightDetail {
  readonly op: OpId;
  readonly tensor: TensorId;
  readonly stats: WeightStats;
}

/** What one algorithm did, layer by layer; `ALGORITHMS` says what its figures mean. */
export interface AlgorithmReport {
  /** Row of the algorithm table. */
  readonly algorithm: string;
  readonly layers: readonly LayerFigure[];
  readonly notes: readonly string[];
}

/** The model as the algorithms of some settings leave it. */
export interface VariantView {
  /** Of the changed model: histograms and ranges to show while these algorithms are on. */
  readonly calibration: Calibration;
  readonly reports: readonly AlgorithmReport[];
}

/** One decision of the recommended pipeline. Figures are the output's SQNR against float, dB, on held samples. */
export interface ImproveStep {
  readonly step:
    'equalization' | 'levelling' | 'absorption' | 'smoothing' | 'weight-ranges' | 'rounding' | 'activation-ranges';
  readonly label: string;
  /** The best candidate, in words. */
  readonly choice: string;
  readonly kept: boolean;
  readonly before: number;
  readonly after: number;
  readonly why: string;
  /** All candidates. */
  readonly tried: readonly { readonly label: string; readonly sqnrDb: number }[];
}

export interface Improvement {
  /** To be taken over as one edit; equal to those given where nothing helped. */
  readonly settings: QuantSettings;
  readonly steps: readonly ImproveStep[];
  /** Held calibration samples, which nothing was learnt from; evaluation samples are not touched. */
  readonly samples: number;
  readonly before: { readonly sqnrDb: number; readonly score: Score };
  readonly after: { readonly sqnrDb: number; readonly score: Score };
  readonly float: Score;
}

export interface CostComparison {
  readonly float: ModelCost;
  /** As these settings quantize it. */
  readonly planned: ModelCost;
  /** All of it in FP8 E4M3: as many bits as INT8, other arithmetic. */
  readonly fp8: ModelCost;
}
