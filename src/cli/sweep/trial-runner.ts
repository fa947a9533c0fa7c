/** Does trials one after the other, and keeps open what the next one shares with the last. */
import manifest from '../../../package.json';
import { canonicalJson } from '../../base/canonical-json';
import { RangefinderError } from '../../base/errors';
import type { Calibration } from '../../core/quantize/plan';
import { storedBytes } from '../../core/search/file-size';
import type { Trial } from '../../core/sweep/trial';
import { trialName } from '../../core/sweep/trial-name';
import { DEFAULT_QAT, type QatSettings } from '../../core/training/settings';
import type { JobName, Result, Spec } from '../../jobs/contract/jobs';
import type { DataSetView, Exported, ModelView, Verification } from '../../jobs/contract/protocol';
import { jobOf } from '../../jobs/host/table';
import { buildTrialReport, type TrialReport } from '../../jobs/reports/trial-report';
import { StudioSession } from '../../jobs/session/studio-session';
import type { JobHost } from '../../jobs/session/session';
import { lintBytes } from '../commands/lint';
import { dataFiles } from './data-files';
import { checkHash, filesAt, type Allowed } from './sources';
import { trialKey } from './trial-key';

interface Prepared {
  /** Of what is open: model, data and their division. */
  readonly key: string;
  readonly model: ModelView;
  readonly data: DataSetView;
  readonly calibration: Calibration;
}

export class TrialRunner {
  private readonly session: StudioSession;
  private prepared: Prepared | null = null;

  constructor(
    host: JobHost,
    private readonly allowed: Allowed,
    private readonly signal: AbortSignal = new AbortController().signal,
  ) {
    this.session = new StudioSession(host);
  }

  /**
   * The same trial gives the same report, whatever was done before.
   * @returns the report, and the bytes of the file where one holds the formats
   * @throws RangefinderError for what the trial cannot be done with
   */
  async run(trial: Trial): Promise<{ readonly report: TrialReport; readonly file: Uint8Array | null }> {
    if (trial.rangefinder !== manifest.version) throw otherVersion(trial.rangefinder);
    const { model, data, calibration } = await this.prepare(trial);
    // What a trial before has learnt is forgotten.
    this.session.trainings.clear();
    await this.job('restoreCalibration', { calibration });
    let { settings } = trial;
    if (trial.improve) settings = (await this.job('improve', { settings })).settings;
    const training: QatSettings | null = trial.training && {
      ...DEFAULT_QAT,
      ...trial.training,
      backend: 'wasm',
      seed: trial.seed,
    };
    const result = training && (await this.job('qat', { settings, training }));
    if (result) settings = result.settings;
    const exported = await this.exported(settings);
    const plan = exported?.plan ?? (await this.job('plan', { settings }));
    const evaluation = await this.job('evaluate', { settings });
    const { verification, failure } = await this.verified(exported, trial);
    const report = buildTrialReport({
      key: trialKey(trial),
      name: trialName(trial),
      rangefinder: manifest.version,
      model,
      data,
      evaluationSamples: trial.data.evaluationSamples,
      seed: trial.seed,
      settings,
      exported,
      plan,
      constantBytes: storedBytes(this.session.quantizableModel.graph, plan),
      evaluation,
      verification,
      failure,
      targets: exported ? lintBytes(exported.bytes, exported.fileName, trial.targets) : [],
      trained: training && result && { settings: training, result },
    });
    return { report, file: exported && exported.bytes };
  }

  dispose(): void {
    this.session.dispose();
  }

  private async prepare({ model, data, seed }: Trial): Promise<Prepared> {
    const key = canonicalJson([model, data, seed]);
    if (this.prepared?.key === key) return this.prepared;
    this.prepared = null;
    const files = await filesAt(model.source, 'model', this.allowed);
    checkHash(new Map([['model', files]]), model.sha256, model.source);
    const parts = await dataFiles(data, this.allowed);
    checkHash(parts, data.sha256, data.source);
    const modelView = await this.job('openModel', { files, sizes: model.sizes ?? {} });
    const { calibrationSamples, evaluationSamples, task, metric } = data;
    const split = {
      seed,
      calibrationSamples,
      evaluationSamples,
      task: { ...(task && { task }), ...(metric && { metric }) },
    };
    const labelled = (of: 'data' | 'evaluate', labels: 'labels' | 'evaluateLabels') => {
      const [labelFile] = parts.get(labels) ?? [];
      return { files: [...(parts.get(of) ?? [])], ...(labelFile && { labels: labelFile }) };
    };
    const dataView =
      data.source === 'random'
        ? await this.job('randomData', split)
        : await this.job('openData', {
            ...labelled('data', 'labels'),
            ...(parts.has('evaluate') && { evaluation: labelled('evaluate', 'evaluateLabels') }),
            ...split,
          });
    const calibration = await this.job('calibrate', {});
    this.prepared = { key, model: modelView, data: dataView, calibration };
    return this.prepared;
  }

  private async exported(settings: Spec<'exportFile'>['settings']): Promise<Exported | null> {
    try {
      return await this.job('exportFile', { settings });
    } catch (thrown) {
      if (thrown instanceof RangefinderError && thrown.code === 'unsupported-feature') return null;
      throw thrown;
    }
  }

  /** A file that cannot be run is an outcome, and no reason to withhold what is known of it. */
  private async verified(
    exported: Exported | null,
    { compareSamples }: Trial,
  ): Promise<{ readonly verification: Verification | null; readonly failure?: string }> {
    if (!exported) return { verification: null };
    try {
      return { verification: await this.job('verify', { file: exported.bytes, compareSamples, untimed: true }) };
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError) || thrown.code === 'cancelled') throw thrown;
      return { verification: null, failure: thrown.message };
    }
  }

  private async job<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    return jobOf(name)(this.session, spec, { signal: this.signal, onProgress: () => undefined });
  }
}

function otherVersion(version: string): RangefinderError {
  return new RangefinderError({
    code: 'unsupported-feature',
    message: `The trial was planned by Rangefinder ${version}, and this is ${manifest.version}: figures of the two are not mixed.`,
    hint: 'Install the same version on every machine of the sweep.',
  });
}
