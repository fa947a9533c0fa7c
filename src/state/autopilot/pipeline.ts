/**
 * The autopilot: keeps what is shown current. It asks {@link nextStep} what is missing, runs that, and asks again; a change
 * of settings interrupts it, is followed by cheap answers at once (plan, then accuracy on a subset after a pause), and the
 * full evaluation and the verified file come when the person has been idle for a while, or asks.
 */
import { toErrorInfo } from '../../base/errors';
import { changesModel, type QuantSettings } from '../../core/quantize/settings';
import type { AlgorithmReport } from '../../jobs/contract/protocol';
import type { PageJobQueue } from '../page-job-queue';
import { NewestWins } from '../../base/newest-wins';
import { nextStep, type Effort, type Step } from './next-step';
import { untrainedSettings } from '../results/comparison';
import { freshness, type ResultsSlice, type Snapshot, type Stamped } from '../slices/results';
import { obstacle } from '../edits/storable';
import { patch, settingsOf, type StudioStore } from '../store';
import type { TensorId } from '../../core/graph/graph';
import type { QuantPlan } from '../../core/quantize/plan';
import { comparedPart } from '../../jobs/contract/verify-choice';
import { modelKey } from '../../core/quantize/settings-key';

export const PAUSE_MS = 250;
export const IDLE_MS = 2500;
export const PROBE_SAMPLES = 256;
/** Each layer is evaluated alone, so this many samples times the number of layers. */
export const SENSITIVITY_SAMPLES = 256;

export class Pipeline {
  private effort: Effort = 'full';
  private pumping: Promise<void> | null = null;
  private step: { readonly name: Step; readonly abort: AbortController } | null = null;
  private pauseTimer: ReturnType<typeof setTimeout> | undefined;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly probes = new NewestWins();

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
    /** Weights are other ones now. */
    private readonly onNewWeights: () => void,
    /** What else rests on this ground has to stop, too. */
    private readonly onInterrupt: () => void = () => undefined,
  ) {}

  /** Everything that is missing or stale, now. */
  async refresh(): Promise<void> {
    this.effort = 'full';
    this.stand(false);
    clearTimeout(this.pauseTimer);
    clearTimeout(this.idleTimer);
    patch(this.store, 'results', { error: null });
    await this.pump();
  }

  /** Goes on with what is missing, unless a person said stop. */
  async resume(): Promise<void> {
    if (!this.halted) await this.pump();
  }

  /** As {@link refresh}, on a person's demand: what they skipped before is made up for. */
  async settle(): Promise<void> {
    patch(this.store, 'results', { verificationSkipped: false });
    await this.refresh();
  }

  /** Goes on without running the file in LiteRT, until {@link settle}. */
  skipVerification(): void {
    patch(this.store, 'results', { verificationSkipped: true });
    if (this.step?.name === 'verify') this.step.abort.abort();
  }

  /** After an edit: the plan at once, the probe after a pause, the rest when idle. */
  settingsChanged(): void {
    this.interrupt();
    this.effort = 'quick';
    this.stand(false);
    patch(this.store, 'results', { error: null });
    this.pauseTimer = setTimeout(() => void this.probe(), PAUSE_MS);
    this.idleTimer = setTimeout(() => void this.refresh(), IDLE_MS);
    void this.pump();
  }

  /** Stops what runs, because the ground it rests on is about to change. */
  interrupt(): void {
    clearTimeout(this.pauseTimer);
    clearTimeout(this.idleTimer);
    this.probes.abort();
    this.onInterrupt();
    if (this.step && this.step.name !== 'calibrate') this.step.abort.abort();
  }

  /** As {@link interrupt}, calibration included; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.interrupt();
    this.stand(true);
    this.step?.abort.abort();
    await this.pumping;
    this.stand(false);
  }

  /** A person said stop: stand still until the next change or refresh. */
  halt(): void {
    this.interrupt();
    this.stand(true);
    this.step?.abort.abort();
  }

  private get halted(): boolean {
    return this.store.getState().jobs.stopped;
  }

  private stand(stopped: boolean): void {
    if (this.halted !== stopped) patch(this.store, 'jobs', { stopped });
  }

  private async pump(): Promise<void> {
    this.pumping ??= this.loop().finally(() => (this.pumping = null));
    await this.pumping;
  }

  private async loop(): Promise<void> {
    for (;;) {
      const name = this.halted ? null : nextStep(this.store.getState(), this.effort);
      if (!name) return;
      const abort = new AbortController();
      this.step = { name, abort };
      try {
        await this.steps[name](abort.signal);
      } catch (thrown) {
        const error = toErrorInfo(thrown);
        if (error.code === 'cancelled' && abort.signal.aborted) continue; // halted or interrupted: the state decides
        this.stand(true);
        if (error.code !== 'cancelled') patch(this.store, 'results', { error });
      } finally {
        this.step = null;
      }
    }
  }

  private readonly steps: Readonly<Record<Step, (signal: AbortSignal) => Promise<void>>> = {
    calibrate: async (signal) => {
      const { basis } = this.store.getState().results;
      const keep = (partial: boolean) => (value: NonNullable<ResultsSlice['calibration']>['value']) =>
        patch(this.store, 'results', { calibration: { value, basis, partial } });
      // While partial calibrations come in they carry the previous basis, so that nothing else starts on them.
      const onPartial = (value: NonNullable<ResultsSlice['calibration']>['value']) =>
        patch(this.store, 'results', { calibration: { value, basis: basis - 1, partial: true } });
      try {
        keep(false)(await this.jobs.run('calibrate', {}, { signal, onPartial }));
      } catch (thrown) {
        const seen = this.store.getState().results;
        if (seen.basis === basis && seen.calibration?.partial) await this.adopt(seen.calibration.value, basis);
        throw thrown;
      }
    },
    applyAlgorithms: async (signal) => {
      const { choices, results } = this.store.getState();
      const { settings } = choices.present;
      const { basis, variant } = results;
      const key = modelKey(settings, weightsOf(results.plan?.value ?? null));
      // The same algorithms on the same weights: nothing to learn again, however the activations' ranges moved.
      if (variant?.key === key && variant.basis === basis) {
        patch(this.store, 'results', { variant: { ...variant, settings } });
        return;
      }
      try {
        const onPartial = (learning: AlgorithmReport) => patch(this.store, 'results', { learning });
        const value = await this.jobs.run('applyAlgorithms', { settings }, { signal, onPartial });
        patch(this.store, 'results', { variant: { value, settings, basis, key, partial: false }, weights: {} });
        this.onNewWeights();
      } finally {
        patch(this.store, 'results', { learning: null });
      }
    },
    plan: (signal) => this.stamped('plan', (settings) => this.jobs.run('plan', { settings }, { signal })),
    evaluate: (signal) =>
      this.stamped('evaluation', (settings, onPartial) =>
        this.jobs.run('evaluate', { settings }, { signal, onPartial }),
      ),
    export: (signal) => this.stamped('exported', (settings) => this.jobs.run('exportFile', { settings }, { signal })),
    verify: (signal) =>
      this.stamped('verification', () => {
        const { value, settings } = this.store.getState().results.exported!;
        return this.jobs.run('verify', { file: value.bytes, ...comparedPart(), settings }, { signal });
      }),
    compare: async (signal) => {
      const state = this.store.getState();
      const settings = untrainedSettings(state)!;
      const { basis } = state.results;
      const stamp = <T>(value: T): Stamped<T> => ({ value, settings, basis, partial: false });
      const variant = changesModel(settings) ? await this.jobs.run('applyAlgorithms', { settings }, { signal }) : null;
      const plan = await this.jobs.run('plan', { settings }, { signal });
      const evaluation = await this.jobs.run('evaluate', { settings }, { signal });
      if (this.store.getState().results.basis !== basis) return;
      const untrained: Snapshot = {
        settings,
        basis,
        variant: variant && { ...stamp(variant), key: modelKey(settings, weightsOf(plan)) },
        weights: {},
        plan: stamp(plan),
        evaluation: stamp(evaluation),
        exported: null,
        verification: null,
        sensitivity: null,
      };
      patch(this.store, 'results', { untrained });
      this.onNewWeights();
    },
    sensitivity: (signal) =>
      this.stamped('sensitivity', (settings, onPartial) =>
        this.jobs.run('sensitivity', { settings, samples: SENSITIVITY_SAMPLES }, { signal, onPartial }),
      ),
  };

  /** Ranges from fewer samples than asked for are still ranges: a stopped calibration is used as far as it got. */
  private async adopt(value: NonNullable<ResultsSlice['calibration']>['value'], basis: number): Promise<void> {
    try {
      await this.jobs.run('restoreCalibration', { calibration: value });
      patch(this.store, 'results', { calibration: { value, basis, partial: true } });
    } catch {
      patch(this.store, 'results', { calibration: null }); // the worker is gone: calibrate again when asked
    }
  }

  /** Accuracy on a subset under the newest settings. */
  private async probe(): Promise<void> {
    await this.pumping;
    const { results, choices } = this.store.getState();
    const fresh = (slot: 'plan' | 'evaluation') =>
      freshness(results[slot], choices.present.settings, results.basis) === 'fresh';
    // An evaluation that is current, after an undo, says more than an estimate; and an estimate runs a file.
    if (this.halted || !fresh('plan') || fresh('evaluation') || obstacle(results.plan!.value)) return;
    await this.probes
      .run((signal) =>
        this.stamped('probe', (settings) => this.jobs.run('probe', { settings, samples: PROBE_SAMPLES }, { signal })),
      )
      .catch((thrown) => {
        const error = toErrorInfo(thrown);
        if (error.code !== 'cancelled') patch(this.store, 'results', { error });
      });
  }

  /** Runs a job whose result belongs to the settings of this moment, and files it under them. */
  private async stamped<K extends 'plan' | 'probe' | 'evaluation' | 'exported' | 'verification' | 'sensitivity'>(
    slot: K,
    run: (
      settings: QuantSettings,
      onPartial: (value: NonNullable<ResultsSlice[K]>['value']) => void,
    ) => Promise<NonNullable<ResultsSlice[K]>['value']>,
  ): Promise<void> {
    const state = this.store.getState();
    const settings = settingsOf(state);
    const { basis } = state.results;
    const file = (partial: boolean) => (value: NonNullable<ResultsSlice[K]>['value']) => {
      const stamp: Stamped<unknown> = { value, settings, basis, partial };
      if (this.store.getState().results.basis === basis) patch(this.store, 'results', { [slot]: stamp });
    };
    file(false)(await run(settings, file(true)));
  }
}

/** Which tensors are weights; before there is a plan, any may be. */
function weightsOf(plan: QuantPlan | null): (id: TensorId) => boolean {
  return (id) => !plan || Object.hasOwn(plan.weights, id);
}
