/** How large a learning rate a model bears, found out before it is trained. */
import type { LossValue } from '../../core/training/losses';
import type { Rates, Trainer } from '../../engine/tfjs/training/trainer';
import type { Batch } from '../../engine/types';
import { RUNAWAY } from './loss-watch';

/** Steps of the trial, each √2 times the last; the last one is the rate asked for. */
export const TRIAL_STEPS = 12;
/** What is left of the rate at which the loss ran away. */
const SAFE = 1 / 4;

/**
 * A range test (Smith 2017): a trainer that is thrown away takes growing steps on one batch, up to those asked for. They are
 * too large where the loss runs away as it must not while training; a loss that only rises for a while comes back.
 * @param afterStep awaited after each step; throws to stop
 * @returns what the rates are to be multiplied by: 1 where the loss stayed within bounds
 */
export async function bearableRate(
  trainer: Trainer,
  batch: Batch,
  lossOf: (outputs: Float32Array) => LossValue,
  { weights, ranges }: Rates,
  afterStep: () => Promise<void>,
): Promise<number> {
  let worst = Infinity;
  let factor = 0;
  let ofNothing = 0;
  const watched = (outputs: Float32Array) => {
    ofNothing = lossOf(outputs.map(() => 0)).loss;
    return lossOf(outputs);
  };
  for (let i = 0; i <= TRIAL_STEPS; i++) {
    const before = factor;
    factor = 2 ** ((Math.min(i + 1, TRIAL_STEPS) - TRIAL_STEPS) / 2);
    const loss = await trainer.step(batch, watched, { weights: weights * factor, ranges: ranges * factor });
    await afterStep();
    if (i === 0) worst = Math.max(loss, ofNothing);
    // The loss is that before its step, and tells of the step before.
    else if (!(loss <= RUNAWAY * worst)) return SAFE * before;
  }
  return 1;
}
