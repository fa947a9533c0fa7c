/**
 * Every setting of a training, as the form shows it. The compiler asks for a row for each, and for the words of each choice;
 * bounds are those that the job checks.
 */
import type { QatSettings } from '../../../core/training/settings';

interface Common {
  readonly label: string;
  /** One sentence. */
  readonly explain: string;
  /** Folded away until asked for. */
  readonly advanced?: boolean;
  /** Left out where it would change nothing. */
  readonly when?: (settings: QatSettings) => boolean;
}

export interface NumberRow extends Common {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

export interface ChoiceRow<V extends string> extends Common {
  readonly kind: 'choice';
  readonly choices: Readonly<Record<V, string>>;
}

export interface SwitchRow extends Common {
  readonly kind: 'switch';
}

type RowOf<V> = [V] extends [boolean]
  ? SwitchRow
  : [V] extends [number]
    ? NumberRow
    : [V] extends [string]
      ? ChoiceRow<V>
      : never;

/** In the order of the form. */
export const SETTINGS: { readonly [K in keyof QatSettings]-?: RowOf<Exclude<QatSettings[K], undefined>> } = {
  epochs: {
    kind: 'number',
    label: 'Epochs',
    explain: 'Times that every sample is trained on.',
    min: 1,
    max: 1000,
    whole: true,
  },
  learningRate: {
    kind: 'number',
    label: 'Learning rate',
    explain: 'Step of the weights; with Adam relative to their size. Too large a step makes training diverge.',
    min: 0,
    max: 10,
  },
  ranges: {
    kind: 'choice',
    label: 'Ranges',
    explain: 'Learned: scales are trained along with the weights (LSQ). Observed: they follow the values seen.',
    choices: { learned: 'Learned', observed: 'Observed' },
  },
  teacher: {
    kind: 'choice',
    label: 'Learn from',
    explain: 'Labels or targets of the data, what the float model says to the same samples (distillation), or both.',
    choices: {
      auto: 'All there is',
      both: 'Labels and float model',
      labels: 'Labels',
      float: 'The float model',
      input: 'Its own input',
    },
  },
  samples: {
    kind: 'number',
    label: 'Samples at most',
    explain: 'Samples to train on and to validate with; 0 takes all that are not evaluated on.',
    min: 0,
    max: 1e9,
    whole: true,
  },
  backend: {
    kind: 'choice',
    label: 'Runs on',
    explain: 'Fastest: a few steps are timed on WebAssembly and on each GPU interface there is.',
    choices: { auto: 'Fastest', wasm: 'WebAssembly', webgpu: 'WebGPU', webgl: 'WebGL' },
    advanced: true,
  },
  ratesByFormat: {
    kind: 'switch',
    label: 'Rates by format',
    explain: 'Rates hold for INT4 and coarser; finer formats learn at smaller ones, by their rounding noise.',
    advanced: true,
  },
  startRanges: {
    kind: 'choice',
    label: 'Ranges start',
    explain:
      'Below 8 bits where the squared error is least, or by mean magnitudes (LSQ); or as the settings have them.',
    choices: { fitted: 'Least error', lsq: 'LSQ’s rule', settings: 'As they are' },
    advanced: true,
  },
  rangeLearningRate: {
    kind: 'number',
    label: 'Learning rate of ranges',
    explain: 'Step of scales and offsets, relative to what they start from.',
    min: 0,
    max: 10,
    advanced: true,
    when: ({ ranges }) => ranges === 'learned',
  },
  freezeAfter: {
    kind: 'number',
    label: 'Freeze ranges after',
    explain: 'Epochs after which observed ranges stay as they are.',
    min: 0,
    max: 1000,
    whole: true,
    advanced: true,
    when: ({ ranges }) => ranges === 'observed',
  },
  batchNorm: {
    kind: 'choice',
    label: 'Batch norm',
    explain: 'By the statistics of the file, of each batch until frozen, or of each batch and taken anew each epoch.',
    choices: { frozen: 'Of the file', batch: 'Of batches', reestimated: 'Re-estimated' },
    advanced: true,
  },
  freezeBatchNormAfter: {
    kind: 'number',
    label: 'Freeze batch norm after',
    explain: 'Epochs after which running statistics are folded into the weights.',
    min: 0,
    max: 1000,
    whole: true,
    advanced: true,
    when: ({ batchNorm }) => batchNorm === 'batch',
  },
  batchSize: {
    kind: 'number',
    label: 'Batch size',
    explain: 'Samples of one step.',
    min: 1,
    max: 1024,
    whole: true,
    advanced: true,
  },
  optimizer: {
    kind: 'choice',
    label: 'Optimizer',
    explain: 'Adam adapts the step to each value; SGD with momentum 0.9 follows the gradient and needs a smaller rate.',
    choices: { adam: 'Adam', sgd: 'SGD, momentum' },
    advanced: true,
  },
  schedule: {
    kind: 'choice',
    label: 'Schedule',
    explain: 'How the learning rate falls while training goes on.',
    choices: { cosine: 'Cosine to zero', step: 'In steps, ÷10', constant: 'Constant' },
    advanced: true,
  },
  warmUp: {
    kind: 'number',
    label: 'Warm-up',
    explain: 'Share of all steps in which rates grow from nearly nothing.',
    min: 0,
    max: 1,
    advanced: true,
  },
  weightDecay: {
    kind: 'number',
    label: 'Weight decay',
    explain: 'Share of each weight taken off, times the learning rate, with every step.',
    min: 0,
    max: 1,
    advanced: true,
  },
  temperature: {
    kind: 'number',
    label: 'Temperature',
    explain: 'Of the distillation: above 1, the float model’s second choices teach as well.',
    min: 0.1,
    max: 100,
    advanced: true,
    when: ({ teacher }) => teacher !== 'labels',
  },
  flip: {
    kind: 'switch',
    label: 'Flip images',
    explain: 'Half of the images are mirrored. Not for digits or letters.',
    advanced: true,
  },
  shift: {
    kind: 'number',
    label: 'Shift images by',
    explain: 'Pixels an image is moved at most, each way.',
    min: 0,
    max: 64,
    whole: true,
    advanced: true,
  },
  validationShare: {
    kind: 'number',
    label: 'Validation share',
    explain: 'Part of the samples kept apart to choose the best epoch by.',
    min: 0.01,
    max: 0.5,
    advanced: true,
  },
  patience: {
    kind: 'number',
    label: 'Patience',
    explain: 'Epochs without a better one before training stops early; 0 never stops.',
    min: 0,
    max: 1000,
    whole: true,
    advanced: true,
  },
  seed: {
    kind: 'number',
    label: 'Seed',
    explain: 'The same seed gives the same numbers.',
    min: -(2 ** 31),
    max: 2 ** 31 - 1,
    whole: true,
    advanced: true,
  },
};

export type SettingId = keyof QatSettings;

/** The rows that matter under these settings, the usual ones or the others. */
export function shownSettings(settings: QatSettings, advanced: boolean): readonly SettingId[] {
  return (Object.keys(SETTINGS) as SettingId[]).filter((id) => {
    const row: Common = SETTINGS[id];
    return (row.advanced ?? false) === advanced && (row.when?.(settings) ?? true);
  });
}

/** The choices that were made, in a line. */
export function settingsInWords(settings: QatSettings): string {
  const { epochs, learningRate, batchSize, ranges, optimizer, seed } = settings;
  const parts = [
    epochs === 1 ? '1 epoch' : `${epochs} epochs`,
    `batches of ${batchSize}`,
    `${SETTINGS.optimizer.choices[optimizer]} at ${learningRate}`,
    `ranges ${SETTINGS.ranges.choices[ranges].toLowerCase()}`,
    `seed ${seed}`,
  ];
  return parts.join(' · ');
}
