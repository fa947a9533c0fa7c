import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RangefinderError } from '../../base/errors';
import type { WorkArgs } from '../options/sweep-options';
import { UsageError } from '../options/usage-error';
import { checkWritable } from '../files';
import { nodeHost } from '../node-host';
import { SweepFolder } from '../sweep/folder';
import { ProcessPool, startTrialProcess } from '../sweep/process-pool';
import { checkQueueUrl, work as workOnQueue } from '../sweep/queue';
import type { Allowed } from '../sweep/sources';
import { TrialRunner } from '../sweep/trial-runner';
import { trialKey } from '../sweep/trial-key';
import { untilStopped } from '../sweep/until-stopped';
import { usualWorkers } from '../workers';

/** Does trials that others have planned. */
export async function work(args: WorkArgs): Promise<void> {
  const allowed: Allowed = { root: args.root === undefined ? null : resolve(args.root) };
  const say = (line: string) => {
    if (!args.quiet) process.stderr.write(`${line}\n`);
  };
  const { queue } = args;
  if (queue === undefined) return oneOfFolder(args, allowed);
  checkQueueUrl(queue);
  const workers = args.workers ?? usualWorkers();
  const pool = new ProcessPool(workers, () => startTrialProcess(allowed));
  say(`${workers} trials at a time; Ctrl-C ends when those under way are done.`);
  try {
    await untilStopped((signal) => workOnQueue(queue, pool, workers, say, signal));
  } finally {
    pool.dispose();
  }
}

async function oneOfFolder({ folder: path, trial: key = '', out }: WorkArgs, allowed: Allowed): Promise<void> {
  if (out !== undefined) checkWritable(out);
  const folder = new SweepFolder(resolve(path));
  folder.checkThere();
  if (!/^[0-9a-f]{64}$/.test(key)) throw new UsageError('--trial takes the name of a file in trials/, without .json.');
  if (folder.isDone(key) && out === undefined) return;
  const trial = folder.trial(key);
  if (trialKey(trial) !== key)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'The trial is not the one that its file is named by.',
      where: key,
      hint: 'Plan the sweep once more.',
    });
  const runner = new TrialRunner(nodeHost(), allowed);
  try {
    const started = performance.now();
    const { report, file } = await runner.run(trial);
    folder.keep(key, report, performance.now() - started);
    if (out === undefined) return;
    if (file) writeFileSync(out, file);
    else process.stderr.write('No file holds these formats; none is written.\n');
  } finally {
    runner.dispose();
  }
}
