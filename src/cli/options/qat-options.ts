/** The grammar of `rangefinder qat`. */
import type { InputSizes } from '../../core/model-formats/open-sizes';
import type { QuantSettings } from '../../core/quantize/settings';
import type { QatSettings } from '../../core/training/settings';
import { command } from './command';
import { DATA_OPTIONS, type DataValues } from './data';
import { MODEL_OPTIONS } from './model';
import { optional, text } from './option';
import { FILE_OPTIONS, REPORT_OPTIONS, WORKER_OPTIONS } from './output';
import { quantizationOptions, settingsOf } from './quantization';
import { RULE_NOTES } from './rules';
import { sizesOf } from './sizes';
import { TRAINING_OPTIONS, trainingOf } from './training';

export interface QatArgs extends DataValues {
  readonly model: string;
  readonly sizes: InputSizes;
  readonly settings: QuantSettings;
  /** Overrides the format of the model's inputs. */
  readonly inputFormat?: string | undefined;
  readonly training: QatSettings;
  readonly out?: string | undefined;
  readonly cSource?: string | undefined;
  readonly report?: string | undefined;
  readonly workers?: number | undefined;
  readonly quiet: boolean;
}

export const QAT = command({
  name: 'qat',
  summary:
    'Quantizes a model and trains what was quantized; measures float, PTQ and QAT on samples that nothing was learnt from.',
  argument: 'MODEL',
  options: {
    ...MODEL_OPTIONS,
    ...DATA_OPTIONS,
    ...quantizationOptions('mse'),
    ...TRAINING_OPTIONS,
    out: optional('FILE.tflite', 'write the trained model; formats that no file holds are a simulation', text),
    ...FILE_OPTIONS,
    ...WORKER_OPTIONS,
    ...REPORT_OPTIONS,
  },
  notes: RULE_NOTES,
  read: (model, values): QatArgs => ({
    ...values,
    model,
    sizes: sizesOf(values.size),
    settings: settingsOf(values, values.io),
    training: trainingOf(values, values.seed),
  }),
  run: async (args) => (await import('../commands/qat')).qat(args),
});
