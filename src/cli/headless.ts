/** A session without a page: runs jobs one after the other, says on stderr how far they are, stops at Ctrl-C. */
import { BUDGET } from '../base/budget';
import { printable } from '../base/printable';
import type { Preprocessing } from '../core/data/types';
import type { JobName, Result, Spec } from '../jobs/contract/jobs';
import type { DataSetView, Progress } from '../jobs/contract/protocol';
import { StudioSession } from '../jobs/session/studio-session';
import { jobOf } from '../jobs/host/table';
import { labelFile, sourceFiles } from './files';
import { nodeThreads } from './graph-threads';
import { nodeHost } from './node-host';
import { withAudioChoice } from './options/audio';
import type { DataValues } from './options/data';
import { endingAfter } from './watchdog';

export class Headless {
  readonly session: StudioSession;
  /** Milliseconds by job. */
  readonly timings: Record<string, number> = {};
  private readonly controller = new AbortController();
  private readonly interrupt = () => this.controller.abort();

  /** @param workers threads that samples are divided over; as many as are of use where none are named */
  constructor(
    private readonly quiet: boolean,
    workers: number | null = null,
  ) {
    this.session = new StudioSession({ ...nodeHost(), threads: nodeThreads(workers) });
    process.once('SIGINT', this.interrupt);
  }

  say(line: string): void {
    if (!this.quiet) process.stderr.write(`${printable(line)}\n`);
  }

  async run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    const started = performance.now();
    let stage = '';
    const onProgress = (progress: Progress) => {
      if (progress.stage !== stage) this.say(`  ${(stage = progress.stage)} …`);
    };
    const job = jobOf(name);
    const running = () => job(this.session, spec, { signal: this.controller.signal, onProgress });
    const opened = name === 'openModel' ? (spec as Spec<'openModel'>).files[0]?.path : undefined;
    const result = await (opened === undefined ? running() : endingAfter(BUDGET.readingTime, opened, running));
    this.timings[name] = (this.timings[name] ?? 0) + performance.now() - started;
    return result;
  }

  /** Opens the data, or makes it where it is "random", and says what is done to it. */
  async openData(values: DataValues): Promise<DataSetView> {
    const { data, labels, evaluateData, evaluateLabels, seed, calibrate, evaluate, task, metric } = values;
    const choice = { ...(task && { task }), ...(metric && { metric }) };
    const split = { seed, calibrationSamples: calibrate, evaluationSamples: evaluate, task: choice };
    let view =
      data === 'random'
        ? await this.run('randomData', split)
        : await this.run('openData', {
            ...labelledFiles(data, labels),
            ...(evaluateData !== undefined && { evaluation: labelledFiles(evaluateData, evaluateLabels) }),
            ...split,
          });
    const preprocessing = chosenPreprocessing(view, values);
    if (preprocessing) view = await this.run('changeData', { ...split, preprocessing });
    this.say(`${view.name}: ${view.inWords}`);
    this.say(view.task.inWords);
    for (const { severity, message } of view.doctor) this.say(`  ${severity === 'warning' ? '! ' : ''}${message}`);
    return view;
  }

  dispose(): void {
    process.removeListener('SIGINT', this.interrupt);
    this.session.dispose();
  }
}

function labelledFiles(data: string, labels: string | undefined) {
  return { files: sourceFiles(data), ...(labels !== undefined && { labels: labelFile(labels) }) };
}

/** What options change of the guess; undefined where they change nothing. */
function chosenPreprocessing(view: DataSetView, values: DataValues): Preprocessing | undefined {
  const heard = values.audio && withAudioChoice(view.preprocessing, values.audio);
  return withInputRange(heard ?? view.preprocessing, values) ?? heard;
}

/** --input-scale and --input-mean say x' = (x − mean) · scale in place of the guessed value steps. */
function withInputRange(guessed: Preprocessing, { inputScale, inputMean }: DataValues): Preprocessing | undefined {
  if (inputScale === undefined && inputMean === undefined) return undefined;
  const kept = guessed.filter(({ kind }) => kind !== 'scale' && kind !== 'normalize' && kind !== 'reshape');
  const reshape = guessed.filter(({ kind }) => kind === 'reshape');
  const scale = inputScale ?? 1;
  const mean = inputMean ?? [0];
  if (mean.length === 1) return [...kept, { kind: 'scale', scale, offset: -mean[0] * scale }, ...reshape];
  return [...kept, { kind: 'normalize', mean, std: mean.map(() => 1 / scale) }, ...reshape];
}
