/** Why the model is worse than in float: looked into on demand, in the background, and mended by one click. */
import { patched, type Fix } from '../../core/diagnosis/fix';
import { toErrorInfo } from '../../base/errors';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Finding } from '../../core/diagnosis/finding';
import type { Diagnosis } from '../../jobs/contract/diagnosis-protocol';
import type { DataChange, LayerSensitivity } from '../../jobs/contract/protocol';
import type { Score } from '../../jobs/contract/judgement-protocol';
import { judgedLoss } from './judged-loss';
import type { Edit } from '../edits/edits';
import type { PageJobQueue } from '../page-job-queue';
import { NewestWins } from '../../base/newest-wins';
import { SENSITIVITY_SAMPLES } from '../autopilot/pipeline';
import { sensitivityKey, type SensitivityChoice } from '../slices/diagnosis';
import { freshness } from '../slices/results';
import { patch, settingsOf, type StudioState, type StudioStore } from '../store';
import { sameSettings } from '../../core/quantize/settings-key';

interface Edits {
  readonly edit: (edit: Edit) => void;
  readonly editData: (change: Partial<DataChange>) => void;
}

export class Diagnoser {
  private readonly diagnoses = new NewestWins();
  private readonly measurements = new NewestWins();
  /** What the running diagnosis is about. */
  private underWay: { readonly settings: QuantSettings; readonly basis: number } | null = null;

  constructor(
    private readonly store: StudioStore,
    private readonly jobs: PageJobQueue,
    private readonly edits: Edits,
  ) {}

  /** Looks into the settings of this moment, unless that is known or under way; partial results are filed as they come. */
  async diagnose(): Promise<void> {
    const state = this.store.getState();
    const settings = settingsOf(state);
    const { basis } = state.results;
    if (freshness(state.diagnosis.result, settings, basis) === 'fresh') return;
    if (this.underWay && sameSettings(this.underWay.settings, settings) && this.underWay.basis === basis) return;
    patch(this.store, 'diagnosis', { error: null });
    const file = (partial: boolean) => (value: Diagnosis) =>
      this.onBasis(basis, () => patch(this.store, 'diagnosis', { result: { value, settings, basis, partial } }));
    await this.guarded(
      this.diagnoses.run(async (signal) => {
        const mine = { settings, basis };
        this.underWay = mine;
        try {
          const options = { signal, onPartial: file(true) };
          file(false)(await this.jobs.run('diagnose', { settings }, options));
        } finally {
          if (this.underWay === mine) this.underWay = null;
        }
      }),
    );
  }

  /** Measures each layer as chosen; what was found stays when it is stopped. */
  async measure(choice: SensitivityChoice): Promise<void> {
    const state = this.store.getState();
    const settings = settingsOf(state);
    const { basis } = state.results;
    const key = sensitivityKey(choice);
    patch(this.store, 'diagnosis', { error: null });
    const file = (partial: boolean) => (value: readonly LayerSensitivity[]) =>
      this.onBasis(basis, () => {
        const { sensitivities } = this.store.getState().diagnosis;
        const stamped = { value, settings, basis, partial };
        patch(this.store, 'diagnosis', { sensitivities: { ...sensitivities, [key]: stamped } });
      });
    const { mode, part } = choice;
    const spec = { settings, samples: SENSITIVITY_SAMPLES, mode, part };
    await this.guarded(
      this.measurements.run(async (signal) => {
        patch(this.store, 'diagnosis', { measuring: key });
        try {
          const options = { signal, onPartial: file(true) };
          file(false)(await this.jobs.run('sensitivity', spec, options));
        } finally {
          patch(this.store, 'diagnosis', { measuring: null });
        }
      }),
    );
  }

  stopMeasuring(): void {
    this.measurements.abort();
  }

  /** Takes a fix as one undoable step; what it did shows as soon as the accuracy is estimated. */
  apply({ title }: Pick<Finding, 'title'>, fix: Fix): void {
    const state = this.store.getState();
    const applied = {
      title,
      label: fix.label,
      before: currentScore(state),
      loss: judgedLoss(state)?.difference ?? null,
    };
    if (fix.kind === 'settings') this.edits.edit((settings) => patched(settings, fix.patch));
    else if (fix.kind === 'preprocessing') this.edits.editData({ preprocessing: fix.pipeline });
    else this.edits.editData({ calibrationSamples: fix.samples });
    patch(this.store, 'diagnosis', { applied });
  }

  /** Everything stops: the ground it rests on is about to change. */
  abort(): void {
    this.diagnoses.abort();
    this.measurements.abort();
  }

  private onBasis(basis: number, then: () => void): void {
    if (this.store.getState().results.basis === basis) then();
  }

  private async guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      if (error.code !== 'cancelled') patch(this.store, 'diagnosis', { error });
    }
  }
}

/** How the model does under the settings of this moment, by the best that is known: the file, its simulation, an estimate. */
export function currentScore({ results, choices }: StudioState): Score | null {
  const { verification, evaluation, probe, basis } = results;
  const known = [
    [verification, verification?.value.file],
    [evaluation, evaluation?.value.quantized],
    [probe, probe?.value],
  ] as const;
  const fresh = known.find(([result]) => freshness(result, choices.present.settings, basis) === 'fresh');
  return fresh?.[1] ?? null;
}
