/** A session without a page: runs jobs one after the other, says on stderr how far they are, stops at Ctrl-C. */
import type { DataSetView, JobName, Progress, Result, Spec } from '../jobs/contract/protocol';
import type { TaskChoice } from '../core/metrics/guess-task';
import { Session } from '../jobs/session/session';
import { jobOf } from '../jobs/host/table';
import { labelFile, sourceFiles } from './files';
import { nodeHost } from './node-host';

export interface DataArgs {
  /** A path, or "random". */
  readonly data: string;
  readonly labels?: string | undefined;
  readonly seed: number;
  readonly calibrate: number;
  readonly evaluate: number;
  readonly task?: TaskChoice;
}

export class Headless {
  readonly session = new Session(nodeHost());
  /** Milliseconds by job. */
  readonly timings: Record<string, number> = {};
  private readonly controller = new AbortController();
  private readonly interrupt = () => this.controller.abort();

  constructor(private readonly quiet: boolean) {
    process.once('SIGINT', this.interrupt);
  }

  say(line: string): void {
    if (!this.quiet) process.stderr.write(`${line}\n`);
  }

  async run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    const started = performance.now();
    let stage = '';
    const onProgress = (progress: Progress) => {
      if (progress.stage !== stage) this.say(`  ${(stage = progress.stage)} …`);
    };
    const job = jobOf(name);
    const result = await job(this.session, spec, { signal: this.controller.signal, onProgress });
    this.timings[name] = (this.timings[name] ?? 0) + performance.now() - started;
    return result;
  }

  async openData({ data, labels, seed, calibrate, evaluate, task }: DataArgs): Promise<DataSetView> {
    const split = { seed, calibrationSamples: calibrate, evaluationSamples: evaluate, ...(task && { task }) };
    if (data === 'random') return this.run('randomData', split);
    return this.run('openData', {
      files: sourceFiles(data),
      ...(labels !== undefined && { labels: labelFile(labels) }),
      ...split,
    });
  }

  dispose(): void {
    process.removeListener('SIGINT', this.interrupt);
    this.session.dispose();
  }
}
