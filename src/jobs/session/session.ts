/**
 * What jobs need of a session: what is open, the engines, and what was worked out so far. The class that holds it all
 * (studio-session.ts) builds its caches around this, so none of them has to know the class.
 */
import type { Preprocessing, SampleSource, Split } from '../../core/data/types';
import type { LayerEdit } from '../../core/algorithms/layer';
import type { Graph, OpId } from '../../core/graph/graph';
import type { Judgement, TaskChoice } from '../../core/metrics/guess-task';
import type { Calibration } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { ImageHost } from '../../engine/images/decode';
import type { LiteRtHost } from '../../engine/litert/host';
import type { LiteRt } from '../../engine/litert/runtime';
import type { OnnxRuntimeHost } from '../../engine/onnxruntime/host';
import type { TfjsHost } from '../../engine/tfjs/backend';
import type { TfjsModel } from '../../engine/tfjs/model';
import type { AlgorithmReport, DataSetView, JobControls, ModelView } from '../contract/protocol';
import type { Score } from '../contract/judgement-protocol';
import type { GraphPool, ThreadHost } from '../pool/graph-pool';
import type { SampleReader } from './samples';

/** Names the float model of the session among the graphs of a pool. */
export const FLOAT_MODEL = 'float';

/** Where the engines' binaries are; the only thing that differs between a page and Node. */
export interface JobHost {
  readonly tfjs: TfjsHost;
  readonly litert: () => Promise<LiteRtHost>;
  readonly onnxruntime: OnnxRuntimeHost;
  readonly images: ImageHost;
  /** Threads to run batches on; absent where there is one core. */
  readonly threads?: ThreadHost;
}

export interface OpenModel {
  /** As the file has it. */
  readonly source: Graph;
  /** Batch norm folded, activations fused, cut off before ops that nobody here computes: what is calibrated and quantized. */
  readonly graph: Graph;
  readonly view: ModelView;
}

export interface OpenData {
  readonly source: SampleSource;
  readonly split: Split;
  readonly preprocessing: Preprocessing;
  readonly reader: SampleReader;
  /** What a person chose in place of a guess. */
  readonly task: TaskChoice;
  readonly view: DataSetView;
}

/** The model as the algorithms of some settings, or a training, leave it. */
export interface ModelVariant {
  /** Computes what the file does, in float: errors are measured against it. Ops and activations have the file's names. */
  readonly reference: Graph;
  /** What is quantized: `reference` with learnt weights and biases. */
  readonly graph: Graph;
  /** `graph` before its weights were rounded, where training made them: what single layers are measured in. */
  readonly unrounded?: Graph;
  /** What was learnt, by layer. */
  readonly edits: ReadonlyMap<OpId, LayerEdit>;
  /** Of `graph`. */
  readonly calibration: Calibration;
  readonly reports: readonly AlgorithmReport[];
}

export interface ModelVariants {
  /** Calibration samples that algorithms learn from. */
  readonly fitted: Uint32Array;
  /** Calibration samples that nothing was learnt from; all of them where there are too few to part. */
  readonly heldOut: Uint32Array;
  /**
   * @param onlyFitted calibrates without the held-out samples, for who wants to judge by them
   * @throws RangefinderError 'cancelled', 'invalid-settings'
   */
  of(settings: QuantSettings, controls: JobControls<AlgorithmReport>, onlyFitted?: boolean): Promise<ModelVariant>;
}

/** What settings came to on samples that nothing was learnt from. */
export interface HeldOutScore {
  /** Of the worst output or part of one against float; before the softmax, which hides errors, where one ends in it. */
  readonly sqnrDb: number;
  readonly score: Score;
}

export interface Session {
  readonly host: JobHost;
  /** @throws RangefinderError 'invalid-settings' where none is open */
  readonly model: OpenModel;
  /** @throws RangefinderError 'invalid-data' where none is open */
  readonly data: OpenData;
  readonly hasModel: boolean;
  readonly hasData: boolean;
  /** @throws RangefinderError 'invalid-settings' before there is one */
  calibration: Calibration;
  /** The model, refused where nothing of it can be computed, for which data would be of use. */
  readonly computableModel: OpenModel;
  /** The model, refused where a job cannot work on it or on a file that is quantized already. */
  readonly quantizableModel: OpenModel;
  /** What the open model is judged by on the open data, once `judge` has found it out. */
  judgement: Judgement | undefined;
  /** Trained weights, by the name that settings call them. */
  readonly trainings: Map<string, QatCheckpoint>;
  readonly variants: ModelVariants;
  /** Judgements of simulated configurations on held-out calibration samples, by settings: a search may ask again. */
  readonly measurements: Map<string, HeldOutScore>;
  /** Outputs of the float model by evaluation sample, so that probes and verification need not run it again. */
  readonly floatOutputs: Map<number, Float32Array>;
  /** Outputs of the quantized model by evaluation sample; those of the settings that were simulated last. */
  readonly simulatedOutputs: { of(settings: QuantSettings): Map<number, Float32Array> };
  setModel(model: OpenModel): void;
  setData(data: OpenData): void;
  /** The same data, shown otherwise. */
  setView(view: DataSetView): void;
  /** Starts tfjs; the name of the backend that runs. */
  tfjs(): Promise<string>;
  /** The float model on tfjs, loaded once per open model. */
  float(): Promise<TfjsModel>;
  /**
   * Threads on which {@link float}'s graph is loaded as {@link FLOAT_MODEL}; null where there are none, or so few
   * samples of it are not worth their start. What is made of their answers does not depend on them.
   */
  pool(samples: number): Promise<GraphPool | null>;
  /** The real runtime. A boot that failed (a blocked download) or an instance that aborted is not remembered. */
  runtime(): Promise<LiteRt>;
}
