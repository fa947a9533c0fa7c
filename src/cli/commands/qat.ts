import { writeFileSync } from 'node:fs';
import { cSource } from '../../core/exports/c-source';
import { RangefinderError } from '../../base/errors';
import { sureDifferenceText, sureText } from '../../core/metrics/words';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Score } from '../../jobs/contract/judgement-protocol';
import type { Exported } from '../../jobs/contract/protocol';
import type { EpochFigures } from '../../jobs/contract/qat-protocol';
import { comparedPart } from '../../jobs/contract/verify-choice';
import { buildQatReport, type QatReport, type QatReportParts } from '../../jobs/reports/qat-report';
import { checkWritable, modelFiles } from '../files';
import { checkRules } from '../check-rules';
import { Headless } from '../headless';
import { withInputFormat } from '../options/quantization';
import type { QatArgs } from '../options/qat-options';
import { textTable } from '../text-table';

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
export async function qat(args: QatArgs): Promise<QatReport> {
  for (const path of [args.out, args.cSource, args.report]) if (path) checkWritable(path);
  const studio = new Headless(args.quiet, args.workers ?? null);
  try {
    return await trained(args, studio);
  } finally {
    studio.dispose();
  }
}

async function trained(args: QatArgs, studio: Headless): Promise<QatReport> {
  const model = await studio.run('openModel', { files: modelFiles(args.model), sizes: args.sizes });
  const settings = withInputFormat(args.settings, model.inputs, args.inputFormat);
  let data = await studio.openData({ ...args, evaluateData: undefined });
  checkRules(args.settings, studio);
  const calibration = await studio.run('calibrate', {});
  const result = await studio.run('qat', { settings, training: args.training });
  if (args.evaluateData !== undefined) {
    data = await studio.openData({
      ...args,
      data: args.evaluateData,
      labels: args.evaluateLabels,
      evaluateData: undefined,
    });
    await studio.run('restoreCalibration', { calibration });
  }
  const before = await studio.run('evaluate', { settings });
  const after = await studio.run('evaluate', { settings: result.settings });
  studio.say(historyTable(result.history));
  const file = await written(result.settings, args, studio);
  const { training } = args;
  const report = buildQatReport({ model, data, settings, training, trained: result, ptq: before, qat: after, file });
  if (args.report) writeFileSync(args.report, JSON.stringify(report, null, 2) + '\n');

  const { metric } = report.accuracy;
  const cell = (score: Score | undefined) => (score ? sureText(metric, score.value, score.interval) : '–');
  studio.say(
    textTable([
      ['', 'float', 'PTQ', 'QAT', 'file in LiteRT'],
      [metric, ...[before.float, before.quantized, after.quantized, file?.verification.file].map(cell)],
    ]),
  );
  if (after.difference && Number.isFinite(after.difference.value))
    studio.say(`QAT against float: ${sureDifferenceText(metric, after.difference)}.`);
  if (report.file)
    studio.say(`The file predicts otherwise than the simulation on ${report.file.predictionsChanged} samples.`);
  for (const note of result.notes) studio.say(`  ${note}`);
  return report;
}

/** The file and what LiteRT makes of it; null where none can hold these formats. */
async function written(
  settings: QuantSettings,
  { out, cSource: source }: QatArgs,
  studio: Headless,
): Promise<QatReportParts['file']> {
  let exported: Exported;
  try {
    exported = await studio.run('exportFile', { settings });
  } catch (thrown) {
    if (!(thrown instanceof RangefinderError) || thrown.code !== 'unsupported-feature') throw thrown;
    studio.say(`${thrown.message} None is written.`);
    return null;
  }
  if (out) writeFileSync(out, exported.bytes);
  if (source) writeFileSync(source, cSource(exported.bytes, exported.fileName));
  const verification = await studio.run('verify', { file: exported.bytes, ...comparedPart(), settings });
  return { bytes: exported.bytes.byteLength, verification };
}
