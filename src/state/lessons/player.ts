/** Plays lessons on the real studio: opens them, looks at their checks, keeps how far a student has come. */
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { digestText } from '../../core/lessons/digest';
import { evaluate } from '../../core/lessons/evaluate';
import { parseExpression } from '../../core/lessons/expression';
import { after, begin, isDone, stepOf, type Move, type Progress } from '../../core/lessons/progress';
import { readLesson } from '../../core/lessons/read-lesson';
import { lessonIndexSchema, type Lesson, type Step } from '../../core/lessons/schema';
import type { Value } from '../../core/lessons/vocabulary';
import type { StudioController } from '../controller';
import { startHistory } from '../history/history';
import { fetchFile, type Fetch } from '../opening/fetch-files';
import { DEFAULT_CHOICES } from '../slices/choices';
import { NO_LESSONS, type LessonScreen, type LessonsSlice } from '../slices/lessons';
import { patch, type StudioState, type StudioStore } from '../store';
import type { Vault } from '../kept/vault';
import { factsOf } from './facts';
import { KeptProgresses } from './kept-progress';
import { startSettings } from './start-settings';

export interface PlayerOptions {
  readonly fetcher: Fetch;
  readonly pageUrl: string;
  readonly vault: Vault;
}

/** What checks can ask about; the progress of jobs is not among it, and comes often. */
const MATTERS = ['model', 'choices', 'results', 'diagnosis', 'training', 'selection', 'ui', 'lessons'] as const;

export class LessonPlayer {
  private readonly kept: KeptProgresses;
  /** Where the addresses in the open lesson start from. */
  private base: URL;
  private turn = 0;

  constructor(
    private readonly store: StudioStore,
    private readonly controller: StudioController,
    private readonly options: PlayerOptions,
  ) {
    this.kept = new KeptProgresses(options.vault);
    this.base = this.bundled;
    // A check is passed the moment the studio is as it asks, without anybody asking for it.
    store.subscribe((state, before) => {
      if (state.lessons.open && state.results !== before.results) this.keepBestFile(state);
      if (state.lessons.open && MATTERS.some((slice) => state[slice] !== before[slice])) this.look(state);
    });
  }

  /** Fetches the gallery's list, and what was begun before. */
  async list(): Promise<void> {
    const kept = await this.kept.list();
    this.set({ kept });
    if (this.slice.list) return;
    try {
      const { blob } = await fetchFile(new URL('index.json', this.bundled), this.options.fetcher);
      this.set({ list: lessonIndexSchema.parse(JSON.parse(await blob.text())) });
    } catch {
      this.set({ list: [], error: unreachable() });
    }
  }

  /** @param which the id of a bundled lesson, or the address of one, relative to the page */
  async openByName(which: string): Promise<void> {
    const turn = ++this.turn;
    const isId = /^[a-z][a-z0-9-]*$/.test(which);
    const url = URL.parse(isId ? `${which}.json` : which, isId ? this.bundled : new URL(this.options.pageUrl));
    this.set({ opening: which, error: null, screen: null });
    try {
      if (!url || !/^https?:$/.test(url.protocol)) throw unreachable(which);
      const { blob } = await fetchFile(url, this.options.fetcher);
      const text = await blob.text();
      if (turn === this.turn) await this.open(text, url);
    } catch (thrown) {
      if (turn === this.turn) this.set({ opening: null, error: toErrorInfo(thrown) });
    }
  }

  /** @param from the lesson's own address; a lesson without one takes models and data from beside the bundled ones */
  async open(text: string, from: URL = this.bundled): Promise<void> {
    this.set({ error: null, screen: null });
    try {
      const lesson = readLesson(text);
      const hash = digestText(text);
      const before = await this.kept.read(lesson.id);
      const progress = before?.progress.hash === hash ? before.progress : begin(lesson, hash);
      this.base = from;
      await this.start(lesson, text, progress);
    } catch (thrown) {
      this.set({ opening: null, error: toErrorInfo(thrown) });
    }
  }

  /** From the first step on, with the settings the lesson begins with. */
  async restart(): Promise<void> {
    const { open } = this.slice;
    if (!open) return;
    await this.kept.forget(open.lesson.id);
    await this.start(open.lesson, open.text, begin(open.lesson, digestText(open.text)));
  }

  close(): void {
    this.set({ ...NO_LESSONS, list: this.slice.list, kept: this.slice.kept });
    void this.list();
  }

  show(screen: LessonScreen | null): void {
    this.set({ screen });
  }

  fold(folded: boolean): void {
    this.set({ folded });
  }

  dismissError(): void {
    this.set({ error: null });
  }

  // ---- moves --------------------------------------------------------------------------------------------------------

  answer(value: Value, field?: string): void {
    this.move({ kind: 'answer', value, ...(field !== undefined && { field }) });
  }

  commit(): void {
    this.move({ kind: 'commit' });
  }

  hint(): void {
    this.move({ kind: 'hint' });
  }

  place(values: readonly number[]): void {
    this.move({ kind: 'place', values });
  }

  next(): void {
    const { open, progress } = this.slice;
    if (!open || !progress) return;
    this.note(stepOf(open.lesson, progress));
    this.move({ kind: 'next' });
    this.point();
  }

  back(): void {
    this.move({ kind: 'back' });
    this.point();
  }

  /** A person asks whether it is right now: what is not, counts as an attempt. */
  check(): void {
    const { open, progress } = this.slice;
    if (!open || !progress) return;
    const step = stepOf(open.lesson, progress);
    if (step.kind !== 'act' || isDone(progress, step.id)) return;
    const value = this.valueOf(step.check);
    if (value === false) this.move({ kind: 'failed' });
    if (value === true) this.move({ kind: 'passed' });
    this.set({ outcome: value === undefined ? 'unknown' : value === true ? 'passed' : 'failed' });
  }

  /** What an expression of the open lesson comes to now. */
  valueOf(source: string): Value | undefined {
    const { open, progress } = this.slice;
    if (!open || !progress) return undefined;
    return evaluate(parseExpression(source, 'any'), factsOf(this.store.getState(), open.lesson, progress));
  }

  /** Shows what the step is about. */
  point(): void {
    const { open, progress } = this.slice;
    if (open && progress) this.showAs(stepOf(open.lesson, progress).show ?? {});
  }

  // ---- the rest -----------------------------------------------------------------------------------------------------

  private get slice(): LessonsSlice {
    return this.store.getState().lessons;
  }

  private get bundled(): URL {
    return new URL('lessons/', this.options.pageUrl);
  }

  private set(change: Partial<LessonsSlice>): void {
    patch(this.store, 'lessons', change);
  }

  private move(move: Move): void {
    const { open, progress } = this.slice;
    if (!open || !progress) return;
    const moved = after(open.lesson, progress, move);
    if (moved === progress) return;
    const outcome = move.kind === 'next' || move.kind === 'back' || move.kind === 'answer' ? null : this.slice.outcome;
    this.set({ progress: moved, outcome });
    void this.kept.keep({ title: open.lesson.title, steps: open.lesson.steps.length, progress: moved });
  }

  /** Passes the shown step once its check holds. Where something is to be filled in, a person says when they are done. */
  private look(state: StudioState): void {
    const { open, progress } = state.lessons;
    if (!open || !progress) return;
    const step = stepOf(open.lesson, progress);
    if (step.kind !== 'act' || isDone(progress, step.id) || step.fields.length > 0) return;
    if (this.valueOf(step.check) !== true) return;
    this.move({ kind: 'passed' });
    this.set({ outcome: 'passed' });
  }

  /** Writes down what a step of figures shows, and how the prediction compares, when it is left. */
  private note(step: Step): void {
    if (step.kind !== 'observe') return;
    for (const { record, value } of step.figures) {
      const known = record === undefined ? undefined : this.valueOf(value);
      if (record !== undefined && known !== undefined) this.move({ kind: 'record', name: record, value: known });
    }
    const about = this.slice.open?.lesson.steps.find(({ id }) => id === step.compare);
    const truth = about?.kind === 'predict' ? this.valueOf(about.truth) : undefined;
    if (truth !== undefined) this.move({ kind: 'truth', step: step.compare!, value: truth });
  }

  private keepBestFile({ results, choices }: StudioState): void {
    const { exported, verification } = results;
    const { settings } = choices.present;
    if (!exported || verification?.settings !== settings || exported.settings !== settings) return;
    this.move({ kind: 'file', score: verification.value.file.value, bytes: exported.value.bytes.length });
  }

  private async start(lesson: Lesson, text: string, progress: Progress): Promise<void> {
    const turn = ++this.turn;
    this.set({ open: null, progress: null, opening: lesson.title, outcome: null, folded: false });
    const fetchAll = (paths: readonly string[]) =>
      Promise.all(paths.map((path) => fetchFile(new URL(path, this.base), this.options.fetcher)));
    const [model, data] = await Promise.all([fetchAll(lesson.start.model), fetchAll(lesson.start.data)]);
    if (turn !== this.turn) return;
    const { seed, calibration, evaluation } = lesson.start.samples;
    const choices = {
      ...DEFAULT_CHOICES,
      data: { seed, calibrationSamples: calibration, evaluationSamples: evaluation },
      training: { ...DEFAULT_CHOICES.training, ...lesson.start.training, backend: 'wasm' as const },
    };
    // Nothing of an earlier model or of a person's own split: the whole room starts from the same numbers.
    this.store.setState({ choices: startHistory(choices) });
    const sample = { id: `lesson ${lesson.id}`, title: lesson.title, description: '', model: [], data: [] };
    const opened = this.onceOpen();
    void this.controller.opener.open({ model, data, sample });
    if (!(await opened)) {
      this.set({ opening: null, error: this.store.getState().model.error ?? this.store.getState().data.error });
      return;
    }
    if (turn !== this.turn) return;
    const settings = startSettings(lesson, this.store.getState().model.view?.layers ?? []);
    if (lesson.start.raw) this.controller.editData({ preprocessing: [] });
    this.controller.edit(() => settings);
    this.store.setState((state) => ({ choices: startHistory(state.choices.present) }));
    this.set({ open: { lesson, text }, progress, opening: null });
    this.showAs(lesson.start.show);
    this.point();
    if (!lesson.start.raw) void this.controller.pipeline.refresh();
  }

  /** Resolves once model and data of a lesson are there; false where they do not open. */
  private onceOpen(): Promise<boolean> {
    const begun = { model: false, data: false };
    return new Promise((resolve) => {
      const stop = this.store.subscribe(({ model, data }) => {
        begun.model ||= model.opening !== null;
        begun.data ||= data.opening !== null;
        const failed = model.error !== null || data.error !== null;
        const there = begun.model && begun.data && model.opening === null && data.opening === null;
        if (!there && !failed) return;
        stop();
        resolve(!failed);
      });
    });
  }

  private showAs({ view, side, layer, part, lab }: NonNullable<Step['show']>): void {
    if (layer !== undefined) {
      const found = this.store.getState().model.view?.layers.find(({ id, name }) => id === layer || name === layer);
      if (found) this.controller.select(found.id);
    }
    if (part) this.set({ pointsAt: { part } });
    patch(this.store, 'ui', {
      ...(view && { tab: view, place: 'view' }),
      ...(side && { side }),
      ...(lab !== undefined && { lab }),
    });
  }
}

function unreachable(which?: string): RangefinderError {
  return new RangefinderError({
    code: 'missing-file',
    message: which === undefined ? 'The list of lessons is out of reach.' : `There is no lesson at “${which}”.`,
    hint: 'Drop a lesson file on the page, or choose one from the gallery.',
  });
}
