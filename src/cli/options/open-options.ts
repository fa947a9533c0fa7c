/** The grammar of `rangefinder open`. */
import { command } from './command';
import { optional, required, text } from './option';
import { HTML_OPTIONS, REPORT_OPTIONS, WORKER_OPTIONS } from './output';

export interface OpenArgs {
  readonly project: string;
  readonly model?: string | undefined;
  readonly data?: string | undefined;
  readonly out: string;
  readonly report?: string | undefined;
  readonly html?: string | undefined;
  readonly workers?: number | undefined;
  readonly quiet: boolean;
}

export const OPEN = command({
  name: 'open',
  summary: 'Takes up a project saved in the page: quantizes as it says, writes the file and runs it in LiteRT.',
  argument: 'FILE.rangefinder',
  options: {
    model: optional('MODEL', 'the model, where the project does not hold it', text),
    data: optional('PATH', 'the data, where the project does not hold it', text),
    out: required('FILE.tflite', 'write the quantized model', text),
    ...WORKER_OPTIONS,
    ...REPORT_OPTIONS,
    ...HTML_OPTIONS,
  },
  read: (project, values): OpenArgs => ({ ...values, project }),
  run: async (args) => (await import('../commands/open')).open(args),
});
