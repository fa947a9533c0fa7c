/** The grammar of `rangefinder qat`. */
import { DEFAULT_SPLIT } from '../../core/data/defaults';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { formatOf, FORMATS } from '../../core/number-formats/table';
import { DEFAULT_QAT, QAT_CHOICES, type QatSettings } from '../../core/training/settings';
import { modelOf, number, oneOf, parsedBy } from './options';
import { parseSizes, SIZE_OPTION, SIZE_USAGE } from './sizes';
import { UsageError } from './usage-error';

const list = (name: keyof typeof QAT_CHOICES) => QAT_CHOICES[name].join(' | ');

export const QAT_USAGE = `rangefinder qat MODEL --data PATH [options]

Quantizes a model and trains what was quantized; measures float, PTQ and QAT on samples that nothing was learnt from.

  --weight-bits B, --activation-bits B      integers of 2 to 16 bits (8)
  --weight-format F, --activation-format F  any other format: ${FORMATS.filter(({ family }) => family !== 'integer')
    .map(({ id }) => id)
    .join(', ')}
  --input-format F         of the model's inputs (that of the activations; INT8 where such a float errs more on them)
  --granularity G          channel | tensor scales of weights (channel)
  --estimator NAME         where ranges are put after training, to start from (mse)
  --calibrate N            samples to calibrate with (${DEFAULT_SPLIT.calibrationSamples})
  --evaluate N             samples to evaluate with (${DEFAULT_SPLIT.evaluationSamples}); the others are trained on
  --evaluate-data PATH     evaluate on other data than that which is trained on

  --epochs N               (${DEFAULT_QAT.epochs})
  --batch N                (${DEFAULT_QAT.batchSize})
  --samples N              train and validate on N at most (all that are not evaluated on)
  --validation-share S     part of them that the best epoch is chosen by (${DEFAULT_QAT.validationShare})
  --patience N             stop after N epochs that brought nothing better (never)
  --learning-rate R        the same rate for every format (${DEFAULT_QAT.learningRate} for INT4, scaled to others)
  --range-learning-rate R  of scales and offsets (${DEFAULT_QAT.rangeLearningRate / DEFAULT_QAT.learningRate} × the other)
  --optimizer O            ${list('optimizer')} (${DEFAULT_QAT.optimizer})
  --schedule S             ${list('schedule')} (${DEFAULT_QAT.schedule})
  --warm-up S              part of all steps in which rates grow (${DEFAULT_QAT.warmUp})
  --weight-decay D         (${DEFAULT_QAT.weightDecay})
  --teacher T              ${list('teacher')} (${DEFAULT_QAT.teacher})
  --temperature T          softens what the float model says (${DEFAULT_QAT.temperature})
  --ranges R               ${list('ranges')} (${DEFAULT_QAT.ranges})
  --freeze-after N         epochs after which observed ranges stay (${DEFAULT_QAT.freezeAfter})
  --start-ranges S         ${list('startRanges')} (${DEFAULT_QAT.startRanges})
  --batch-norm B           ${list('batchNorm')} (${DEFAULT_QAT.batchNorm})
  --freeze-batch-norm-after N  epochs (${DEFAULT_QAT.freezeBatchNormAfter})
  --flip, --shift PIXELS   change images a little
  --seed N                 (${DEFAULT_QAT.seed})

  ${SIZE_USAGE}
  --labels FILE            labels kept apart from the data
  --out FILE.tflite        write the trained model; formats that no file holds are a simulation
  --report FILE.json       write the report
  --quiet                  only errors
`;

export interface QatArgs {
  readonly command: 'qat';
  readonly model: string;
  readonly sizes: InputSizes;
  readonly data: string;
  readonly evaluateData?: string;
  readonly labels?: string;
  readonly out?: string;
  readonly report?: string;
  readonly calibrate: number;
  readonly evaluate: number;
  readonly estimator: string;
  readonly granularity: 'channel' | 'tensor';
  /** Rows of the format table. */
  readonly weightFormat: string;
  readonly activationFormat: string;
  readonly inputFormat?: string;
  readonly training: QatSettings;
  readonly quiet: boolean;
}

const OPTIONS = {
  ...SIZE_OPTION,
  data: { type: 'string' },
  'evaluate-data': { type: 'string' },
  labels: { type: 'string' },
  out: { type: 'string' },
  report: { type: 'string' },
  calibrate: { type: 'string', default: String(DEFAULT_SPLIT.calibrationSamples) },
  evaluate: { type: 'string', default: String(DEFAULT_SPLIT.evaluationSamples) },
  estimator: { type: 'string', default: 'mse' },
  granularity: { type: 'string', default: 'channel' },
  'weight-bits': { type: 'string' },
  'activation-bits': { type: 'string' },
  'weight-format': { type: 'string' },
  'activation-format': { type: 'string' },
  'input-format': { type: 'string' },
  epochs: { type: 'string' },
  batch: { type: 'string' },
  samples: { type: 'string' },
  'validation-share': { type: 'string' },
  patience: { type: 'string' },
  'learning-rate': { type: 'string' },
  'range-learning-rate': { type: 'string' },
  optimizer: { type: 'string' },
  schedule: { type: 'string' },
  'warm-up': { type: 'string' },
  'weight-decay': { type: 'string' },
  teacher: { type: 'string' },
  temperature: { type: 'string' },
  ranges: { type: 'string' },
  'freeze-after': { type: 'string' },
  'start-ranges': { type: 'string' },
  'batch-norm': { type: 'string' },
  'freeze-batch-norm-after': { type: 'string' },
  flip: { type: 'boolean', default: false },
  shift: { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean', default: false },
} as const;

type OptionName = keyof typeof OPTIONS;
type Values = Readonly<Partial<Record<OptionName, string | boolean | string[]>>>;

function numberOf(values: Values, name: OptionName, usual: number): number {
  const text = values[name];
  if (text === undefined) return usual;
  return number(name, String(text), { integer: false });
}

/** One of the words that a setting may be. */
function settingOf<K extends keyof typeof QAT_CHOICES>(values: Values, name: OptionName, key: K): QatSettings[K] {
  return choiceOf<QatSettings[K]>(values, name, QAT_CHOICES[key], DEFAULT_QAT[key]);
}

function choiceOf<T extends string>(values: Values, name: OptionName, choices: readonly T[], usual: T): T {
  return oneOf(name, String(values[name] ?? usual), choices);
}

function formatIn(values: Values, name: OptionName): string | undefined {
  const text = values[name] as string | undefined;
  if (text !== undefined && !formatOf(text))
    throw new UsageError(`--${name} takes ${FORMATS.map(({ id }) => id).join(', ')}; not "${text}".`);
  return text;
}

/** Bits of integers, or a format by name. */
function precision(values: Values, of: 'weight' | 'activation'): string {
  const format = formatIn(values, `${of}-format`);
  const bits = values[`${of}-bits`];
  if (format !== undefined && bits !== undefined)
    throw new UsageError(`--${of}-bits and --${of}-format say the same twice: leave one out.`);
  if (format !== undefined) return format;
  const value = numberOf(values, `${of}-bits`, 8);
  if (!formatOf(`int${value}`)) throw new UsageError(`--${of}-bits takes a whole number from 2 to 16.`);
  return `int${value}`;
}

function trainingOf(values: Values): QatSettings {
  const usual = DEFAULT_QAT;
  const learningRate = numberOf(values, 'learning-rate', usual.learningRate);
  const proportion = usual.rangeLearningRate / usual.learningRate;
  return {
    ranges: settingOf(values, 'ranges', 'ranges'),
    freezeAfter: numberOf(values, 'freeze-after', usual.freezeAfter),
    startRanges: settingOf(values, 'start-ranges', 'startRanges'),
    batchNorm: settingOf(values, 'batch-norm', 'batchNorm'),
    freezeBatchNormAfter: numberOf(values, 'freeze-batch-norm-after', usual.freezeBatchNormAfter),
    epochs: numberOf(values, 'epochs', usual.epochs),
    batchSize: numberOf(values, 'batch', usual.batchSize),
    optimizer: settingOf(values, 'optimizer', 'optimizer'),
    learningRate,
    rangeLearningRate: numberOf(values, 'range-learning-rate', proportion * learningRate),
    ratesByFormat: values['learning-rate'] === undefined && usual.ratesByFormat,
    schedule: settingOf(values, 'schedule', 'schedule'),
    warmUp: numberOf(values, 'warm-up', usual.warmUp),
    weightDecay: numberOf(values, 'weight-decay', usual.weightDecay),
    teacher: settingOf(values, 'teacher', 'teacher'),
    temperature: numberOf(values, 'temperature', usual.temperature),
    flip: values.flip === true,
    shift: numberOf(values, 'shift', usual.shift),
    validationShare: numberOf(values, 'validation-share', usual.validationShare),
    patience: numberOf(values, 'patience', usual.patience),
    backend: 'wasm', // the only one in Node
    samples: numberOf(values, 'samples', usual.samples),
    seed: numberOf(values, 'seed', usual.seed),
  };
}

/** @throws UsageError saying which word is off; the training's own limits are checked by the job */
export function parseQat(argv: readonly string[]): QatArgs {
  const { values, positionals } = parsedBy(OPTIONS, argv);
  const model = modelOf('qat', positionals.slice(1));
  if (values.data === undefined) throw new UsageError('qat needs --data PATH.');
  const inputFormat = formatIn(values, 'input-format');
  return {
    command: 'qat',
    model,
    sizes: parseSizes(values.size),
    data: values.data,
    ...(values['evaluate-data'] !== undefined && { evaluateData: values['evaluate-data'] }),
    labels: values.labels,
    out: values.out,
    report: values.report,
    calibrate: numberOf(values, 'calibrate', 0),
    evaluate: numberOf(values, 'evaluate', 0),
    estimator: values.estimator,
    granularity: choiceOf(values, 'granularity', ['channel', 'tensor'], 'channel'),
    weightFormat: precision(values, 'weight'),
    activationFormat: precision(values, 'activation'),
    ...(inputFormat !== undefined && { inputFormat }),
    training: trainingOf(values),
    quiet: values.quiet,
  };
}
