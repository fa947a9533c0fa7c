/** The command line's grammar. A wrong one is a usage error (exit 2), never a stack trace. */
import { ALGORITHMS } from '../../core/algorithms/table';
import { DEFAULT_SPLIT } from '../../core/data/defaults';
import type { TaskChoice } from '../../core/metrics/guess-task';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { AlgorithmChoice, Granularity, LayerRule } from '../../core/quantize/settings';
import { algorithmsOf } from './algorithms';
import { parseDiagnose, type DiagnoseArgs } from './diagnose-options';
import { estimator, modelOf, nonZero, number, oneOf, parsedBy, real } from './options';
import { parseQat, QAT_USAGE, type QatArgs } from './qat-options';
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import { parseRule, RULE_USAGE } from './rules';
import { parseSizes, SIZE_OPTION, SIZE_USAGE } from './sizes';
import { parseTask, TASK_OPTION, TASK_USAGE } from './task';
import { UsageError } from './usage-error';

export const USAGE = `rangefinder – int8 quantization of neural networks, measured on the file you ship

  rangefinder inspect MODEL [--json] [--size NAME=N]
  rangefinder quantize MODEL --data PATH --out FILE.tflite [options]
  rangefinder qat MODEL --data PATH [options]    trains what was quantized; its options: rangefinder qat --help
  rangefinder diagnose MODEL --data PATH [--sensitivity N] [--mode alone|all-but] [--part both|weights|activations]
                  [--granularity G] [--size NAME=N] [--weight-format F] [--activation-format F] [--estimator NAME]
                  [--weight-estimator N] [--cle] [--calibrate N] [--evaluate N] [--seed N] [--report FILE.json]

MODEL is a .tflite, an .onnx, a Keras .keras or .h5, or a TF.js model.json (or a folder or zip holding one).
PATH is a folder or zip of class-named image folders, a .npy/.npz, IDX (.gz) files or a CSV; "random" is seeded noise.

  ${SIZE_USAGE}
  --labels FILE          labels kept apart from the data (.npy, IDX, CSV, one per line)
  --calibrate N          samples to calibrate with (${DEFAULT_SPLIT.calibrationSamples})
  --evaluate N           samples to evaluate with (${DEFAULT_SPLIT.evaluationSamples}); never a calibration sample
  ${TASK_USAGE}
  --estimator NAME       ${ESTIMATORS.map(({ id }) => id).join(' | ')}, for activations (minmax)
  --weight-estimator N   the same for weights (minmax)
  --granularity G        channel | tensor (channel), of weights
  --rule 'LAYERS:CHANGES' formats, ranges or float for some layers: see below
  --cle                  equalize channels between neighbouring layers
  --bias-correction      take back what rounding does to each layer's mean output
  --adaround N           learn to round up or down, N iterations a layer (1000 is good)
  --gptq                 round weights one after another, each making up for those before (instead of --adaround)
  --algorithm ID[:P=N,…] any other: ${ALGORITHMS.map(({ id }) => id).join(', ')}
  --improve              find out which of these help, and which estimators; keeps what does, and says why
  --io TYPE              int8 | float32 inputs and outputs (int8)
  --input-scale S        multiply raw values by S instead of the guessed preprocessing
  --input-mean M[,M,M]   subtract M (in raw units) before scaling
  --seed N               of the split and of random data (${DEFAULT_SPLIT.seed})
  --sensitivity N        also measure each layer alone, on N samples (0: not)
  --report FILE.json     write the report
  --out FILE.tflite      write the quantized model
  --c-source FILE.cc     write it as a C++ array as well, for TensorFlow Lite for Microcontrollers
  --quiet                only errors
${RULE_USAGE}
Exit codes: 0 done, 1 bad input, 2 wrong usage.
`;

export interface InspectArgs {
  readonly command: 'inspect';
  readonly model: string;
  readonly sizes: InputSizes;
  readonly json: boolean;
}

export interface QuantizeArgs {
  readonly command: 'quantize';
  readonly model: string;
  readonly sizes: InputSizes;
  readonly data: string;
  readonly labels?: string;
  readonly out: string;
  readonly cSource?: string;
  readonly report?: string;
  readonly calibrate: number;
  readonly evaluate: number;
  readonly task: TaskChoice;
  readonly sensitivity: number;
  readonly estimator: string;
  readonly weightEstimator: string;
  readonly granularity: Exclude<Granularity, 'block'>;
  /** In order. */
  readonly rules: readonly LayerRule[];
  /** In the order of the algorithm table. */
  readonly algorithms: readonly AlgorithmChoice[];
  readonly improve: boolean;
  readonly io: 'int8' | 'float32';
  readonly inputScale?: number;
  readonly inputMean?: readonly number[];
  readonly seed: number;
  readonly quiet: boolean;
}

export type Args =
  InspectArgs | QuantizeArgs | QatArgs | DiagnoseArgs | { readonly command: 'help'; readonly text: string };

const OPTIONS = {
  ...SIZE_OPTION,
  ...TASK_OPTION,
  data: { type: 'string' },
  labels: { type: 'string' },
  calibrate: { type: 'string', default: String(DEFAULT_SPLIT.calibrationSamples) },
  evaluate: { type: 'string', default: String(DEFAULT_SPLIT.evaluationSamples) },
  sensitivity: { type: 'string', default: '0' },
  estimator: { type: 'string', default: 'minmax' },
  'weight-estimator': { type: 'string', default: 'minmax' },
  granularity: { type: 'string', default: 'channel' },
  rule: { type: 'string', multiple: true },
  cle: { type: 'boolean', default: false },
  'bias-correction': { type: 'boolean', default: false },
  adaround: { type: 'string' },
  gptq: { type: 'boolean', default: false },
  algorithm: { type: 'string', multiple: true },
  improve: { type: 'boolean', default: false },
  io: { type: 'string', default: 'int8' },
  'input-scale': { type: 'string' },
  'input-mean': { type: 'string' },
  seed: { type: 'string', default: String(DEFAULT_SPLIT.seed) },
  out: { type: 'string' },
  'c-source': { type: 'string' },
  report: { type: 'string' },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError saying which word is off. */
export function parse(argv: readonly string[]): Args {
  const asksForHelp = argv.includes('--help') || argv.includes('-h');
  if (argv[0] === 'qat') return asksForHelp ? { command: 'help', text: QAT_USAGE } : parseQat(argv);
  if (argv[0] === 'diagnose' && !asksForHelp) return parseDiagnose(argv);
  const { values, positionals } = parsedBy(OPTIONS, argv);
  const [command, ...others] = positionals;
  if (values.help || command === 'help') return { command: 'help', text: USAGE };
  if (command === undefined) throw new UsageError('Say what to do: inspect, quantize, qat or diagnose.');
  if (command !== 'inspect' && command !== 'quantize') throw new UsageError(`There is no command "${command}".`);
  const model = modelOf(command, others);
  const sizes = parseSizes(values.size);
  if (command === 'inspect') return { command, model, sizes, json: values.json };
  if (values.data === undefined) throw new UsageError('quantize needs --data PATH (or --data random).');
  if (values.out === undefined) throw new UsageError('quantize needs --out FILE.tflite.');
  return {
    command,
    model,
    sizes,
    data: values.data,
    labels: values.labels,
    out: values.out,
    cSource: values['c-source'],
    report: values.report,
    calibrate: number('calibrate', values.calibrate, { min: 1 }),
    evaluate: number('evaluate', values.evaluate, { min: 1 }),
    task: parseTask(values),
    sensitivity: number('sensitivity', values.sensitivity),
    estimator: estimator('estimator', values.estimator),
    weightEstimator: estimator('weight-estimator', values['weight-estimator']),
    granularity: oneOf('granularity', values.granularity, ['channel', 'tensor']),
    rules: (values.rule ?? []).map(parseRule),
    algorithms: algorithmsOf(values),
    improve: values.improve,
    io: oneOf('io', values.io, ['int8', 'float32']),
    inputScale: values['input-scale'] === undefined ? undefined : nonZero('input-scale', values['input-scale']),
    inputMean: values['input-mean']?.split(',').map((part) => real('input-mean', part)),
    seed: number('seed', values.seed),
    quiet: values.quiet,
  };
}
