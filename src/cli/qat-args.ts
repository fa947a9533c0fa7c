/** The grammar of `rangefinder qat`. */
import { parseArgs } from 'node:util';
import { DEFAULT_SPLIT } from '../core/data/defaults';
import { formatOf } from '../core/numerics/formats/table';
import { DEFAULT_QAT, type QatSettings } from '../core/training/settings';
import { UsageError } from './usage-error';

export interface QatArgs {
  readonly command: 'qat';
  readonly model: string;
  readonly data: string;
  readonly labels?: string;
  readonly out?: string;
  readonly report?: string;
  readonly calibrate: number;
  readonly evaluate: number;
  readonly estimator: string;
  readonly weightBits: number;
  readonly activationBits: number;
  readonly training: QatSettings;
  readonly quiet: boolean;
}

const OPTIONS = {
  data: { type: 'string' },
  labels: { type: 'string' },
  out: { type: 'string' },
  report: { type: 'string' },
  calibrate: { type: 'string', default: String(DEFAULT_SPLIT.calibrationSamples) },
  evaluate: { type: 'string', default: String(DEFAULT_SPLIT.evaluationSamples) },
  estimator: { type: 'string', default: 'mse' },
  'weight-bits': { type: 'string', default: '8' },
  'activation-bits': { type: 'string', default: '8' },
  epochs: { type: 'string', default: String(DEFAULT_QAT.epochs) },
  batch: { type: 'string', default: String(DEFAULT_QAT.batchSize) },
  samples: { type: 'string', default: String(DEFAULT_QAT.samples) },
  'learning-rate': { type: 'string' },
  'range-learning-rate': { type: 'string' },
  teacher: { type: 'string', default: DEFAULT_QAT.teacher },
  flip: { type: 'boolean', default: false },
  shift: { type: 'string', default: '0' },
  seed: { type: 'string', default: String(DEFAULT_SPLIT.seed) },
  quiet: { type: 'boolean', default: false },
} as const;

/** @throws UsageError saying which word is off; the training's own limits are checked by the job */
export function parseQat(argv: readonly string[]): QatArgs {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [, model, ...rest] = positionals;
  if (model === undefined) throw new UsageError('qat needs a MODEL.');
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many.`);
  if (values.data === undefined) throw new UsageError('qat needs --data PATH.');
  const number = (name: keyof typeof values) => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${name} takes a number, not "${values[name]}".`);
    return value;
  };
  const bits = (name: 'weight-bits' | 'activation-bits') => {
    const value = number(name);
    if (value > 8 || !formatOf(`int${value}`)) throw new UsageError(`--${name} takes a whole number from 2 to 8.`);
    return value;
  };
  const teacher = values.teacher;
  if (teacher !== 'auto' && teacher !== 'labels' && teacher !== 'float')
    throw new UsageError(`--teacher takes auto, labels or float; not "${teacher}".`);
  const [weightBits, activationBits] = [bits('weight-bits'), bits('activation-bits')];
  // Eight bits start next to where they should end.
  const usual = Math.min(weightBits, activationBits) >= 7 ? 1e-4 : DEFAULT_QAT.learningRate;
  const learningRate = values['learning-rate'] === undefined ? usual : number('learning-rate');
  return {
    command: 'qat',
    model,
    data: values.data,
    labels: values.labels,
    out: values.out,
    report: values.report,
    calibrate: number('calibrate'),
    evaluate: number('evaluate'),
    estimator: values.estimator,
    weightBits,
    activationBits,
    training: {
      ...DEFAULT_QAT,
      epochs: number('epochs'),
      batchSize: number('batch'),
      samples: number('samples'),
      learningRate,
      rangeLearningRate: values['range-learning-rate'] === undefined ? learningRate : number('range-learning-rate'),
      teacher,
      flip: values.flip,
      shift: number('shift'),
      seed: number('seed'),
    },
    quiet: values.quiet,
  };
}
