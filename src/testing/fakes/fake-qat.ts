/** The training of the fake worker: every epoch is better than the one before, and ranges shrink. */
import type { Result, Spec } from '../../jobs/contract/jobs';
import type { EpochFigures, QatProgress } from '../../jobs/contract/qat-protocol';
import { LAYERS } from './fake-model';

/** Steps of an epoch. */
export const FAKE_STEPS = 4;

function epochs(training: Spec<'qat'>['training'], done: number): EpochFigures[] {
  return Array.from({ length: done + 1 }, (_, epoch) => ({
    epoch,
    trainLoss: epoch === 0 ? null : 0.9 / epoch,
    validationLoss: 1.2 / (epoch + 1),
    trainAccuracy: epoch === 0 ? null : 0.9 + 0.01 * epoch,
    validationAccuracy: Math.min(0.97, 0.8 + 0.05 * epoch),
    learningRate: training.learningRate,
    milliseconds: epoch === 0 ? 0 : 900,
  }));
}

export function fakeQatResult({ settings, training, from }: Spec<'qat'>, done = training.epochs): Result<'qat'> {
  const id = `qat-fa4e${settings.weights.format ?? 'int8'}${from ? 'on' : ''}-${done}`;
  return {
    id,
    checkpoint: { version: 1, weights: {}, biases: {}, activations: {}, epoch: done, loss: 1.2 / (done + 1) },
    settings: { ...settings, trained: id },
    history: epochs(training, done),
    samples: { train: 900, validation: 100 },
    objective: 'cross-entropy with the labels',
    stepMs: 40,
    notes: [],
  };
}

/** What is reported after `step` steps. */
export function fakeQatProgress(spec: Spec<'qat'>, step: number): QatProgress {
  const done = Math.floor(step / FAKE_STEPS);
  const range = { min: 0, max: 6 - 0.2 * step };
  return {
    epoch: Math.min(spec.training.epochs, done + 1),
    step,
    steps: FAKE_STEPS * spec.training.epochs,
    loss: step === 0 ? null : 1 / step,
    history: epochs(spec.training, done),
    ranges: Object.fromEntries(LAYERS.map(({ output }) => [output.id, range])),
    ...(step % FAKE_STEPS === 0 && { best: fakeQatResult(spec, done) }),
  };
}
