/** A training that never happened, for tests of what is made of one. */
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import { DEFAULT_QAT } from '../../core/training/settings';
import type { KeptTraining, Trained } from '../../state/slices/training';

export function fakeTrained(change: Partial<Trained> = {}): Trained {
  const id = change.id ?? 'qat-0000abcd-3';
  const row = { trainLoss: 0.5, trainAccuracy: 0.9, learningRate: 0.002, milliseconds: 4000 };
  return {
    id,
    from: DEFAULT_SETTINGS,
    settings: { ...DEFAULT_SETTINGS, trained: id },
    training: DEFAULT_QAT,
    epoch: 3,
    epochs: 5,
    milliseconds: 48_000,
    history: [0, 1, 2, 3, 4, 5].map((epoch) => ({
      ...row,
      ...(epoch === 0 && { trainLoss: null, trainAccuracy: null }),
      epoch,
      validationLoss: 1 / (epoch + 1),
      validationAccuracy: 0.8 + 0.02 * epoch,
    })),
    samples: { train: 900, validation: 100 },
    objective: 'cross-entropy with the labels',
    stepMs: 40,
    notes: [],
    ...change,
  };
}

export function fakeCheckpoint(epoch = 3): QatCheckpoint {
  return {
    version: 1,
    weights: {
      w: {
        values: Float32Array.of(0.1, -0.2),
        scale: Float32Array.of(0.01),
        format: { kind: 'int', bits: 4, symmetric: true, narrow: true },
        quantizedDimension: 0,
      },
      float: { values: Float32Array.of(3) },
    },
    biases: { b: Float32Array.of(1, 2) },
    activations: { a: { scale: 0.5, zeroPoint: -3 } },
    epoch,
    loss: 0.25,
  };
}

export function fakeKept(change: Partial<KeptTraining> = {}): KeptTraining {
  return {
    key: 'f00d-1 qat-0000abcd digits',
    model: { fingerprint: 'f00d-1', name: 'digits' },
    savedAt: 1000,
    data: { name: 'digits', samples: 4000, seed: 42, evaluationSamples: 1000 },
    trained: fakeTrained(),
    ...change,
  };
}
