import { writeFileSync } from 'node:fs';
import { printable } from '../../base/printable';
import type { Judged, RankedFinding } from '../../jobs/contract/diagnosis-protocol';
import { buildDiagnosisReport, type DiagnosisReport } from '../../jobs/reports/diagnosis-report';
import type { LayerSensitivity, ModelView } from '../../jobs/contract/protocol';
import { metricInfo, type MetricName } from '../../core/metrics/table';
import type { Difference } from '../../core/metrics/interval';
import { sureDifferenceText, sureText, valueText } from '../../core/metrics/words';
import type { DiagnoseArgs } from '../options/diagnose-options';
import { withInputFormat } from '../options/quantization';
import { checkWritable, modelFiles } from '../files';
import { checkRules } from '../check-rules';
import { Headless } from '../headless';
import { textTable } from '../text-table';

const LINE = 100;

const dbText = (value: number) => valueText('sqnr', value);

function judgedText({ score, sqnrDb }: Judged): string {
  return score.metric === 'sqnr' ? dbText(sqnrDb) : `${valueText(score.metric, score.value)}, ${dbText(sqnrDb)}`;
}

/** " (+52.0 ± 8.9 points, n = 125)", and where that may be chance, so said. */
function changeText({ score, change }: Judged): string {
  if (!change || score.metric === 'sqnr') return '';
  return ` (${sureDifferenceText(score.metric, change)})`;
}

/** Fewer samples than that do not tell by answers which of two fixes is better. */
const TOO_FEW =
  'These are too few to rank causes and fixes by answers: they are ranked by the SQNR of the worst output.';

/** What quantizing changed, where that is a figure. */
function lossText(metric: MetricName, loss: Difference): string {
  if (metric === 'sqnr' || !Number.isFinite(loss.value)) return '';
  return ` (${sureDifferenceText(metric, loss)})`;
}

/** Parts joined to indented lines of at most {@link LINE} characters. */
function wrapped(parts: readonly string[], separator = ' '): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + separator.length + part.length <= LINE)
      lines[lines.length - 1] = last + separator + part;
    else lines.push(`    ${part}`);
  }
  return lines;
}

function findingText(finding: RankedFinding, before: Judged, names: ReadonlyMap<string, string>): string[] {
  const { severity, title, layers, sentence, evidence, fixes, effects, inert } = finding;
  const [first, ...others] = layers.map((op) => names.get(op) ?? op);
  const where = first === undefined ? '' : `  ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
  return [
    `${severity.padEnd(8)}  ${title}${where}`,
    ...wrapped(sentence.split(' ')),
    ...wrapped(
      evidence.map(({ label, value }) => `${label}: ${value}`),
      ' · ',
    ),
    ...fixes.map((fix, i) => {
      const effect = effects[i];
      return `    → ${fix.label}${effect ? `: ${judgedText(before)} → ${judgedText(effect)}${changeText(effect)}` : ''}`;
    }),
    ...(inert.length > 0 ? wrapped(['Tried as well, brought nothing:', ...inert.map((label, i) => `${label}${i < inert.length - 1 ? ',' : '.'}`)]) : []), // prettier-ignore
    '',
  ];
}

function sensitivityTable(
  layers: readonly LayerSensitivity[],
  { mode }: DiagnoseArgs,
  metric: MetricName,
  names: ReadonlyMap<string, string>,
): string {
  const points = (delta: number) =>
    metricInfo(metric).unit === 'share' ? `${(100 * delta).toFixed(2)} pt` : delta.toPrecision(3);
  const heading = [mode === 'alone' ? 'quantized alone' : 'left in float', 'output', ...(mode === 'alone' ? [] : ['gain']), metric]; // prettier-ignore
  return textTable([
    heading,
    ...layers.map(({ op, sqnrDb, gainDb, delta }) => [
      names.get(op) ?? op,
      dbText(sqnrDb),
      ...(gainDb === undefined ? [] : [dbText(gainDb)]),
      points(delta),
    ]),
  ]);
}

/** As the layer list has them: converters string together the names of all that was fused. */
function namesOf({ layers }: ModelView): Map<string, string> {
  return new Map(layers.map(({ id, name }) => [id, name.split(';')[0]]));
}

/** Calibrates, looks where errors come from, tries what helps and measures each layer: the Diagnose tab without a page. */
export async function diagnose(args: DiagnoseArgs): Promise<DiagnosisReport> {
  if (args.report) checkWritable(args.report);
  const studio = new Headless(args.quiet, args.workers ?? null);
  try {
    const model = await studio.run('openModel', { files: modelFiles(args.model), sizes: args.sizes });
    const data = await studio.openData(args);
    checkRules(args.settings, studio);
    await studio.run('calibrate', {});
    const settings = withInputFormat(args.settings, model.inputs, args.inputFormat);
    const diagnosis = await studio.run('diagnose', { settings });
    const spec = { settings, samples: args.sensitivity, mode: args.mode, part: args.part };
    const layers = args.sensitivity > 0 ? await studio.run('sensitivity', spec) : null;

    const sensitivity = layers && { spec, layers };
    const report = buildDiagnosisReport({ model, data, seed: args.seed, settings, diagnosis, sensitivity });
    if (args.report) writeFileSync(args.report, JSON.stringify(report, null, 2) + '\n');
    const { held, findings } = diagnosis;
    const names = namesOf(model);
    const metric = held!.float.metric;
    const lines = [
      '',
      `Output ${dbText(diagnosis.sqnrDb)} against float, on ${diagnosis.samples} evaluation samples.`,
      `On ${held!.samples} held calibration samples: float ${sureText(metric, held!.float.value, held!.float.interval)}, ` +
        `quantized ${judgedText(held!.before)}${lossText(metric, held!.loss)}.`,
      ...(held!.countsAnswers || metricInfo(metric).unit !== 'share' || findings.length === 0 ? [] : [TOO_FEW]),
      '',
      ...(findings.length === 0 ? ['Nothing stands out.', ''] : []),
      ...findings.flatMap((finding) => findingText(finding, held!.before, names)),
      ...(layers ? [sensitivityTable(layers, args, metric, names)] : []),
    ];
    if (!args.quiet) process.stdout.write(printable(lines.join('\n')) + '\n');
    return report;
  } finally {
    studio.dispose();
  }
}
