/** What was found out under settings that are not the present ones, so that undo and redo need not find it out again. */
import { changesModel, type QuantSettings } from '../../core/quantize/settings';
import type { ResultsSlice, Snapshot, Stamped } from '../slices/results';
import { sameSettings } from '../../core/quantize/settings-key';

/** Files are among them: a few are kept. */
const KEPT = 6;

export class Snapshots {
  /** The most recently used last. */
  private kept: readonly Snapshot[] = [];

  /** Keeps what is known under these settings, if anything is. */
  remember(results: ResultsSlice, settings: QuantSettings): void {
    const snapshot = snapshotOf(results, settings);
    if (snapshot) this.kept = [...this.others(settings), snapshot].slice(-KEPT);
  }

  find(settings: QuantSettings, basis: number): Snapshot | null {
    const found = this.kept.find((snapshot) => sameSettings(snapshot.settings, settings) && snapshot.basis === basis);
    if (found) this.kept = [...this.others(settings), found];
    return found ?? null;
  }

  private others(settings: QuantSettings): readonly Snapshot[] {
    return this.kept.filter((snapshot) => !sameSettings(snapshot.settings, settings));
  }
}

/** Everything that is current and whole under `settings`; null before there is a plan. */
export function snapshotOf(results: ResultsSlice, settings: QuantSettings): Snapshot | null {
  const { basis } = results;
  const own = <T extends Stamped<unknown>>(result: T | null): T | null =>
    result && sameSettings(result.settings, settings) && result.basis === basis && !result.partial ? result : null;
  const plan = own(results.plan);
  const variant = own(results.variant);
  if (!plan || (changesModel(settings) && !variant)) return null;
  return {
    settings,
    basis,
    variant,
    // Weights that were looked at are those of the variant that is shown.
    weights: (results.variant ?? null) === variant ? results.weights : {},
    plan,
    evaluation: own(results.evaluation),
    exported: own(results.exported),
    verification: own(results.verification),
    sensitivity: own(results.sensitivity),
  };
}

/** The results as they stood; slots that were empty then keep what is in them, as something outdated. */
export function recalled(results: ResultsSlice, snapshot: Snapshot): ResultsSlice {
  const { variant, weights, plan } = snapshot;
  return {
    ...results,
    variant,
    weights,
    plan,
    evaluation: snapshot.evaluation ?? results.evaluation,
    exported: snapshot.exported ?? results.exported,
    verification: snapshot.verification ?? results.verification,
    sensitivity: snapshot.sensitivity ?? results.sensitivity,
  };
}
