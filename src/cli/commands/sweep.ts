import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { parseJsonText } from '../../core/model-formats/json';
import { readPlan, type SweepPlan } from '../../core/sweep/plan';
import { trialName } from '../../core/sweep/trial-name';
import type { SweepArgs } from '../options/sweep-options';
import { checkWritable, sourceFiles } from '../files';
import { SweepCourse } from '../sweep/course';
import { EmbeddedEngine } from '../sweep/embedded';
import type { Outlet } from '../sweep/engine';
import { SweepFolder } from '../sweep/folder';
import { ProcessPool, startTrialProcess } from '../sweep/process-pool';
import { checkQueueUrl, QueueEngine } from '../sweep/queue';
import { slurmScript } from '../sweep/slurm';
import { untilStopped } from '../sweep/until-stopped';
import { usualWorkers } from '../workers';
import { printSummary } from './sweep-report';

const SLURM_LIST = 'slurm-trials.txt';

/**
 * Has all trials of a plan done that are not done yet.
 * @returns the exit code: 1 where a trial was given up, else 0
 */
export async function sweep(args: SweepArgs): Promise<number> {
  if (args.queue !== undefined) checkQueueUrl(args.queue);
  if (args.slurm !== undefined) checkWritable(args.slurm);
  const plan = planAt(args.plan);
  mkdirSync(args.out, { recursive: true });
  const folder = new SweepFolder(resolve(args.out));
  const unlock = folder.lock();
  try {
    folder.create(plan);
    if (args.retryFailed) for (const { key } of folder.failures()) folder.tryAgain(key);
    const course = await SweepCourse.prepare(plan, dirname(resolve(args.plan)), folder);
    if (args.slurm !== undefined) return writeArray(args.slurm, course, folder);
    await untilStopped((signal) => swept(args, course, folder, signal));
  } finally {
    unlock();
  }
  const failures = folder.failures();
  if (!args.quiet) printSummary(folder);
  return failures.length > 0 ? 1 : 0;
}

function planAt(path: string): SweepPlan {
  sourceFiles(path); // says what is wrong with the path
  let value: unknown;
  try {
    value = parseJsonText(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new RangefinderError(
      {
        code: 'corrupt-file',
        message: `The plan is no JSON: ${(thrown as Error).message}`,
        where: path,
        hint: 'docs/sweeps.md shows a plan.',
      },
      { cause: thrown },
    );
  }
  return readPlan(value, path);
}

async function swept(args: SweepArgs, course: SweepCourse, folder: SweepFolder, signal: AbortSignal): Promise<void> {
  const say = (line: string) => {
    if (!args.quiet) process.stderr.write(`${line}\n`);
  };
  let count = 0;
  const outlet: Outlet = {
    done: (key, report, milliseconds) => {
      folder.keep(key, report, milliseconds);
      const { metric, value } = report.file ?? report.simulated;
      say(`  ${++count}: ${report.model.name}, ${report.name}: ${metric} ${value === null ? '–' : value.toFixed(4)}`);
    },
    givenUp: (failure) => {
      const name = trialName(folder.trial(failure.key));
      folder.giveUp({ ...failure, name });
      say(`  ! given up after ${failure.attempts} attempts: ${name}: ${failure.error.message}`);
    },
  };
  const workers = args.workers ?? usualWorkers();
  const pool = new ProcessPool(workers, () => startTrialProcess({ root: null }));
  const engine = args.queue === undefined ? new EmbeddedEngine(pool, workers) : new QueueEngine(args.queue, say);
  try {
    await course.run(engine, outlet, signal);
  } catch (thrown) {
    if (toErrorInfo(thrown).code !== 'cancelled') throw thrown;
    throw new RangefinderError(
      {
        code: 'cancelled',
        message: `Stopped; ${count} trials were done now.`,
        where: folder.path,
        hint: 'Give the same command again to go on.',
      },
      { cause: thrown },
    );
  } finally {
    pool.dispose();
  }
}

/** The trials that come next: all of a grid, a generation of a search. */
function writeArray(path: string, course: SweepCourse, folder: SweepFolder): number {
  const trials = course.next();
  if (trials.size === 0) {
    process.stdout.write('Everything is done: there is nothing to submit.\n');
    return 0;
  }
  for (const [key, trial] of trials) folder.addTrial(key, trial);
  folder.writeText(SLURM_LIST, `${[...trials.keys()].join('\n')}\n`);
  const list = join(folder.path, SLURM_LIST);
  writeFileSync(path, slurmScript({ list, folder: folder.path, trials: trials.size, program: 'rangefinder' }), {
    mode: 0o755,
  });
  process.stdout.write(`${path}: an array of ${trials.size} trials. Submit it with: sbatch ${path}\n`);
  return 0;
}
