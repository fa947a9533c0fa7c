/** Trials and reports made up for tests of what is done with them. */
import manifest from '../../../package.json';
import { trialKey } from '../../cli/sweep/trial-key';
import { trialName } from '../../core/sweep/trial-name';
import type { Trial } from '../../core/sweep/trial';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import type { TrialReport } from '../../jobs/reports/trial-report';

export function madeUpTrial(change: Partial<Trial> = {}): Trial {
  return {
    rangefinder: manifest.version,
    model: { source: '/models/m.tflite', sha256: 'a'.repeat(64) },
    data: { source: 'random', sha256: 'b'.repeat(64), calibrationSamples: 8, evaluationSamples: 8 },
    settings: DEFAULT_SETTINGS,
    improve: false,
    training: null,
    targets: [],
    seed: 1,
    compareSamples: 0,
    ...change,
  };
}

export function madeUpReport(trial: Trial, accuracy = 0.5, constants = 1000): TrialReport {
  const score = { metric: 'top1' as const, value: accuracy, samples: 8 };
  return {
    report: 'trial',
    version: 1,
    generator: 'Rangefinder',
    model: { name: 'm', format: 'tflite', parameters: 1, macs: 1, inputs: [], outputs: [], notes: [] },
    data: {
      name: 'd',
      kind: 'array',
      samples: 16,
      classes: 2,
      calibrationSamples: 8,
      evaluationSamples: 8,
      preprocessing: '',
      pipeline: [],
      seed: trial.seed,
    },
    settings: { ...trial.settings },
    key: trialKey(trial),
    rangefinder: trial.rangefinder,
    name: trialName(trial),
    fingerprint: 'f',
    samples: 'd, 8 samples',
    size: { float: 4000, file: constants + 100, constants },
    float: { ...score, value: 0.9 },
    simulated: score,
    file: score,
    changed: { n: 8, changed: 2 },
    outputSqnrDb: 20,
    reference: null,
    targets: [],
    training: null,
    layers: [],
    ranges: [],
  };
}
