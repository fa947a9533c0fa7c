/** Processes that do trials, as many at a time as there are; one that dies takes its trial with it and is replaced. */
import { fork, type ChildProcess } from 'node:child_process';
import { cancelled, RangefinderError } from '../../base/errors';
import { ownFile } from '../own-file';
import type { Trial } from '../../core/sweep/trial';
import type { TrialDoer } from './engine';
import type { Allowed } from './sources';
import type { TrialAnswer, TrialAsked } from './trial-messages';

export class ProcessPool implements TrialDoer {
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private count = 0;

  constructor(
    size: number,
    private readonly start: () => ChildProcess,
  ) {
    this.free = size;
  }

  async run(trial: Trial, signal: AbortSignal): Promise<unknown> {
    while (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (signal.aborted) throw cancelled();
    this.free--;
    const child = this.idle.pop() ?? this.started();
    try {
      const answer = await this.asked(child, { id: ++this.count, trial }, signal);
      this.idle.push(child);
      if ('error' in answer) throw new RangefinderError(answer.error);
      return answer.report;
    } finally {
      this.free++;
      this.waiting.shift()?.();
    }
  }

  dispose(): void {
    for (const child of this.all) child.kill('SIGKILL');
  }

  private started(): ChildProcess {
    const child = this.start();
    this.all.add(child);
    child.once('exit', () => {
      this.all.delete(child);
      const at = this.idle.indexOf(child);
      if (at >= 0) this.idle.splice(at, 1);
    });
    return child;
  }

  private asked(child: ChildProcess, message: TrialAsked, signal: AbortSignal): Promise<TrialAnswer> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        child.kill('SIGKILL');
        settle(() => reject(cancelled()));
      };
      const answered = (answer: TrialAnswer) => answer.id === message.id && settle(() => resolve(answer));
      const died = (code: number | null, by: string | null) =>
        settle(() =>
          reject(
            new RangefinderError({
              code: 'worker-died',
              message: `The process that did the trial ended: ${by ?? `exit code ${code}`}.`,
              hint: 'It ran out of memory, or was killed; with fewer --workers each has more memory.',
            }),
          ),
        );
      const settle = (how: () => void) => {
        child.off('message', answered);
        child.off('exit', died);
        signal.removeEventListener('abort', stop);
        how();
      };
      child.on('message', answered);
      child.on('exit', died);
      signal.addEventListener('abort', stop);
      child.send(message, (error) => error && died(null, error.message));
    });
  }
}

/** Starts {@link file://./trial-process.ts}: from the sources as they are, or from the build beside this file. */
export function startTrialProcess(allowed: Allowed): ChildProcess {
  const { path, execArgv } = ownFile('sweep/trial-process');
  return fork(path, [JSON.stringify(allowed)], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
