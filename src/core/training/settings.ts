/**
 * Every choice of a quantization-aware training run; formats and ranges to start from are those of the quantization
 * settings. Plain data: the same settings and seed give the same numbers.
 */
import { RangefinderError } from '../../base/errors';
import { OPTIMIZERS, type OptimizerId } from './optimizers';
import { SCHEDULES, type ScheduleId } from './schedules';

export interface QatSettings {
  /**
   * learned: scales are trained (LSQ, Esser et al. 2020; LSQ+ for offsets, Bhalgat et al. 2020). observed: weights span
   * their values, activations a moving average of their extrema, until `freezeAfter` epochs are done.
   */
  readonly ranges: 'learned' | 'observed';
  readonly freezeAfter: number;
  /**
   * fitted: ranges of tensors below 8 bits that no person and no algorithm chose start where the squared error is least,
   * instead of where the settings' estimator puts them. lsq: where the LSQ paper starts, by the mean magnitude.
   */
  readonly startRanges: 'fitted' | 'lsq' | 'settings';
  /**
   * What batch norm normalizes by, where the source has it: frozen: what the file says, folded before training. batch: each
   * batch's statistics until `freezeBatchNormAfter` epochs are done, then running ones, folded. reestimated: each batch's
   * throughout; running ones are taken anew whenever an epoch ends.
   */
  readonly batchNorm: 'frozen' | 'batch' | 'reestimated';
  readonly freezeBatchNormAfter: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerId;
  /** With Adam relative to the size of what it changes, of scales and offsets to what they start from. */
  readonly learningRate: number;
  /** Of scales and offsets. */
  readonly rangeLearningRate: number;
  /** Rates are for INT4 and below: finer formats learn at smaller ones, in proportion to their rounding noise. */
  readonly ratesByFormat: boolean;
  readonly schedule: ScheduleId;
  /** Share of all steps in which rates grow from nearly nothing: Adam's first steps are its largest. */
  readonly warmUp: number;
  /** Of weights, decoupled from the gradient. */
  readonly weightDecay: number;
  /**
   * auto: labels where there are any, together with what the float model says; targets where there are any; else what the
   * float model says. both: the first of these and nothing else. input: of an autoencoder, what it was given.
   */
  readonly teacher: 'auto' | 'labels' | 'float' | 'both' | 'input';
  /** Softens both outputs where a classifier learns from the float model. */
  readonly temperature: number;
  readonly flip: boolean;
  /** Pixels an image is moved at most, each way. */
  readonly shift: number;
  /** Part of the training samples kept apart to choose the best epoch by. */
  readonly validationShare: number;
  /** Epochs without a better one before training stops early; 0: never. */
  readonly patience: number;
  /**
   * What training computes on. auto: whichever of wasm and the GPUs there are takes a step of this model in the shortest
   * time. Calibration, evaluation and export are on wasm always.
   */
  readonly backend: 'auto' | 'wasm' | 'webgpu' | 'webgl';
  /** At most this many samples; 0: all that are not evaluated on. */
  readonly samples: number;
  readonly seed: number;
}

export const DEFAULT_QAT: QatSettings = {
  ranges: 'learned',
  freezeAfter: 2,
  startRanges: 'fitted',
  batchNorm: 'frozen',
  freezeBatchNormAfter: 2,
  epochs: 5,
  batchSize: 32,
  optimizer: 'adam',
  learningRate: 1e-2,
  rangeLearningRate: 2e-2,
  ratesByFormat: true,
  schedule: 'cosine',
  warmUp: 0.1,
  weightDecay: 0,
  teacher: 'auto',
  temperature: 4,
  flip: false,
  shift: 0,
  validationShare: 0.1,
  patience: 0,
  backend: 'auto',
  samples: 0,
  seed: 42,
};

type Choice = 'ranges' | 'startRanges' | 'batchNorm' | 'optimizer' | 'schedule' | 'teacher' | 'backend';

/** What those settings may be that are a choice of words. */
export const QAT_CHOICES: { readonly [K in Choice]: readonly QatSettings[K][] } = {
  ranges: ['learned', 'observed'],
  startRanges: ['fitted', 'lsq', 'settings'],
  batchNorm: ['frozen', 'batch', 'reestimated'],
  optimizer: Object.keys(OPTIMIZERS) as OptimizerId[],
  schedule: Object.keys(SCHEDULES) as ScheduleId[],
  teacher: ['auto', 'labels', 'float', 'both', 'input'],
  backend: ['auto', 'wasm', 'webgpu', 'webgl'],
};

/**
 * @throws RangefinderError 'invalid-settings' listing everything that is out of bounds
 */
export function checkQatSettings(settings: QatSettings): void {
  const whole = (low: number, high: number) => (x: number) => Number.isInteger(x) && x >= low && x <= high;
  const between = (low: number, high: number) => (x: number) => x >= low && x <= high;
  const rows: [name: string, value: number, isFine: (x: number) => boolean, bounds: string][] = [
    ['epochs', settings.epochs, whole(1, 1000), 'a whole number from 1 to 1000'],
    ['batch size', settings.batchSize, whole(1, 1024), 'a whole number from 1 to 1024'],
    ['learning rate', settings.learningRate, between(0, 10), 'from 0 to 10'],
    ['learning rate of ranges', settings.rangeLearningRate, between(0, 10), 'from 0 to 10'],
    ['warm-up', settings.warmUp, between(0, 1), 'from 0 to 1'],
    ['weight decay', settings.weightDecay, between(0, 1), 'from 0 to 1'],
    ['temperature', settings.temperature, between(0.1, 100), 'from 0.1 to 100'],
    ['shift', settings.shift, whole(0, 64), 'a whole number from 0 to 64'],
    ['validation share', settings.validationShare, between(0.01, 0.5), 'from 0.01 to 0.5'],
    ['patience', settings.patience, whole(0, 1000), 'a whole number from 0'],
    ['samples', settings.samples, whole(0, 1e9), 'a whole number from 0'],
    ['epochs before ranges freeze', settings.freezeAfter, whole(0, 1000), 'a whole number from 0'],
    ['epochs before batch norm freezes', settings.freezeBatchNormAfter, whole(0, 1000), 'a whole number from 0'],
    ['seed', settings.seed, Number.isInteger, 'a whole number'],
  ];
  const details = rows.flatMap(([name, value, isFine, bounds]) =>
    isFine(value) ? [] : [`${name}: ${value} is not ${bounds}`],
  );
  for (const [name, choices] of Object.entries(QAT_CHOICES)) {
    const chosen = settings[name as Choice];
    if (!(choices as readonly string[]).includes(chosen)) details.push(`${name}: there is no "${chosen}"`);
  }
  if (details.length === 0) return;
  throw new RangefinderError({
    code: 'invalid-settings',
    message:
      details.length === 1 ? `Training cannot start: ${details[0]}.` : 'Training cannot start with these settings.',
    hint: 'Change what is listed and start again.',
    details,
  });
}

/** Settings from elsewhere: those that were not there yet have their defaults, others of a type that they cannot be as well. */
export function withDefaults(values: Readonly<Record<string, unknown>>): QatSettings {
  const usual: Readonly<Record<string, unknown>> = { ...DEFAULT_QAT };
  const known = Object.keys(usual).map((key) => [
    key,
    typeof values[key] === typeof usual[key] ? values[key] : usual[key],
  ]);
  return Object.fromEntries(known) as QatSettings;
}
