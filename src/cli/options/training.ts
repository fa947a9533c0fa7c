/** How `rangefinder qat` trains. */
import { DEFAULT_QAT, QAT_CHOICES, type QatSettings } from '../../core/training/settings';
import { decimal, flag, oneOf, optional, whole, withDefault, type ValuesOf } from './option';

/** One of the words that a setting may be. */
function choice<K extends keyof typeof QAT_CHOICES>(value: string, key: K, help: string) {
  const words = QAT_CHOICES[key] as readonly (QatSettings[K] & string)[];
  return withDefault(value, `${help}: ${words.join(' | ')}`, oneOf(words), DEFAULT_QAT[key]);
}

const counted = (key: keyof QatSettings, help: string, min = 0) =>
  withDefault('N', help, whole(min), DEFAULT_QAT[key] as number);

const measured = (value: string, key: keyof QatSettings, help: string) =>
  withDefault(value, help, decimal(0), DEFAULT_QAT[key] as number);

const RANGES_PER_WEIGHTS = DEFAULT_QAT.rangeLearningRate / DEFAULT_QAT.learningRate;

export const TRAINING_OPTIONS = {
  epochs: counted('epochs', 'passes over the samples', 1),
  batch: counted('batchSize', 'samples a step', 1),
  samples: counted('samples', 'train and validate on N at most; 0: on all that are not evaluated on'),
  validationShare: measured('S', 'validationShare', 'part of them that the best epoch is chosen by'),
  patience: counted('patience', 'stop after N epochs that brought nothing better; 0: never'),
  learningRate: optional(
    'R',
    `the same rate for every format (${DEFAULT_QAT.learningRate} for INT4, scaled to others)`,
    decimal(0),
  ),
  rangeLearningRate: optional('R', `of scales and offsets (${RANGES_PER_WEIGHTS} × the other)`, decimal(0)),
  optimizer: choice('O', 'optimizer', 'what takes the steps'),
  schedule: choice('S', 'schedule', 'how rates go on'),
  warmUp: measured('S', 'warmUp', 'part of all steps in which rates grow'),
  weightDecay: measured('D', 'weightDecay', 'of weights, decoupled from the gradient'),
  teacher: choice('T', 'teacher', 'what is learnt from'),
  temperature: measured('T', 'temperature', 'of distillation from the float model'),
  ranges: choice('R', 'ranges', 'how ranges move'),
  freezeAfter: counted('freezeAfter', 'epochs after which observed ranges stay'),
  startRanges: choice('S', 'startRanges', 'where ranges start'),
  batchNorm: choice('B', 'batchNorm', 'what batch norm normalizes by'),
  freezeBatchNormAfter: counted('freezeBatchNormAfter', 'epochs after which batch statistics stay'),
  flip: flag('mirror images now and then'),
  shift: counted('shift', 'pixels that images are moved at most'),
};

/** The training's own limits are checked by the job. */
export function trainingOf(values: ValuesOf<typeof TRAINING_OPTIONS>, seed: number): QatSettings {
  const learningRate = values.learningRate ?? DEFAULT_QAT.learningRate;
  return {
    ranges: values.ranges,
    freezeAfter: values.freezeAfter,
    startRanges: values.startRanges,
    batchNorm: values.batchNorm,
    freezeBatchNormAfter: values.freezeBatchNormAfter,
    epochs: values.epochs,
    batchSize: values.batch,
    optimizer: values.optimizer,
    learningRate,
    rangeLearningRate: values.rangeLearningRate ?? RANGES_PER_WEIGHTS * learningRate,
    ratesByFormat: values.learningRate === undefined && DEFAULT_QAT.ratesByFormat,
    schedule: values.schedule,
    warmUp: values.warmUp,
    weightDecay: values.weightDecay,
    teacher: values.teacher,
    temperature: values.temperature,
    flip: values.flip,
    shift: values.shift,
    validationShare: values.validationShare,
    patience: values.patience,
    backend: 'wasm', // the only one in Node
    samples: values.samples,
    seed,
  };
}
