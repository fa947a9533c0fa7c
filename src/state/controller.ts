/** What the page can do. Panels call these methods and read the store; nothing else connects the two. */
import type { AccumulatorId } from '../core/cost/mac';
import { canonicalJson } from '../base/canonical-json';
import { toErrorInfo } from '../base/errors';
import type { OpId, TensorId } from '../core/graph/graph';
import { changesModel, type QuantSettings } from '../core/quantize/settings';
import type { Range } from '../core/calibration/types';
import type { QatSettings } from '../core/training/settings';
import type { ClientEvent } from '../jobs/client/client';
import type { DataChange, Improvement, SamplePreview } from '../jobs/contract/protocol';
import { untrainedSettings } from './results/comparison';
import { Diagnoser } from './results/diagnoser';
import { manualRange, type Edit } from './edits/edits';
import { push, redo, seal, undo, withdraw, type History } from './history/history';
import { PageJobQueue, type JobClient } from './page-job-queue';
import { NewestWins } from '../base/newest-wins';
import type { PickedFile } from './opening/files';
import { Opener, type OpenerOptions } from './opening/opener';
import { PAUSE_MS, Pipeline } from './autopilot/pipeline';
import { Autosave, type PageLocks } from './project/autosave';
import { Projects } from './project/projects';
import { WeightReader } from './results/weight-reader';
import { FormWriter } from './results/form-writer';
import { Searcher } from './results/searcher';
import type { Choices } from './slices/choices';
import { takeLesson } from './lessons/dropped-lesson';
import { NO_DATA } from './slices/data';
import { NO_MODEL } from './slices/model';
import type { Vault } from './kept/vault';
import { freshness, withNewBasis } from './slices/results';
import { recalled, Snapshots } from './history/snapshots';
import { takeSweep } from './runs/dropped-sweep';
import { runOf } from './runs/run-of';
import { withRun } from './slices/runs';
import { patch, settingsOf, type StudioStore } from './store';
import { Training } from './training/training';
import { sameSettings } from '../core/quantize/settings-key';

/** Changed preprocessing or split: everything is calibrated again, so typing is waited for. */
const DATA_PAUSE_MS = 500;

/** Work comes as one file, perhaps with another beside it. */
const FEW = 4;

/** What a run is made of. */
const RUN_SLOTS = ['plan', 'evaluation', 'exported', 'verification'] as const;

export interface StudioOptions extends OpenerOptions {
  /** Where trained weights are kept. */
  readonly vault: Vault;
  /** Where the work of each page is kept. */
  readonly workVault: Vault;
  readonly locks: PageLocks;
  /** Names this page among those open at the same time. */
  readonly page: string;
  /** Bytes stored by this origin; null where the browser does not tell. */
  readonly storedBytes: () => Promise<number | null>;
}

export class StudioController {
  readonly pipeline: Pipeline;
  readonly opener: Opener;
  readonly training: Training;
  readonly diagnoser: Diagnoser;
  private readonly snapshots = new Snapshots();
  readonly forms: FormWriter;
  readonly searcher: Searcher;
  readonly projects: Projects;
  readonly autosave: Autosave;
  private readonly jobs: PageJobQueue;
  readonly weights: WeightReader;
  private readonly costs = new NewestWins();
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private dataTimer: ReturnType<typeof setTimeout> | undefined;
  private gesture = 0;
  private noticeKey = 1;

  constructor(
    private readonly store: StudioStore,
    client: JobClient,
    readonly options: StudioOptions,
  ) {
    this.jobs = new PageJobQueue(store, client);
    this.weights = new WeightReader(store, this.jobs);
    store.subscribe(({ results }, { results: before }) => {
      if (RUN_SLOTS.some((slot) => results[slot] !== before[slot])) this.recordRun();
    });
    this.diagnoser = new Diagnoser(store, this.jobs, {
      edit: (edit) => this.edit(edit),
      editData: (change) => this.editData(change),
    });
    this.pipeline = new Pipeline(
      store,
      this.jobs,
      () => this.readWeights(),
      () => this.diagnoser.abort(),
    );
    this.forms = new FormWriter(store, this.jobs);
    this.searcher = new Searcher(store, this.jobs);
    this.training = new Training(store, this.jobs, this.pipeline, options.vault, (edit) => this.edit(edit));
    const warn = (text: string) => this.notify('warning', text);
    this.opener = new Opener(store, this.jobs, this.pipeline, this.training, this.weights, options, warn, (files) =>
      this.takeWork(files),
    );
    this.projects = new Projects(store, {
      opener: this.opener,
      training: this.training,
      edit: (edit) => this.edit(edit),
      editChoices: (choices) => this.setChoices(push(this.store.getState().choices, choices)),
      notify: (tone, text) => this.notify(tone, text),
    });
    this.autosave = new Autosave(store, options.page, {
      vault: options.workVault,
      locks: options.locks,
      projects: this.projects,
      opened: () => this.opener.opened,
      restoreTraining: (id) => this.training.recall(id),
      storedBytes: options.storedBytes,
    });
  }

  /** Opens what the page's address asks for: a link, a sample by name, else the default sample. */
  async start(hash: string): Promise<void> {
    const offered = this.autosave.start();
    await this.opener.start(() => this.projects.openLink(hash));
    await offered;
  }

  // ---- edits --------------------------------------------------------------------------------------------------------

  /** One undoable change of the settings; equal `coalesce` keys in a row are one step. */
  edit(edit: Edit, coalesce: string | null = null): void {
    const { choices } = this.store.getState();
    const settings = edit(choices.present.settings);
    if (sameSettings(settings, choices.present.settings)) return; // nothing changed: nothing to undo
    this.setChoices(push(choices, { ...choices.present, settings }, coalesce));
  }

  /** One undoable change of preprocessing, split or seed. */
  editData(change: Partial<DataChange>, coalesce: string | null = null): void {
    const { choices } = this.store.getState();
    this.setChoices(push(choices, { ...choices.present, data: { ...choices.present.data, ...change } }, coalesce));
  }

  /** One undoable change of how the next training goes. */
  editTraining(change: Partial<QatSettings>, coalesce: string | null = null): void {
    const { choices } = this.store.getState();
    const training = { ...choices.present.training, ...change };
    this.setChoices(push(choices, { ...choices.present, training }, coalesce));
  }

  undo(): void {
    this.setChoices(undo(this.store.getState().choices));
  }

  redo(): void {
    this.setChoices(redo(this.store.getState().choices));
  }

  /** A handle moves: figures follow the draft; the settings follow once it rests for {@link PAUSE_MS}. */
  drag(tensor: TensorId, channel: number | null, range: Range): void {
    patch(this.store, 'selection', { draft: { tensor, channel, range } });
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.commitDraft(), PAUSE_MS);
  }

  /** The handle is let go: the whole gesture is one undoable step. */
  release(): void {
    this.commitDraft();
    this.endGesture();
  }

  /** The whole gesture is taken back, also what of it had rested long enough to be committed. */
  takeBack(): void {
    clearTimeout(this.draftTimer);
    patch(this.store, 'selection', { draft: null });
    const { choices } = this.store.getState();
    if (choices.coalesce === `drag ${this.gesture}`) this.setChoices(withdraw(choices));
    this.endGesture();
  }

  /** What comes next is an undoable step of its own. */
  endGesture(): void {
    this.gesture++;
    this.store.setState(({ choices }) => ({ choices: seal(choices) }));
  }

  select(layer: OpId): void {
    const { selection } = this.store.getState();
    patch(this.store, 'ui', { tab: 'layer', place: 'view' });
    if (selection.marked.length > 0) this.mark([]);
    if (selection.layer === layer) return;
    this.commitDraft();
    patch(this.store, 'selection', { layer, channel: null });
    void this.weights.read(layer);
  }

  /** What samples look like, by their index in the data. */
  picturesOf(samples: readonly number[]): Promise<readonly SamplePreview[]> {
    return this.jobs.run('samplePictures', { samples });
  }

  /** Layers to be changed together; none ends it. */
  mark(layers: readonly OpId[]): void {
    patch(this.store, 'selection', { marked: layers });
    if (layers.length > 1) patch(this.store, 'ui', { tab: 'layer' });
  }

  selectChannel(channel: number | null): void {
    patch(this.store, 'selection', { channel });
  }

  /** Runs the recommended pipeline and takes over what helped as one undoable step, unless the settings moved meanwhile. */
  async improve(): Promise<void> {
    await this.pipeline.stop();
    const { results, choices } = this.store.getState();
    const { basis } = results;
    const { settings } = choices.present;
    const file = (partial: boolean) => (value: Improvement) => {
      if (this.store.getState().results.basis === basis)
        patch(this.store, 'results', { improvement: { value, settings, basis, partial } });
    };
    try {
      file(false)(await this.jobs.run('improve', { settings }, { onPartial: file(true) }));
      if (sameSettings(settingsOf(this.store.getState()), settings)) this.takeImprovement();
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code === 'cancelled') return; // what was decided so far is there to be taken over
      patch(this.store, 'results', { error });
    }
    await this.pipeline.refresh();
  }

  /** The settings that the recommended pipeline arrived at, also where it was stopped. */
  takeImprovement(): void {
    const { improvement } = this.store.getState().results;
    if (improvement) this.edit(() => improvement.value.settings);
  }

  /** Fills in `results.cost` for the settings of this moment; the newest request wins. */
  async countCost(accumulator: AccumulatorId): Promise<void> {
    const { results, choices } = this.store.getState();
    const { basis, cost } = results;
    const { settings } = choices.present;
    const known =
      cost &&
      sameSettings(cost.settings, settings) &&
      cost.basis === basis &&
      cost.value.planned.accumulator === accumulator;
    if (known) return;
    await this.costs
      .run(async (signal) => {
        const value = await this.jobs.run('cost', { settings, accumulator }, { signal });
        if (this.store.getState().results.basis === basis)
          patch(this.store, 'results', { cost: { value, settings, basis, partial: false } });
      })
      .catch((thrown) => {
        const error = toErrorInfo(thrown);
        if (error.code !== 'cancelled') patch(this.store, 'results', { error });
      });
  }

  // ---- the rest -----------------------------------------------------------------------------------------------------

  cancel(): void {
    patch(this.store, 'ui', { saving: false });
    this.pipeline.halt();
    this.jobs.cancelAll();
  }

  onClientEvent(event: ClientEvent): void {
    if (event.kind === 'ready') patch(this.store, 'jobs', { backend: event.backend, unavailable: null });
    else if (event.kind === 'unavailable') {
      if (this.store.getState().jobs.unavailable === null)
        this.notify(
          'warning',
          `Nothing can be computed: the worker cannot start (${event.reason}). Check the connection and reload the page.`,
        );
      patch(this.store, 'jobs', { unavailable: event.reason });
    } else if (event.kind === 'restarted')
      this.notify('warning', 'The worker stopped and was restarted; your model and data are still here.');
    else {
      this.notify(
        'warning',
        `The worker stopped and could not take up your work again (${event.reason}). Open the model again.`,
      );
      this.store.setState(({ results }) => ({ model: NO_MODEL, data: NO_DATA, results: withNewBasis(results, false) }));
    }
  }

  dismiss(key: number): void {
    const { notices } = this.store.getState().jobs;
    patch(this.store, 'jobs', { notices: notices.filter((notice) => notice.key !== key) });
  }

  private async takeWork(files: readonly PickedFile[]): Promise<boolean> {
    if (await takeSweep(this.store, files, (tone, text) => this.notify(tone, text))) return true;
    for (const file of files.slice(0, FEW))
      if ((await takeLesson(this.store, file)) || (await this.projects.takeFile(file))) return true;
    return false;
  }

  private notify(tone: 'info' | 'warning', text: string): void {
    const { notices } = this.store.getState().jobs;
    patch(this.store, 'jobs', { notices: [...notices.slice(-2), { key: this.noticeKey++, tone, text }] });
  }

  /** Every configuration that is evaluated is kept as a run; what is found out later about its file is added to it. */
  private recordRun(): void {
    const state = this.store.getState();
    const run = runOf(state, Date.now());
    const known = run && state.runs.list.find(({ id }) => id === run.id);
    if (!run || (known && known.file !== null && run.file === null)) return;
    const same = known && { ...run, name: known.name, starred: known.starred, at: known.at };
    if (!same || canonicalJson(same) !== canonicalJson(known)) this.store.setState({ runs: withRun(state.runs, run) });
  }

  private readWeights(): void {
    const { layer } = this.store.getState().selection;
    if (layer !== null) void this.weights.read(layer);
  }

  private setChoices(choices: History<Choices>): void {
    const before = this.store.getState().choices.present;
    this.store.setState({ choices });
    // A fix that was taken is held against what came of it for as long as nothing else changes.
    if (choices.present !== before) patch(this.store, 'diagnosis', { applied: null });
    const { data, settings } = choices.present;
    if (data !== before.data) {
      this.pipeline.interrupt();
      clearTimeout(this.dataTimer);
      const { view } = this.store.getState().data;
      if (!view) return;
      // Nothing shown rests on these choices any more, and nothing may start before the data is prepared anew.
      patch(this.store, 'data', { opening: view.name });
      patch(this.store, 'results', { basis: this.store.getState().results.basis + 1 });
      this.dataTimer = setTimeout(() => void this.opener.changeData(data), DATA_PAUSE_MS);
    } else if (settings !== before.settings) {
      this.recall(before.settings);
      this.pipeline.settingsChanged();
    }
  }

  /** What was known under the settings that are present again takes the place of what is known under those `before`. */
  private recall(before: QuantSettings): void {
    const state = this.store.getState();
    const { results } = state;
    const settings = settingsOf(state);
    this.snapshots.remember(results, before);
    const found = this.snapshots.find(settings, results.basis);
    // Without algorithms and training it is the file's own weights that are quantized.
    const plain = changesModel(before) && !changesModel(settings);
    const known = found ? recalled(results, found) : plain ? { ...results, variant: null, weights: {} } : results;
    const from = untrainedSettings(state);
    const untrained = (from && this.snapshots.find(from, results.basis)) ?? results.untrained;
    const evaluated = !changesModel(before) && freshness(results.evaluation, before, results.basis) === 'fresh';
    const unimproved = evaluated ? results.evaluation : results.unimproved;
    this.store.setState({ results: { ...known, untrained, unimproved } });
    if (changesModel(before) || changesModel(settings)) this.readWeights();
  }

  private commitDraft(): void {
    clearTimeout(this.draftTimer);
    const { draft } = this.store.getState().selection;
    if (!draft) return;
    this.edit(manualRange(draft.tensor, draft.channel, draft.range), `drag ${this.gesture}`);
    patch(this.store, 'selection', { draft: null });
  }
}
