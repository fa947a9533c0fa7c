import { writeFileSync } from 'node:fs';
import { RangefinderError } from '../core/errors';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import type { Evaluation, Exported } from '../jobs/protocol';
import type { EpochFigures } from '../jobs/qat-protocol';
import { checkWritable, modelFiles } from './files';
import { Headless } from './headless';
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
  const studio = new Headless(args.quiet);
  const openData = async (data: string, labels?: string) => {
    const { name, inWords } = await studio.openData({ ...args, data, labels, seed: args.training.seed });
    studio.say(`${name}: ${inWords}`);
  };
  /** The file, where one can hold these formats. */
  async function exported(settings: QuantSettings): Promise<Exported | null> {
    try {
      return await studio.run('exportFile', { settings });
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError) || thrown.code !== 'unsupported-feature') throw thrown;
      studio.say(`${thrown.message} None is written.`);
      return null;
    }
  }

  try {
    const { inputs } = await studio.run('openModel', { files: modelFiles(args.model) });
    const settings = settingsOf(args, inputs);
    await openData(args.data, args.labels);
    const calibration = await studio.run('calibrate', {});
    const trained = await studio.run('qat', { settings, training: args.training });
    if (args.evaluateData !== undefined) {
      await openData(args.evaluateData);
      await studio.run('restoreCalibration', { calibration });
    }
    const ptq: Evaluation = await studio.run('evaluate', { settings });
    const after = await studio.run('evaluate', { settings: trained.settings });
    studio.say(historyTable(trained.history));
    const file = await exported(trained.settings);
    if (args.out && file) writeFileSync(args.out, file.bytes);
    const verification = file && (await studio.run('verify', { file: file.bytes, compareSamples: COMPARED_SAMPLES }));
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
    studio.say(
      textTable([
        ['', 'float', 'PTQ', 'QAT', 'file in LiteRT'],
        [accuracy.metric, ...[accuracy.float, accuracy.ptq, accuracy.qat, accuracy.file].map(cell)],
      ]),
    );
    for (const note of trained.notes) studio.say(`  ${note}`);
  } finally {
    studio.dispose();
  }
}
