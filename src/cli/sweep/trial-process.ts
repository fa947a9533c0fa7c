/**
 * A process of its own that does the trials it is sent. What kills it, kills one trial and not the sweep. Started by
 * {@link ProcessPool} with what it may read as its only argument.
 */
import { toErrorInfo } from '../../base/errors';
import { nodeHost } from '../node-host';
import { readTrial } from './read-trial';
import type { Allowed } from './sources';
import type { TrialAnswer, TrialAsked } from './trial-messages';
import { TrialRunner } from './trial-runner';

const runner = new TrialRunner(nodeHost(), JSON.parse(process.argv[2] ?? '{"root":null}') as Allowed);

async function answer({ id, trial }: TrialAsked): Promise<TrialAnswer> {
  try {
    return { id, report: (await runner.run(readTrial(trial, 'the sweep'))).report };
  } catch (thrown) {
    return { id, error: toErrorInfo(thrown) };
  }
}

process.on('message', (message) => void answer(message as TrialAsked).then((reply) => process.send?.(reply)));
// Ctrl-C reaches the whole group of processes: the parent decides what ends.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
