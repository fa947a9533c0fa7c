/**
 * Quantization-aware training from the page: one run at a time, its best epoch kept in the browser as it comes, its outcome
 * taken over as one undoable edit.
 */
import { RangefinderError, toErrorInfo, type ErrorInfo } from '../../base/errors';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import { Gate } from '../../base/gate';
import type { QatProgress, QatResult } from '../../jobs/contract/qat-protocol';
import { untrainedSettings, trainedInUse } from '../results/comparison';
import type { Edit } from '../edits/edits';
import type { PageJobQueue } from '../page-job-queue';
import { KeptTrainings } from '../kept/trainings';
import type { Vault } from '../kept/vault';
import type { Pipeline } from '../autopilot/pipeline';
import {
  isUnderWay,
  NO_TRAINING,
  traced,
  validatedBetter,
  type KeptTraining,
  type Trained,
  type TrainingRun,
  type TrainingSlice,
} from '../slices/training';
import { patch, settingsOf, type StudioStore } from '../store';

/** What a run needs while it lasts. */
interface UnderWay {
  readonly stop: AbortController;
  readonly pause: Gate;
  readonly done: Promise<void>;
}

export class Training {
  private underWay: UnderWay | null = null;
  private readonly keeper: KeptTrainings;
  /** Weights of this session's trainings, to go on from; by the name that settings call them. */
  private readonly weights = new Map<string, QatCheckpoint>();
  /** Names of the epochs that were the best so far of the run under way, or of the last one. */
  private readonly ofThisRun = new Set<string>();
  /** Epochs are kept one after the other, the newest last. */
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
    private readonly pipeline: Pipeline,
    vault: Vault,
    private readonly edit: (edit: Edit) => void,
  ) {
    this.keeper = new KeptTrainings(vault);
  }

  /** Trains what the present settings quantize; `goOn`: from the trained weights in use, where there are any. */
  async start(goOn = false): Promise<void> {
    if (this.underWay) return;
    const stop = new AbortController();
    const pause = new Gate();
    const done = this.run(stop.signal, pause, goOn).finally(() => (this.underWay = null));
    this.underWay = { stop, pause, done };
    await done;
  }

  /** Whichever of start, pause and resume there is to do. */
  toggle(): void {
    if (!this.underWay) void this.start();
    else this.hold(this.slice.run?.state === 'running');
  }

  pause(): void {
    this.hold(true);
  }

  resume(): void {
    this.hold(false);
  }

  /** A person ends the run: its best epoch is offered, and what had to wait for it goes on. */
  async cancel(): Promise<void> {
    await this.stop();
    await this.pipeline.refresh();
  }

  /** Ends the run, its best epoch kept; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.underWay?.stop.abort();
    await this.underWay?.done;
  }

  /** Uses the best epoch of the run, in place of whatever the settings are now. */
  take(): void {
    const best = this.slice.run?.best;
    if (best) this.use(best);
  }

  /** Back to what is quantized without training. */
  leave(): void {
    const settings = untrainedSettings(this.store.getState());
    if (settings) this.edit(() => settings);
  }

  /** Puts the run and what came of it out of sight. */
  dismiss(): void {
    if (!isUnderWay(this.slice.run)) this.set({ run: null });
  }

  /** Another model is open: what was trained before is of another one, what was kept may be of this. */
  async modelOpened(): Promise<void> {
    this.weights.clear();
    this.set(NO_TRAINING);
    await this.list();
  }

  /** Takes kept weights into use as one undoable step. */
  async restore(key: string): Promise<void> {
    const record = this.slice.kept.find((kept) => kept.key === key);
    if (!record) return;
    try {
      await this.bring(record);
      this.use(record.trained);
      await this.pipeline.refresh();
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  /** Brings kept weights into the session, for settings that name them. @throws RangefinderError where they are not kept any more */
  async recall(id: string): Promise<void> {
    await this.list();
    const record = this.slice.kept.find(({ trained }) => trained.id === id);
    if (!record)
      throw new RangefinderError({
        code: 'missing-file',
        message: 'The trained weights of this work are not kept any more.',
        hint: 'The browser has made room, or another page deleted them. Train again.',
      });
    await this.bring(record);
    this.set({ known: { ...this.slice.known, [id]: record.trained } });
  }

  private async bring({ key, trained }: KeptTraining): Promise<void> {
    const checkpoint = await this.keeper.weights(key);
    await this.jobs.run('restoreTraining', { id: trained.id, checkpoint });
    this.weights.set(trained.id, checkpoint);
    this.set({ error: null });
  }

  /** Trained weights that settings of this moment, or of undo, name: to be saved beside them. */
  export(): readonly { readonly id: string; readonly checkpoint: QatCheckpoint; readonly summary: unknown }[] {
    return Object.values(this.slice.known).flatMap((trained) => {
      const checkpoint = this.weights.get(trained.id);
      return checkpoint ? [{ id: trained.id, checkpoint, summary: trained }] : [];
    });
  }

  /** @throws RangefinderError 'corrupt-file' for a summary that is none */
  async import(id: string, checkpoint: QatCheckpoint, summary: unknown): Promise<void> {
    const { readTrained } = await import('../kept/record');
    const trained = readTrained(summary);
    await this.jobs.run('restoreTraining', { id, checkpoint });
    this.weights.set(id, checkpoint);
    this.set({ known: { ...this.slice.known, [id]: trained } });
  }

  async forget(key: string): Promise<void> {
    try {
      await this.keeper.forget(key);
    } catch (thrown) {
      this.failed(thrown);
    }
    await this.list();
  }

  private get slice(): TrainingSlice {
    return this.store.getState().training;
  }

  private async run(signal: AbortSignal, pause: Gate, goOn: boolean): Promise<void> {
    const state = this.store.getState();
    const started = settingsOf(state);
    const before = trainedInUse(state);
    const from = before?.from ?? started;
    const checkpoint = goOn && before ? this.weights.get(before.id) : undefined;
    const { training } = state.choices.present;
    const clock = new Clock(pause);
    const stamp = { from, training, ...(checkpoint && before && { before }) };
    this.ofThisRun.clear();
    this.set({
      run: {
        state: 'running',
        from,
        started,
        training,
        progress: null,
        trace: [],
        milliseconds: 0,
        best: null,
        error: null,
      },
      error: null,
    });
    // The quantized model is what training starts from and is held against: it is evaluated first.
    void this.pipeline.refresh();
    const onPartial = ({ best, ...progress }: QatProgress) => {
      const milliseconds = clock.elapsed();
      const at = progress.steps > 0 ? (progress.step / progress.steps) * training.epochs : 0;
      const point = { at, loss: progress.loss, ranges: progress.ranges };
      this.setRun({ progress, milliseconds, trace: traced(this.slice.run?.trace ?? [], point) });
      if (best) this.better(best, { ...stamp, milliseconds });
    };
    try {
      const spec = { settings: checkpoint ? started : from, training, ...(checkpoint && { from: checkpoint }) };
      const result = await this.jobs.run('qat', spec, { signal, pause, onPartial });
      this.better(result, { ...stamp, milliseconds: clock.elapsed() });
      // The last epochs may have ended after the last word on the way.
      const { progress } = this.slice.run!;
      const { history } = result;
      this.setRun({ state: 'done', milliseconds: clock.elapsed(), progress: progress && { ...progress, history } });
      const best = this.slice.run?.best;
      if (best && best.epoch > 0 && settingsOf(this.store.getState()) === started) this.use(best);
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code === 'cancelled') {
        this.setRun({ state: 'stopped' });
        return;
      }
      this.setRun({ state: 'failed', error });
    }
    await this.pipeline.refresh();
  }

  private hold(closed: boolean): void {
    if (!this.underWay) return;
    this.underWay.pause.set(!closed);
    this.setRun({ state: closed ? 'paused' : 'running' });
  }

  /** A better epoch than all before, or the last word on it. */
  private better(result: QatResult, stamp: Pick<Trained, 'from' | 'training' | 'milliseconds'> & { before?: Trained }) {
    const { checkpoint, ...rest } = result;
    const { before, ...own } = stamp;
    const best: Trained = {
      ...rest,
      ...own,
      epoch: checkpoint.epoch,
      epochs: rest.history.length - 1 + (before?.epochs ?? 0),
      milliseconds: own.milliseconds + (before?.milliseconds ?? 0),
    };
    const worse = this.slice.run?.best?.id;
    if (worse !== undefined && !Object.hasOwn(this.slice.known, worse)) this.weights.delete(worse);
    this.weights.set(best.id, checkpoint);
    this.setRun({ best });
    this.ofThisRun.add(best.id);
    if (best.epoch > 0) this.keep(best, checkpoint);
  }

  private keep(trained: Trained, checkpoint: QatCheckpoint): void {
    const { model, data, choices } = this.store.getState();
    if (!model.view || !data.view) return;
    const { seed } = choices.present.data;
    const { name, samples, evaluationSamples } = data.view;
    const record = {
      model: { fingerprint: model.view.fingerprint, name: model.view.name },
      savedAt: Date.now(),
      data: { name, samples, seed, evaluationSamples },
      trained,
    };
    const kept: KeptTraining = { key: KeptTrainings.key(record), ...record };
    // The same training once more begins worse than it ended the last time; epochs of one run replace one another.
    const last = this.slice.kept.find(({ key }) => key === kept.key);
    const inUse = settingsOf(this.store.getState()).trained === trained.id;
    if (last && !inUse && !this.ofThisRun.has(last.trained.id) && validatedBetter(last.trained, trained)) return;
    this.keeping = this.keeping
      .then(() => this.keeper.keep(kept, checkpoint))
      .then(() => this.list())
      .catch((thrown) => this.failed(thrown));
  }

  private use(trained: Trained): void {
    this.set({ known: { ...this.slice.known, [trained.id]: trained } });
    this.edit(() => trained.settings);
    // What is in use is what is kept: a reload restores this very epoch.
    const checkpoint = this.weights.get(trained.id);
    const isKept = this.slice.kept.some((kept) => kept.trained.id === trained.id);
    if (checkpoint && trained.epoch > 0 && !isKept) this.keep(trained, checkpoint);
  }

  /** What the browser keeps for the open model. One that keeps nothing is no error before there is something to keep. */
  private async list(): Promise<void> {
    const fingerprint = this.store.getState().model.view?.fingerprint;
    if (fingerprint === undefined) return;
    const { kept, unreadable } = await this.keeper.list(fingerprint).catch(() => ({ kept: [], unreadable: [] }));
    if (this.store.getState().model.view?.fingerprint === fingerprint) this.set({ kept, unreadable });
  }

  private failed(thrown: unknown): void {
    const error: ErrorInfo = toErrorInfo(thrown);
    if (error.code !== 'cancelled') this.set({ error });
  }

  private set(change: Partial<TrainingSlice>): void {
    patch(this.store, 'training', change);
  }

  private setRun(change: Partial<TrainingRun>): void {
    const { run } = this.slice;
    if (run) this.set({ run: { ...run, ...change } });
  }
}

/** Measures time while its gate is open. */
class Clock {
  private sum = 0;
  private since = performance.now();

  constructor(private readonly gate: Gate) {
    gate.onChange(() => {
      if (gate.isOpen) this.since = performance.now();
      else this.sum += performance.now() - this.since;
    });
  }

  elapsed(): number {
    return this.sum + (this.gate.isOpen ? performance.now() - this.since : 0);
  }
}
