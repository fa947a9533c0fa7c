/** The grammar of `rangefinder diagnose`. */
import { DEFAULT_SPLIT } from '../../core/data/defaults';
import type { TaskChoice } from '../../core/metrics/guess-task';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { formatOf } from '../../core/number-formats/table';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import type { QuantizedPart } from '../../core/quantize/plan';
import type { SensitivityMode } from '../../jobs/contract/protocol';
import { estimator, modelOf, number, oneOf, parsedBy } from './options';
import { parseSizes, SIZE_OPTION } from './sizes';
import { parseTask, TASK_OPTION } from './task';
import { UsageError } from './usage-error';

export interface DiagnoseArgs {
  readonly command: 'diagnose';
  readonly model: string;
  readonly sizes: InputSizes;
  readonly data: string;
  readonly labels?: string;
  readonly report?: string;
  readonly calibrate: number;
  readonly evaluate: number;
  readonly task: TaskChoice;
  readonly settings: QuantSettings;
  /** Samples; 0: not measured. */
  readonly sensitivity: number;
  readonly mode: SensitivityMode;
  readonly part: QuantizedPart;
  readonly seed: number;
  readonly quiet: boolean;
}

const OPTIONS = {
  ...SIZE_OPTION,
  ...TASK_OPTION,
  data: { type: 'string' },
  labels: { type: 'string' },
  report: { type: 'string' },
  calibrate: { type: 'string', default: String(DEFAULT_SPLIT.calibrationSamples) },
  evaluate: { type: 'string', default: String(DEFAULT_SPLIT.evaluationSamples) },
  estimator: { type: 'string', default: 'minmax' },
  'weight-estimator': { type: 'string', default: 'minmax' },
  granularity: { type: 'string', default: 'channel' },
  'weight-format': { type: 'string', default: 'int8' },
  'activation-format': { type: 'string', default: 'int8' },
  cle: { type: 'boolean', default: false },
  sensitivity: { type: 'string', default: '256' },
  mode: { type: 'string', default: 'alone' },
  part: { type: 'string', default: 'both' },
  seed: { type: 'string', default: String(DEFAULT_SPLIT.seed) },
  quiet: { type: 'boolean', default: false },
} as const;

function format(name: string, id: string): { readonly format?: string } {
  if (!formatOf(id)) throw new UsageError(`--${name} takes the name of a number format, such as int4; not "${id}".`);
  return id === 'int8' ? {} : { format: id };
}

/** @throws UsageError saying which word is off */
export function parseDiagnose(argv: readonly string[]): DiagnoseArgs {
  const { values, positionals } = parsedBy(OPTIONS, argv);
  const model = modelOf('diagnose', positionals.slice(1));
  if (values.data === undefined) throw new UsageError('diagnose needs --data PATH (or --data random).');
  return {
    command: 'diagnose',
    model,
    sizes: parseSizes(values.size),
    data: values.data,
    labels: values.labels,
    report: values.report,
    calibrate: number('calibrate', values.calibrate, { min: 1 }),
    evaluate: number('evaluate', values.evaluate, { min: 1 }),
    task: parseTask(values),
    settings: {
      ...DEFAULT_SETTINGS,
      weights: {
        granularity: oneOf('granularity', values.granularity, ['channel', 'tensor']),
        estimator: { id: estimator('weight-estimator', values['weight-estimator']), params: {} },
        ...format('weight-format', values['weight-format']),
      },
      activations: {
        estimator: { id: estimator('estimator', values.estimator), params: {} },
        ...format('activation-format', values['activation-format']),
      },
      ...(values.cle && { algorithms: [{ id: 'cle', params: {} }] }),
    },
    sensitivity: number('sensitivity', values.sensitivity),
    mode: oneOf('mode', values.mode, ['alone', 'all-but']),
    part: oneOf('part', values.part, ['both', 'weights', 'activations']),
    seed: number('seed', values.seed),
    quiet: values.quiet,
  };
}
