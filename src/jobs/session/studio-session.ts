/**
 * What a worker (or the command line) holds between jobs: the open model, the open data, what calibration learnt, and the
 * engines, booted on first use. Everything here can be rebuilt from files and the calibration the page keeps.
 */
import { canonicalJson } from '../../base/canonical-json';
import { RangefinderError } from '../../base/errors';
import type { Calibration } from '../../core/quantize/plan';
import { LiteRt } from '../../engine/litert/runtime';
import { initBackend } from '../../engine/tfjs/backend';
import { macCount } from '../../core/graph/summary';
import { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT } from '../../engine/tfjs/simulation';
import type { Judgement } from '../../core/metrics/guess-task';
import type { DataSetView } from '../contract/protocol';
import { GraphPool } from '../pool/graph-pool';
import { FLOAT_MODEL, type HeldOutScore, type JobHost, type OpenData, type OpenModel, type Session } from './session';
import { SimulatedOutputs } from './simulated-outputs';
import { Trainings } from './trainings';
import { Variants } from './variants';

export class StudioSession implements Session {
  private openedModel: OpenModel | undefined;
  private openedData: OpenData | undefined;
  private calibrated: Calibration | undefined;
  private floatModel: TfjsModel | undefined;
  private threads: GraphPool | undefined;
  private liteRt: Promise<LiteRt> | undefined;
  private backend?: Promise<string>;
  judgement: Judgement | undefined;
  readonly trainings = new Trainings((id) => this.forgetTraining(id));
  readonly variants: Variants = new Variants(this);
  readonly measurements = new Map<string, HeldOutScore>();
  readonly floatOutputs = new Map<number, Float32Array>();
  readonly simulatedOutputs = new SimulatedOutputs();

  constructor(readonly host: JobHost) {}

  get model(): OpenModel {
    if (this.openedModel) return this.openedModel;
    throw new RangefinderError({
      code: 'invalid-settings',
      message: 'No model is open.',
      hint: 'Drop a .tflite, ONNX, Keras or TensorFlow.js model first.',
    });
  }

  get data(): OpenData {
    if (this.openedData) return this.openedData;
    throw new RangefinderError({
      code: 'invalid-data',
      message: 'No data is open.',
      hint: 'Drop images, .npy/.npz, IDX or CSV, or go on with random data.',
    });
  }

  get hasModel(): boolean {
    return this.openedModel !== undefined;
  }

  get hasData(): boolean {
    return this.openedData !== undefined;
  }

  get calibration(): Calibration {
    if (this.calibrated) return this.calibrated;
    throw new RangefinderError({
      code: 'invalid-settings',
      message: 'The model has not been calibrated.',
      hint: 'Run calibration before quantizing.',
    });
  }

  set calibration(calibration: Calibration) {
    this.calibrated = calibration;
    this.forgetVariants();
    this.simulatedOutputs.clear();
  }

  /** The model, refused where nothing of it can be computed, for which data would be of use. */
  get computableModel(): OpenModel {
    const { model } = this;
    if (model.view.computable) return model;
    throw new RangefinderError({
      code: 'unsupported-op',
      message: `Nothing of ${model.view.name} can be computed here; it opens for viewing only.`,
      hint: 'Open a model without these operators, or one in which others come before them.',
      details: model.view.uncomputed.map(({ operator, name, reason }) => `${operator} "${name}": ${reason}`),
    });
  }

  /** The model, refused where a job cannot work on it or on a file that is quantized already. */
  get quantizableModel(): OpenModel {
    const model = this.computableModel;
    if (!model.view.alreadyQuantized) return model;
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `${model.view.name} is quantized already and has operators that are not modelled among its integers; it opens for viewing only.`,
      hint: 'Open the float model it was made from to calibrate and quantize it.',
    });
  }

  setModel(model: OpenModel): void {
    this.openedModel = model;
    this.judgement = undefined;
    this.trainings.clear();
    this.calibrated = undefined;
    this.forgetVariants();
    this.forgetFloat();
  }

  setData(data: OpenData): void {
    this.openedData = data;
    this.judgement = undefined;
    this.calibrated = undefined;
    this.forgetVariants();
    this.floatOutputs.clear();
    this.simulatedOutputs.clear();
  }

  setView(view: DataSetView): void {
    this.openedData = { ...this.data, view };
  }

  /** The name of the tfjs backend that runs. */
  tfjs(): Promise<string> {
    this.backend ??= initBackend(this.host.tfjs);
    return this.backend;
  }

  /** The float model on tfjs, loaded once per open model. */
  async float(): Promise<TfjsModel> {
    await this.tfjs();
    this.floatModel ??= TfjsModel.load(this.quantizableModel.graph);
    return this.floatModel;
  }

  async pool(samples: number): Promise<GraphPool | null> {
    const { threads } = this.host;
    const { graph } = this.quantizableModel;
    if (!threads || threads.count < 2 || macCount(graph) * samples < threads.worthwhile) return null;
    if (this.threads) return this.threads;
    const bytes = [...graph.tensors.values()].reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
    const count = Math.min(threads.count, threads.fitting?.(bytes) ?? Infinity);
    if (count < 2) return null;
    this.threads = new GraphPool({ ...threads, count });
    try {
      await this.threads.load(FLOAT_MODEL, graph, FLOAT);
    } catch (thrown) {
      this.forgetThreads();
      throw thrown;
    }
    return this.threads;
  }

  /** The real runtime. A boot that failed (a blocked download) or an instance that aborted is not remembered. */
  async runtime(): Promise<LiteRt> {
    this.liteRt ??= this.host.litert().then((host) => LiteRt.boot(host));
    try {
      const runtime = await this.liteRt;
      if (!runtime.dead) return runtime;
    } catch (cause) {
      this.liteRt = undefined;
      throw cause;
    }
    this.liteRt = undefined;
    return this.runtime();
  }

  dispose(): void {
    this.forgetFloat();
  }

  private forgetThreads(): void {
    this.threads?.dispose();
    this.threads = undefined;
  }

  private forgetVariants(): void {
    this.variants.clear();
    this.measurements.clear();
  }

  /** Other weights go by this name now. */
  private forgetTraining(id: string): void {
    this.variants.forgetTraining(id);
    const named = canonicalJson({ trained: id }).slice(1, -1);
    for (const key of this.measurements.keys()) if (key.includes(named)) this.measurements.delete(key);
    this.simulatedOutputs.clear();
  }

  private forgetFloat(): void {
    this.forgetThreads();
    this.floatModel?.dispose();
    this.floatModel = undefined;
    this.floatOutputs.clear();
    this.simulatedOutputs.clear();
  }
}
