/** How large a learning rate a model bears, found out before it is trained. */
import type { LossValue } from '../../core/training/losses';
import type { Rates, Trainer } from '../../engine/tfjs/training/trainer';
import type { Batch } from '../../engine/types';

/** Steps of the trial, each √2 times the last; the last one is the rate asked for. */
export const TRIAL_STEPS = 12;
/** A loss on the very batch that is trained on has no reason to grow by this much but steps that are too large. */
const GROWN = 1.5;
/** What is left of the rate at which the loss grew. */
const SAFE = 1 / 4;

/**
 * A range test (Smith 2017): a trainer that is thrown away takes growing steps on one batch, up to those asked for.
 * @param afterStep awaited after each step; throws to stop
 * @returns what the rates are to be multiplied by: 1 where all of them made the loss fall
 */
export async function bearableRate(
  trainer: Trainer,
  batch: Batch,
  lossOf: (outputs: Float32Array) => LossValue,
  { weights, ranges }: Rates,
  afterStep: () => Promise<void>,
): Promise<number> {
  let first = Infinity;
  let factor = 0;
  for (let i = 0; i <= TRIAL_STEPS; i++) {
    const before = factor;
    factor = 2 ** ((Math.min(i + 1, TRIAL_STEPS) - TRIAL_STEPS) / 2);
    const loss = await trainer.step(batch, lossOf, { weights: weights * factor, ranges: ranges * factor });
    await afterStep();
    if (i === 0) first = loss;
    // The loss is that before its step, and tells of the step before.
    else if (!(loss <= GROWN * first)) return SAFE * before;
  }
  return 1;
}
