/**
 * Quantization as a library for Node: the jobs of the studio and of the command line, without either. The same seed gives
 * the same numbers in all three.
 */
import { DEFAULT_SPLIT } from '../core/data/defaults';
import type { SourceFile } from '../core/data/types';
import type { InputSizes } from '../core/model-formats/open-sizes';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import { labelFile, modelFiles, sourceFiles } from '../cli/files';
import { nodeHost } from '../cli/node-host';
import type { JobName, Result, Spec } from '../jobs/contract/jobs';
import type { DataSetView, Evaluation, ModelView, Progress, Verification } from '../jobs/contract/protocol';
import { comparedPart } from '../jobs/contract/verify-choice';
import { jobOf } from '../jobs/host/table';
import { buildReport, type Report } from '../jobs/reports/report';
import { StudioSession } from '../jobs/session/studio-session';

export { RangefinderError } from '../base/errors';
export { DEFAULT_SETTINGS };
export type { DataSetView, Evaluation, ModelView, Progress, QuantSettings, Report, SourceFile, Verification };

/** A path on disk, of a file or a folder, or files in memory. */
export type Source = string | readonly SourceFile[];

export interface OpenOptions {
  /** Sizes of dimensions that the model leaves open, by the name that the error gave them. */
  readonly sizes?: InputSizes;
  /** Ends whatever job runs, which then rejects with the code "cancelled". */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface DataOptions {
  /** A path of a file with one label per sample, where the data do not hold them. */
  readonly labels?: string;
  /** Samples to calibrate with. */
  readonly calibrate?: number;
  /** Samples to evaluate with, none of which is calibrated with. */
  readonly evaluate?: number;
  readonly seed?: number;
}

export interface Quantized {
  /** The `.tflite`. */
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly evaluation: Evaluation;
  /** Of the very bytes above, run in LiteRT. */
  readonly verification: Verification;
  /** All of it as versioned JSON. */
  readonly report: Report;
}

/** A model that is open, with the data that were opened for it. Holds engines and memory until it is closed. */
export class OpenModel {
  private readonly session = new StudioSession(nodeHost());
  private readonly timings: Record<string, number> = {};
  private opened: { readonly data: DataSetView; readonly seed: number; calibrated: boolean } | null = null;

  private constructor(
    private readonly options: OpenOptions,
    private modelView: ModelView | null = null,
  ) {}

  /** @internal Use {@link openModel}. */
  static async open(model: Source, options: OpenOptions): Promise<OpenModel> {
    const opened = new OpenModel(options);
    try {
      const files = typeof model === 'string' ? modelFiles(model) : model;
      opened.modelView = await opened.run('openModel', { files, sizes: options.sizes ?? {} });
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** Layers, shapes and what was noted while reading, as plain data. */
  get view(): ModelView {
    return this.modelView!;
  }

  /**
   * Opens samples: a folder or zip of images, `.npy`/`.npz`, IDX or CSV.
   * @throws RangefinderError where they cannot be read or do not fit the model
   */
  async openData(data: Source, options: DataOptions = {}): Promise<DataSetView> {
    const files = typeof data === 'string' ? sourceFiles(data) : data;
    const labels = options.labels === undefined ? {} : { labels: labelFile(options.labels) };
    return this.holding(await this.run('openData', { files, ...labels, ...splitOf(options) }), options);
  }

  /** Seeded noise: enough to make a file and see it run, never to judge its accuracy. */
  async useNoise(options: DataOptions = {}): Promise<DataSetView> {
    return this.holding(await this.run('randomData', splitOf(options)), options);
  }

  /**
   * Calibrates where that was not done, quantizes, evaluates, writes the file and runs it.
   * @param settings what differs from {@link DEFAULT_SETTINGS}
   * @throws RangefinderError where no data are open or the settings cannot be written as a file
   */
  async quantize(settings: Partial<QuantSettings> = {}): Promise<Quantized> {
    const { opened } = this;
    if (!opened) throw new Error('Open data first: openData(path), or useNoise() where there are none.');
    const chosen = { ...DEFAULT_SETTINGS, ...settings };
    if (!opened.calibrated) await this.run('calibrate', {});
    opened.calibrated = true;
    const exported = await this.run('exportFile', { settings: chosen });
    const evaluation = await this.run('evaluate', { settings: chosen });
    const verification = await this.run('verify', { file: exported.bytes, ...comparedPart() });
    const { data, seed } = opened;
    const facts = { model: this.view, data, seed, settings: chosen, exported, evaluation, verification };
    const report = buildReport({ ...facts, sensitivity: undefined, timings: this.timings });
    return { bytes: exported.bytes, fileName: exported.fileName, evaluation, verification, report };
  }

  /** Frees engines and memory. */
  close(): void {
    this.session.dispose();
  }

  private holding(data: DataSetView, { seed = DEFAULT_SPLIT.seed }: DataOptions): DataSetView {
    this.opened = { data, seed, calibrated: false };
    return data;
  }

  private async run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    const { signal = new AbortController().signal, onProgress = () => undefined } = this.options;
    const started = performance.now();
    const result = await jobOf(name)(this.session, spec, { signal, onProgress });
    this.timings[name] = (this.timings[name] ?? 0) + performance.now() - started;
    return result;
  }
}

function splitOf(options: DataOptions) {
  const { calibrate, evaluate, seed = DEFAULT_SPLIT.seed } = options;
  return {
    seed,
    calibrationSamples: calibrate ?? DEFAULT_SPLIT.calibrationSamples,
    evaluationSamples: evaluate ?? DEFAULT_SPLIT.evaluationSamples,
  };
}

/**
 * Opens a model: `.tflite`, `.onnx`, Keras `.keras` or `.h5`, TF.js `model.json` with its shards.
 * @throws RangefinderError that says what is wrong with it, where, and what to do next
 */
export function openModel(model: Source, options: OpenOptions = {}): Promise<OpenModel> {
  return OpenModel.open(model, options);
}

/**
 * From a model and data to a verified file, in one call.
 * @param data files, or 'noise' for values drawn at random
 */
export async function quantize(
  model: Source,
  data: Source,
  settings: Partial<QuantSettings> = {},
  options: OpenOptions & DataOptions = {},
): Promise<Quantized> {
  const opened = await openModel(model, options);
  try {
    if (data === 'noise') await opened.useNoise(options);
    else await opened.openData(data, options);
    return await opened.quantize(settings);
  } finally {
    opened.close();
  }
}
