/** The grammar of `rangefinder sweep` and of what belongs to it. */
import { command } from './command';
import { flag, optional, required, text, whole } from './option';
import { UsageError } from './usage-error';

const WORKERS = {
  workers: optional('N', 'trials at a time (one for each core, fewer where memory is short)', whole(1)),
};
const ROOT = optional('FOLDER', 'read models and data from within it alone', text);

export interface SweepArgs {
  readonly plan: string;
  readonly out: string;
  readonly workers?: number | undefined;
  readonly queue?: string | undefined;
  readonly slurm?: string | undefined;
  readonly retryFailed: boolean;
  readonly quiet: boolean;
}

export const SWEEP = command({
  name: 'sweep',
  summary: 'Tries every configuration of a plan, or searches among them; stopped, it goes on where it was.',
  argument: 'PLAN.json',
  options: {
    out: required('FOLDER', 'where results are kept; a trial that is there is not done again', text),
    ...WORKERS,
    queue: optional('URL', 'have the trials done by `rangefinder work` over BullMQ: redis://HOST:PORT', text),
    slurm: optional('FILE.sh', 'do nothing, and write an array for sbatch of what is to be done next', text),
    retryFailed: flag('try once more what was given up'),
    quiet: flag('only errors'),
  },
  notes: `
rangefinder sweep report FOLDER    prints what nothing else beats, and writes it as a page with --html
rangefinder work --queue URL       does trials of a queue, on any number of machines
docs/sweeps.md shows a plan; schemas/sweep-plan.json says what one may hold.
`,
  read: (plan, values): SweepArgs => ({ ...values, plan }),
  run: async (args) => (await import('../commands/sweep')).sweep(args),
});

export interface SweepReportArgs {
  readonly folder: string;
  readonly html?: string | undefined;
}

export const SWEEP_REPORT = command({
  name: 'sweep report',
  summary: 'Says what a sweep has found so far: a table of what nothing else beats, and a page.',
  argument: 'FOLDER',
  options: { html: optional('FILE.html', 'write it as one page that opens anywhere', text) },
  read: (folder, values): SweepReportArgs => ({ ...values, folder }),
  run: async (args) => (await import('../commands/sweep-report')).sweepReport(args),
});

export interface WorkArgs {
  /** Of a sweep; empty where trials come from a queue. */
  readonly folder: string;
  readonly queue?: string | undefined;
  readonly trial?: string | undefined;
  readonly out?: string | undefined;
  readonly workers?: number | undefined;
  readonly root?: string | undefined;
  readonly quiet: boolean;
}

export const WORK = command({
  name: 'work',
  summary: 'Does trials of sweeps: those of a queue until it is stopped, or one of a folder.',
  argument: '[FOLDER]',
  options: {
    queue: optional('URL', 'take trials from the queue at redis://HOST:PORT, or rediss:// for TLS', text),
    trial: optional('KEY', 'the trial of the folder that is to be done', text),
    out: optional('FILE.tflite', 'write the file of that trial, done or not', text),
    ...WORKERS,
    root: ROOT,
    quiet: flag('only errors'),
  },
  read: (folder, values): WorkArgs => {
    const { queue, trial } = values;
    if ((queue === undefined) === (folder === ''))
      throw new UsageError('work needs either --queue URL or the FOLDER of a sweep.');
    if (folder !== '' && trial === undefined) throw new UsageError('work on a folder needs --trial KEY.');
    if (queue !== undefined && trial !== undefined)
      throw new UsageError('--trial is one of a folder; of a queue all are taken.');
    return { ...values, folder };
  },
  run: async (args) => (await import('../commands/work')).work(args),
});
