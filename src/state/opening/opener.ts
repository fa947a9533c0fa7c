/** Everything that opens: samples, files, addresses, random data; and that prepares the open data anew. */
import { readStored } from '../../core/data/stored';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { DataChange, DataSetView } from '../../jobs/contract/protocol';
import { startHistory } from '../history/history';
import { fetchWithShards, type Fetch } from './fetch-files';
import type { Sorted } from './classify';
import { sortFiles, type PickedFile } from './files';
import { fetchSample, fetchSampleIndex } from './sample-list';
import type { PageJobQueue } from '../page-job-queue';
import type { Pipeline } from '../autopilot/pipeline';
import { DEFAULT_CHOICES, splitFor, type ChoicesSlice } from '../slices/choices';
import { NO_DATA } from '../slices/data';
import { withNewBasis } from '../slices/results';
import { NO_RUNS } from '../slices/runs';
import type { Sample } from '../slices/samples';
import { NO_SELECTION } from '../slices/selection';
import { isUnderWay } from '../slices/training';
import { patch, type StudioStore } from '../store';
import { BUDGET } from '../../base/budget';
import { withinTime } from '../../base/time-limit';
import type { WeightReader } from '../results/weight-reader';
import type { Training } from '../training/training';

export interface OpenerOptions {
  readonly fetcher: Fetch;
  /** URL of the page; samples lie beside it. */
  readonly pageUrl: string;
}

interface Intake {
  readonly model: readonly PickedFile[];
  readonly data: readonly PickedFile[];
  readonly sample?: Sample;
  /** Of what the model leaves open. */
  readonly sizes?: InputSizes;
}

/** Where what is open came from: handles, to open it once more. */
export interface Opened {
  readonly model: readonly PickedFile[];
  readonly sizes?: InputSizes | undefined;
  /** null for none, and for random data. */
  readonly data: readonly PickedFile[] | null;
  readonly labels?: PickedFile | undefined;
}

/** Work that was saved, to be taken up where it was left. */
export interface Work extends Opened {
  readonly sample?: Sample | undefined;
  readonly choices: ChoicesSlice;
  readonly random: boolean;
  /** Brings trained weights into the session, before settings name them. */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** Once the model and its choices are there, before anything is computed. */
  readonly prepared?: () => void;
}

export class Opener {
  private waitingData: readonly PickedFile[] | null = null;
  private current: Opened = { model: [], data: null };
  /** What was refused last: it opens once it is told what is missing. */
  private refused: Intake | null = null;
  private turn = 0;
  /** Models that are being opened: data that comes meanwhile is for them. */
  private modelsUnderWay = 0;

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
    private readonly pipeline: Pipeline,
    private readonly training: Training,
    private readonly weights: WeightReader,
    private readonly options: OpenerOptions,
    private readonly warn: (text: string) => void,
    /** Takes files that hold work instead of a model or data; false for any others. */
    private readonly takeWork: (files: readonly PickedFile[]) => Promise<boolean>,
  ) {}

  /**
   * Opens what the page's address asks for, else the default sample; `?sample=none` opens nothing.
   * @param instead opens something else where there is; asked once the samples are known
   */
  async start(instead: () => Promise<boolean> = async () => false): Promise<void> {
    const { searchParams } = new URL(this.options.pageUrl);
    const wanted = searchParams.get('sample');
    let list: readonly Sample[];
    try {
      list = await fetchSampleIndex(this.samplesUrl, this.options.fetcher);
    } catch (thrown) {
      this.warn(`The bundled samples are out of reach: ${toErrorInfo(thrown).message}`);
      return;
    }
    patch(this.store, 'samples', { list });
    if (await instead()) return;
    // A lesson brings its own model and data.
    if (wanted === 'none' || searchParams.has('lesson')) return;
    const sample = list.find(({ id }) => id === wanted) ?? list.find((entry) => entry.default) ?? list[0];
    if (wanted && sample?.id !== wanted)
      this.warn(`There is no sample "${wanted}"; ${sample ? `${sample.title} is open instead.` : 'none is.'}`);
    if (sample) await this.openSample(sample.id);
  }

  async openSample(id: string): Promise<void> {
    const sample = this.store.getState().samples.list.find((entry) => entry.id === id);
    if (!sample) return;
    await this.fetched(sample.title, async () => {
      const { model, data } = await fetchSample(sample, this.samplesUrl, this.options.fetcher);
      return { model, data, sample };
    });
  }

  async sampleFiles(sample: Sample): Promise<Pick<Work, 'model' | 'data'>> {
    return fetchSample(sample, this.samplesUrl, this.options.fetcher);
  }

  /** Files dropped or picked together, told apart by their content. */
  async openFiles(files: readonly PickedFile[] | Promise<readonly PickedFile[]>): Promise<void> {
    await this.fetched('files', async () => {
      const all = await files;
      return (await this.takeWork(all)) ? null : recognized(await sortFiles(all));
    });
  }

  async openUrl(url: string): Promise<void> {
    const remote = { fetcher: this.options.fetcher, ownHost: this.samplesUrl.hostname };
    await this.fetched(url, async () => recognized(await sortFiles(await fetchWithShards(url, remote))));
  }

  /** Opens files already told apart. What is opened last wins, whatever is still on its way from before. */
  async open(intake: Intake): Promise<void> {
    const { model, data, sample, sizes } = intake;
    if (data.length > 0) this.waitingData = null;
    if (model.length === 0 && data.length > 0 && this.modelsUnderWay > 0) {
      this.keepWaiting(data);
      return;
    }
    const turn = ++this.turn;
    if (model.length > 0) this.modelsUnderWay++;
    try {
      await this.standStill();
      if (turn !== this.turn) return;
      if (model.length > 0) {
        const opened = await this.openModel(model, sample, sizes);
        if (turn !== this.turn) return;
        this.refused = opened ? null : intake;
        if (opened) patch(this.store, 'samples', { current: sample?.id ?? null });
        else if (!this.waitingData) {
          // The model before stays, and what was under way on it goes on.
          if (this.store.getState().model.view) await this.pipeline.refresh();
          return;
        }
      }
    } finally {
      if (model.length > 0) this.modelsUnderWay--;
    }
    if (model.length === 0 && data.length === 0) {
      await this.pipeline.refresh();
      return;
    }
    const files = this.waitingData ?? (data.length > 0 ? data : null);
    const computable = this.store.getState().model.view?.computable ?? true;
    if (files) await this.openData(files);
    else if (model.length > 0 && this.store.getState().data.view)
      patch(this.store, 'data', computable ? { fromBefore: true, error: null } : { outdated: true });
    // Data that was open before is still prepared for the model before, where nothing replaced it.
    if (model.length > 0 && this.store.getState().data.error) patch(this.store, 'data', { outdated: true });
    if (turn === this.turn) await this.pipeline.refresh();
  }

  /** Where what is open came from. */
  get opened(): Opened {
    return this.current;
  }

  /** Opens saved work: the model, its trained weights, the choices with their history, and the data as it was prepared. */
  async openWork({ model, sizes, sample, data, labels, random, choices, prepare, prepared }: Work): Promise<boolean> {
    const turn = ++this.turn;
    await this.standStill();
    if (turn !== this.turn || !(await this.openModel(model, sample, sizes)) || turn !== this.turn) return false;
    patch(this.store, 'samples', { current: sample?.id ?? null });
    await prepare?.();
    this.store.setState({ choices });
    prepared?.();
    const split = choices.present.data;
    if (random) await this.loadData('random', 'random data', () => this.jobs.run('randomData', split), split);
    else if (data) {
      const spec = async () => ({
        ...split,
        files: data,
        ...(labels && { labels: (await readStored([labels]))[0] }),
      });
      const isOpen = await this.loadData('real', commonName(data), () => this.jobs.run('openData', spec), split);
      if (isOpen) this.current = { ...this.current, data, labels };
    }
    await this.pipeline.refresh();
    return true;
  }

  /** Opens the model that was refused for leaving sizes open, and the data that came with it. */
  async openWithSizes(sizes: InputSizes): Promise<void> {
    if (this.refused) await this.open({ ...this.refused, sizes });
  }

  /** Shows that something is on its way, and why it did not arrive. */
  private async fetched(title: string, fetchAll: () => Promise<Intake | null>): Promise<void> {
    const turn = ++this.turn;
    patch(this.store, 'model', { opening: title, error: null });
    try {
      const intake = await fetchAll();
      if (turn !== this.turn) return;
      patch(this.store, 'model', { opening: null });
      if (intake) await this.open(intake);
    } catch (thrown) {
      if (turn !== this.turn) return;
      patch(this.store, 'model', { opening: null, error: toErrorInfo(thrown) });
      await this.pipeline.resume();
    }
  }

  async useRandomData(): Promise<void> {
    await this.standStill();
    this.current = { ...this.current, data: null };
    await this.loadData('random', 'random data', (data) => this.jobs.run('randomData', data));
    await this.pipeline.refresh();
  }

  /** Opens the data once more, labelled from a file of its own; data without one that fits stays as it was. */
  async useLabels(labels: PickedFile): Promise<void> {
    const files = this.current.data;
    const { view } = this.store.getState().data;
    if (!files || !view) return;
    await this.standStill();
    await this.loadData('real', view.name, (data) =>
      this.jobs.run('openData', async () => {
        const [labelFile] = await readStored([labels]);
        return { ...data, files, labels: labelFile };
      }),
    );
    this.current = { ...this.current, labels };
    await this.pipeline.refresh();
  }

  /** Nothing may run on a model or data that are about to be replaced; training would keep whoever replaces them waiting. */
  private async standStill(): Promise<void> {
    const isTraining = isUnderWay(this.store.getState().training.run);
    await Promise.all([this.pipeline.stop(), this.training.stop()]);
    if (!isTraining) return;
    const { run } = this.store.getState().training;
    const kept = run?.best
      ? 'its best epoch is kept, and offered again with the same model and data'
      : 'no epoch was done';
    this.warn(`Training ended for what is opened now; ${kept}.`);
  }

  private get samplesUrl(): URL {
    return new URL('samples/', this.options.pageUrl);
  }

  private async openModel(files: readonly PickedFile[], sample?: Sample, sizes?: InputSizes): Promise<boolean> {
    const name = sample?.title ?? files[0].path;
    const { settings } = DEFAULT_CHOICES;
    const { granularity } = sample?.story ?? settings.weights;
    patch(this.store, 'model', { opening: name, error: null });
    try {
      const spec = async () => ({ files: await readStored(files), ...(sizes && { sizes }) });
      const view = await withinTime(BUDGET.readingTime, name, (signal) => this.jobs.run('openModel', spec, { signal }));
      const layer = view.layers.find(({ weight }) => weight)?.id ?? view.layers[0]?.id ?? null;
      this.store.setState(({ results, choices }) => ({
        model: { view, opening: null, error: null },
        // Ranges and kept layers name tensors of the model before; the split is a matter of the data and stays.
        choices: startHistory({
          ...choices.present,
          settings: { ...settings, weights: { ...settings.weights, granularity } },
          data: { ...choices.present.data, preprocessing: undefined },
        }),
        results: withNewBasis(results, false),
        selection: { ...NO_SELECTION, layer },
        runs: NO_RUNS,
      }));
      patch(this.store, 'ui', { tab: sample?.story?.tab ?? 'layer' });
      this.current = { ...this.current, model: files, sizes };
      if (layer !== null) void this.weights.read(layer);
      void this.training.modelOpened();
      return true;
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      patch(this.store, 'model', { opening: null, error: error.code === 'cancelled' ? null : error });
      return false;
    }
  }

  private async openData(files: readonly PickedFile[]): Promise<void> {
    const name = commonName(files);
    if (!this.store.getState().model.view) {
      this.keepWaiting(files);
      return;
    }
    this.waitingData = null;
    const opened = await this.loadData('real', name, (data) =>
      this.jobs.run('openData', async () => ({ ...data, files })),
    );
    if (opened) this.current = { model: this.current.model, sizes: this.current.sizes, data: files };
  }

  private keepWaiting(files: readonly PickedFile[]): void {
    this.waitingData = files;
    patch(this.store, 'data', { waiting: commonName(files), error: null });
  }

  /** The data that was open for the model before is for this one, too; this one's input decides how it is prepared. */
  async keepData(): Promise<void> {
    const { view } = this.store.getState().data;
    if (!view) return;
    await this.standStill();
    const random = view.kind === 'random';
    const kept = await this.loadData(random ? 'random' : 'real', view.name, (data) =>
      this.jobs.run(random ? 'randomData' : 'changeData', data),
    );
    if (!kept) patch(this.store, 'data', { outdated: true });
    await this.pipeline.refresh();
  }

  private async loadData(
    kind: 'random' | 'real',
    name: string,
    open: (data: DataChange) => Promise<DataSetView>,
    exactly?: DataChange,
  ): Promise<boolean> {
    patch(this.store, 'data', { opening: name, waiting: null, error: null });
    const { preprocessing: _guessAgain, ...chosen } = this.store.getState().choices.present.data;
    const split = exactly ?? splitFor(kind, chosen);
    try {
      const view = await open(split);
      this.store.setState(({ results, choices }) => ({
        data: { ...NO_DATA, view },
        results: withNewBasis(results, true),
        choices: { ...choices, present: { ...choices.present, data: split } },
      }));
      return true;
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      patch(this.store, 'data', { opening: null, error: error.code === 'cancelled' ? null : error });
      return false;
    }
  }

  async changeData(data: DataChange): Promise<void> {
    await this.standStill();
    const { view } = this.store.getState().data;
    if (!view) return;
    patch(this.store, 'data', { opening: view.name, error: null });
    try {
      const changed = await this.jobs.run(view.kind === 'random' ? 'randomData' : 'changeData', data);
      this.store.setState(({ results }) => ({
        data: { ...NO_DATA, view: changed },
        results: withNewBasis(results, true),
      }));
    } catch (thrown) {
      patch(this.store, 'data', { opening: null, error: toErrorInfo(thrown), outdated: true });
      return;
    }
    await this.pipeline.refresh();
  }
}

/** @throws RangefinderError 'unknown-format' where nothing of it is a model or data, before anything that runs is stopped for it */
function recognized({ model, data, strangers }: Sorted<PickedFile>): Intake {
  if (model.length > 0 || data.length > 0 || strangers.length === 0) return { model, data };
  throw new RangefinderError({
    code: 'unknown-format',
    message: `“${commonName(strangers)}” is neither a model nor data.`,
    hint: 'Models: .tflite, .onnx, .keras, .h5 or model.json with its shards. Data: images, a zip of them, npy/npz, IDX or CSV.',
  });
}

/** "cifar10" for cifar10/cat/1.jpg and cifar10/dog/2.jpg, the file's name for a single one. */
function commonName(files: readonly PickedFile[]): string {
  const [first, ...rest] = files;
  if (!first) return '';
  if (rest.length === 0) return first.path.slice(first.path.lastIndexOf('/') + 1);
  const top = first.path.split('/')[0];
  return rest.every(({ path }) => path.startsWith(`${top}/`)) ? top : `${files.length} files`;
}
