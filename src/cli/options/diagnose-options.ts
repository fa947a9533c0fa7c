/** The grammar of `rangefinder diagnose`. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { QuantizedPart } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type { SensitivityMode } from '../../jobs/contract/protocol';
import { command } from './command';
import { DATA_OPTIONS, type DataValues } from './data';
import { MODEL_OPTIONS } from './model';
import { oneOf, whole, withDefault } from './option';
import { REPORT_OPTIONS, WORKER_OPTIONS } from './output';
import { quantizationOptions, settingsOf } from './quantization';
import { RULE_NOTES } from './rules';
import { sizesOf } from './sizes';

export interface DiagnoseArgs extends DataValues {
  readonly model: string;
  readonly sizes: InputSizes;
  readonly settings: QuantSettings;
  /** Overrides the format of the model's inputs. */
  readonly inputFormat?: string | undefined;
  /** Samples; 0: not measured. */
  readonly sensitivity: number;
  readonly mode: SensitivityMode;
  readonly part: QuantizedPart;
  readonly report?: string | undefined;
  readonly workers?: number | undefined;
  readonly quiet: boolean;
}

const MODES: readonly SensitivityMode[] = ['alone', 'all-but'];
const PARTS: readonly QuantizedPart[] = ['both', 'weights', 'activations'];

export const DIAGNOSE = command({
  name: 'diagnose',
  summary: 'Says where the error of a quantized model comes from, and tries what helps.',
  argument: 'MODEL',
  options: {
    ...MODEL_OPTIONS,
    ...DATA_OPTIONS,
    ...quantizationOptions('auto', 'minmax'),
    sensitivity: withDefault('N', 'measure each layer, on N samples; 0: not', whole(), 256),
    mode: withDefault('MODE', 'alone: one layer quantized | all-but: one layer in float', oneOf(MODES), 'alone'),
    part: withDefault('PART', 'of the layer: both | weights | activations', oneOf(PARTS), 'both'),
    ...WORKER_OPTIONS,
    ...REPORT_OPTIONS,
  },
  notes: RULE_NOTES,
  read: (model, values): DiagnoseArgs => ({
    ...values,
    model,
    sizes: sizesOf(values.size),
    settings: settingsOf(values),
  }),
  run: async (args) => (await import('../commands/diagnose')).diagnose(args),
});
