import type { JobControls, Progress } from '../contract/protocol';
import type { QuantSettings } from '../../core/quantize/settings';
import type { ModelVariant, Session } from './session';

/** The share of a job's progress bar that working out a variant gets, where it has to be worked out. */
const SHARE = 0.7;

/** The controls of a job whose partial results are of another kind. */
export function withoutPartials<P, Q>({ signal, onProgress, turn }: JobControls<P>): JobControls<Q> {
  return { signal, onProgress, ...(turn && { turn }) };
}

/**
 * Runs a job on the model as the algorithms of its settings leave it. Where that is not known yet, working it out comes
 * first and takes the larger part of the progress, stage by stage, never back.
 */
export async function runOnVariant<P, T>(
  session: Session,
  settings: QuantSettings,
  controls: JobControls<P>,
  job: (variant: ModelVariant, controls: JobControls<P>) => Promise<T>,
): Promise<T> {
  let [stage, from, shown] = ['', 0, 0];
  const first = (progress: Progress) => {
    if (progress.stage !== stage) [stage, from] = [progress.stage, shown];
    // How many stages there will be is not known: each takes half of what is left.
    shown = Math.max(shown, from + 0.5 * (SHARE - from) * progress.fraction);
    controls.onProgress({ ...progress, fraction: shown });
  };
  const variant = await session.variants.of(settings, { ...withoutPartials(controls), onProgress: first });
  if (stage === '') return job(variant, controls);
  const then = (progress: Progress) =>
    controls.onProgress({ ...progress, fraction: shown + (1 - shown) * progress.fraction });
  return job(variant, { ...controls, onProgress: then });
}
