import { writeFileSync } from 'node:fs';
import { RangefinderError } from '../core/errors';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import type { Evaluation, Exported, JobName, Progress, Result, Spec } from '../jobs/protocol';
import type { EpochFigures } from '../jobs/qat-protocol';
import { Session } from '../jobs/session';
import { JOBS, type Job } from '../jobs/table';
import { checkWritable, labelFile, modelFiles, sourceFiles } from './files';
import { nodeHost } from './node-host';
import type { QatArgs } from './qat-args';
import { textTable } from './table';

const COMPARED_SAMPLES = 8;

function settingsOf(args: QatArgs, inputs: readonly { readonly id: string }[]): QuantSettings {
  const choice = { id: args.estimator, params: {} };
  const format = (id: string) => (id === 'int8' ? {} : { format: id });
  const { inputFormat } = args;
  return {
    ...DEFAULT_SETTINGS,
    weights: { granularity: args.granularity, estimator: choice, ...format(args.weightFormat) },
    activations: { estimator: choice, ...format(args.activationFormat) },
    tensors: inputFormat ? Object.fromEntries(inputs.map(({ id }) => [id, { format: inputFormat }])) : {},
  };
}

const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(2)} %`);

function historyTable(history: readonly EpochFigures[]): string {
  return textTable([
    ['epoch', 'loss', 'validation loss', 'validation'],
    ...history.map((row) => [
      String(row.epoch),
      row.trainLoss === null ? '–' : row.trainLoss.toFixed(4),
      row.validationLoss.toFixed(4),
      percent(row.validationAccuracy),
    ]),
  ]);
}

/** Quantizes, trains what was quantized, and measures float, PTQ and QAT on the same samples; the same seed, the same numbers. */
export async function qat(args: QatArgs): Promise<void> {
  for (const path of [args.out, args.report]) if (path) checkWritable(path);
  const say = (line: string) => args.quiet || process.stderr.write(`${line}\n`);
  const session = new Session(nodeHost());
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());

  async function run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    let stage = '';
    const onProgress = (progress: Progress) => {
      if (progress.stage !== stage) say(`  ${(stage = progress.stage)} …`);
    };
    const job = JOBS[name] as unknown as Job<N>;
    return job(session, spec, { signal: controller.signal, onProgress });
  }
  async function openData(path: string, labels?: string): Promise<void> {
    const data = await run('openData', {
      files: sourceFiles(path),
      ...(labels && { labels: labelFile(labels) }),
      seed: args.training.seed,
      calibrationSamples: args.calibrate,
      evaluationSamples: args.evaluate,
    });
    say(`${data.name}: ${data.inWords}`);
  }
  /** The file, where one can hold these formats. */
  async function exported(settings: QuantSettings): Promise<Exported | null> {
    try {
      return await run('exportFile', { settings });
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError) || thrown.code !== 'unsupported-feature') throw thrown;
      say(`${thrown.message} None is written.`);
      return null;
    }
  }

  try {
    const { inputs } = await run('openModel', { files: modelFiles(args.model), sizes: args.sizes });
    const settings = settingsOf(args, inputs);
    await openData(args.data, args.labels);
    const calibration = await run('calibrate', {});
    const trained = await run('qat', { settings, training: args.training });
    if (args.evaluateData !== undefined) {
      await openData(args.evaluateData);
      await run('restoreCalibration', { calibration });
    }
    const ptq: Evaluation = await run('evaluate', { settings });
    const after = await run('evaluate', { settings: trained.settings });
    say(historyTable(trained.history));
    const file = await exported(trained.settings);
    if (args.out && file) writeFileSync(args.out, file.bytes);
    const verification = file && (await run('verify', { file: file.bytes, compareSamples: COMPARED_SAMPLES }));
    const report = {
      version: 1,
      generator: 'Rangefinder',
      formats: { weights: args.weightFormat, activations: args.activationFormat, granularity: args.granularity },
      training: args.training,
      lesson: trained.lesson,
      samples: { ...trained.samples, evaluation: ptq.float.samples },
      accuracy: {
        metric: ptq.float.metric,
        float: ptq.float.value,
        ptq: ptq.quantized.value,
        qat: after.quantized.value,
        file: verification?.file.value ?? null,
      },
      mismatches: verification?.runtime.mismatches ?? null,
      history: trained.history,
      bestEpoch: trained.checkpoint.epoch,
      backend: trained.backend,
      stepMs: trained.stepMs,
      notes: trained.notes,
    };
    if (args.report) writeFileSync(args.report, JSON.stringify(report, null, 2) + '\n');
    const { accuracy } = report;
    const cell = (value: number | null) => (value === null ? '–' : value.toFixed(4));
    say(
      textTable([
        ['', 'float', 'PTQ', 'QAT', 'file in LiteRT'],
        [accuracy.metric, ...[accuracy.float, accuracy.ptq, accuracy.qat, accuracy.file].map(cell)],
      ]),
    );
    for (const note of trained.notes) say(`  ${note}`);
  } finally {
    session.dispose();
  }
}
