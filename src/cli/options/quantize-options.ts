/** The grammar of `rangefinder quantize`. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { QuantSettings } from '../../core/quantize/settings';
import type { VerifyChoice } from '../../jobs/contract/verify-choice';
import type { OtherRuntime } from '../../jobs/contract/runtime-protocol';
import { command } from './command';
import { DATA_OPTIONS, type DataValues } from './data';
import { MODEL_OPTIONS } from './model';
import { flag, optional, required, text, whole, withDefault } from './option';
import {
  ENCODINGS_OPTIONS,
  FILE_OPTIONS,
  FORM_OPTIONS,
  HTML_OPTIONS,
  REPORT_OPTIONS,
  WORKER_OPTIONS,
  type NamedType,
  RUNTIME_OPTIONS,
  TARGET_OPTIONS,
  VERIFY_OPTIONS,
} from './output';
import { quantizationOptions, settingsOf } from './quantization';
import { RULE_NOTES } from './rules';
import { sizesOf } from './sizes';
import { UsageError } from './usage-error';

export interface QuantizeArgs extends DataValues {
  readonly model: string;
  readonly sizes: InputSizes;
  readonly settings: QuantSettings;
  /** Overrides the format of the model's inputs. */
  readonly inputFormat?: string | undefined;
  /** Settings, a recipe or encodings from a file; rules of the command line win over a recipe's. */
  readonly recipe?: string | undefined;
  readonly improve: boolean;
  /** Samples; 0: not measured. */
  readonly sensitivity: number;
  readonly out: string;
  readonly ioIn: readonly NamedType[];
  readonly ioOut: readonly NamedType[];
  /** The first is what `out` names; without any, int8. */
  readonly form: readonly string[];
  /** Ids of targets that the files are checked against. */
  readonly target: readonly string[];
  readonly runtime: readonly OtherRuntime[];
  readonly cSource?: string | undefined;
  readonly encodingsOut?: string | undefined;
  readonly encodingsFormat: string;
  readonly report?: string | undefined;
  readonly html?: string | undefined;
  readonly verify: VerifyChoice;
  readonly workers?: number | undefined;
  readonly quiet: boolean;
}

export const QUANTIZE = command({
  name: 'quantize',
  summary: 'Calibrates, quantizes, evaluates, writes the file and runs it in LiteRT.',
  argument: 'MODEL',
  options: {
    ...MODEL_OPTIONS,
    ...DATA_OPTIONS,
    ...quantizationOptions('auto', 'minmax'),
    recipe: optional(
      'FILE.json',
      'settings from a report, a litert-quantizer recipe, or encodings of AIMET, PPQ, onnxruntime',
      text,
    ),
    improve: flag('find out which algorithms help, and which estimators; keeps what does, and says why'),
    sensitivity: withDefault('N', 'also measure each layer alone, on N samples; 0: not', whole(), 0),
    out: required('FILE', 'write the quantized model; further forms get their name before the extension', text),
    ...FILE_OPTIONS,
    ...VERIFY_OPTIONS,
    ...FORM_OPTIONS,
    ...ENCODINGS_OPTIONS,
    ...TARGET_OPTIONS,
    ...RUNTIME_OPTIONS,
    ...WORKER_OPTIONS,
    ...REPORT_OPTIONS,
    ...HTML_OPTIONS,
  },
  notes: RULE_NOTES,
  read: (model, values): QuantizeArgs => {
    const settings = settingsOf(values, values.io);
    const { algorithms = [] } = settings;
    if (values.improve && algorithms.length > 0)
      throw new UsageError(
        `--improve chooses the algorithms itself: leave out ${algorithms.map(({ id }) => id).join(', ')}.`,
      );
    return { ...values, model, sizes: sizesOf(values.size), settings };
  },
  run: async (args) => (await import('../commands/quantize')).quantize(args),
});
