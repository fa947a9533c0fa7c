import { writeFileSync } from 'node:fs';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import type { JobName, Progress, Result, Spec } from '../jobs/protocol';
import { Session } from '../jobs/session';
import { JOBS, type Job } from '../jobs/table';
import { checkWritable, labelFile, modelFiles, sourceFiles } from './files';
import { nodeHost } from './node-host';
import type { QatArgs } from './qat-args';
import { textTable } from './table';

const COMPARED_SAMPLES = 8;

function settingsOf({ estimator, weightBits, activationBits }: QatArgs): QuantSettings {
  const choice = { id: estimator, params: {} };
  const format = (bits: number) => (bits === 8 ? {} : { format: `int${bits}` });
  return {
    ...DEFAULT_SETTINGS,
    weights: { ...DEFAULT_SETTINGS.weights, estimator: choice, ...format(weightBits) },
    activations: { estimator: choice, ...format(activationBits) },
  };
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

  try {
    await run('openModel', { files: modelFiles(args.model) });
    const data = await run('openData', {
      files: sourceFiles(args.data),
      ...(args.labels && { labels: labelFile(args.labels) }),
      seed: args.training.seed,
      calibrationSamples: args.calibrate,
      evaluationSamples: args.evaluate,
    });
    say(`${data.name}: ${data.inWords}`);
    await run('calibrate', {});
    const settings = settingsOf(args);
    const ptq = await run('evaluate', { settings });
    const trained = await run('qat', { settings, training: args.training });
    const after = await run('evaluate', { settings: trained.settings });
    const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(2)} %`);
    say(
      textTable([
        ['epoch', 'loss', 'validation loss', 'validation'],
        ...trained.history.map((row) => [
          String(row.epoch),
          row.trainLoss === null ? '–' : row.trainLoss.toFixed(4),
          row.validationLoss.toFixed(4),
          percent(row.validationAccuracy),
        ]),
      ]),
    );
    // A file holds int8 activations only; narrower ones are a simulation and said to be.
    let verification = null;
    if (args.activationBits === 8) {
      const exported = await run('exportFile', { settings: trained.settings });
      if (args.out) writeFileSync(args.out, exported.bytes);
      verification = await run('verify', { file: exported.bytes, compareSamples: COMPARED_SAMPLES });
    } else say(`${args.activationBits}-bit activations are simulated: no .tflite file can hold them, none is written.`);
    const report = {
      version: 1,
      generator: 'Rangefinder',
      weightBits: args.weightBits,
      activationBits: args.activationBits,
      training: args.training,
      lesson: trained.lesson,
      samples: trained.samples,
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
