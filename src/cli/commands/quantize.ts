import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { RangefinderError } from '../../base/errors';
import { shortened } from '../../base/printable';
import { encodingsOfPlan } from '../../core/exchange/encodings-of-plan';
import { writeNodeData } from '../../core/exchange/node-data';
import { withExchanged } from '../../core/exchange/read';
import { ENCODINGS } from '../../core/exchange/table';
import { cSource } from '../../core/exports/c-source';
import { nonFiniteActivations, nonFiniteInWords } from '../../core/graph/non-finite';
import { METRIC_NAMES, type MetricName } from '../../core/metrics/table';
import { worstOutput } from '../../core/metrics/worst-output';
import { sureDifferenceText, sureText, valueText } from '../../core/metrics/words';
import type { QuantSettings } from '../../core/quantize/settings';
import type { FormResult } from '../../jobs/contract/form-protocol';
import type { Score } from '../../jobs/contract/judgement-protocol';
import type { Evaluation, Exported, Verification } from '../../jobs/contract/protocol';
import { comparedPart, comparedText, type VerifyChoice } from '../../jobs/contract/verify-choice';
import { targetOf } from '../../core/targets/table';
import { OTHER_RUNTIMES, type OtherRuntime, type RuntimeComparison } from '../../jobs/contract/runtime-protocol';
import { buildReport, type Report } from '../../jobs/reports/report';
import type { QuantizeArgs } from '../options/quantize-options';
import { withFileTypes } from '../options/output';
import { withInputFormat } from '../options/quantization';
import { checkWritable, modelFiles, sourceFiles } from '../files';
import { checkRules } from '../check-rules';
import { Headless } from '../headless';
import { writeHtmlReport } from '../html-report';
import { bytes, textTable } from '../text-table';
import { lintBytes, lintText } from './lint';

/** The integer reference takes milliseconds a sample. */
const RUNTIME_SAMPLES = 500;

/** The figures of the task, the headline first: of float, of the simulation and of the file. */
function figureRows(evaluation: Evaluation, verification: Verification | null): string[][] {
  const { metric, figures = {} } = evaluation.float;
  const others = METRIC_NAMES.filter((name) => name !== metric && figures[name] !== undefined);
  const text = (score: Score | undefined, name: MetricName) => {
    const value = score?.figures?.[name];
    return value === undefined ? '–' : sureText(name, value, score?.intervals?.[name]);
  };
  return [metric, ...others].map((name) => [
    name,
    text(evaluation.float, name),
    text(evaluation.quantized, name),
    text(verification?.file, name),
  ]);
}

/** Several outputs, or parts of one, each with its own figure and how near to float it is; of a single one all is told above. */
function outputLines({ outputs }: Report, isFile: boolean): string[] {
  if (outputs.length < 2) return [];
  const rows = outputs.map(({ name, metric, float, quantized, interval, sqnrDb }) => {
    const text = (value: number | null, ends: { low: number | null; high: number | null } | null) =>
      value === null ? '–' : sureText(metric, value, ends === null ? undefined : { low: ends.low ?? NaN, high: ends.high ?? NaN }); // prettier-ignore
    return [shortened(name), metric, text(float, interval.float), text(quantized, interval.quantized), sqnrDb === null ? 'exact' : valueText('sqnr', sqnrDb)]; // prettier-ignore
  });
  const worst = worstOutput(outputs);
  return [
    textTable([['output', 'figure', 'float', isFile ? 'file' : 'simulated', 'against float'], ...rows]),
    ...(worst ? [`Worst output: ${shortened(worst.name)}, ${valueText('sqnr', worst.sqnrDb)} against float.`] : []),
  ];
}

/** How many samples are answered otherwise than in float, and for whom that matters. */
function flipText({ n, changed, wrongNow, fixed }: NonNullable<Report['accuracy']['flips']>): string {
  const labelled = wrongNow === undefined ? '' : `: ${wrongNow} wrong now, ${fixed} fixed`;
  return `${changed} of ${n} samples are answered otherwise than in float${labelled}.`;
}

function changedText(figures: FormResult['figures']): string {
  const changed = figures?.predictionsChanged ?? null;
  return !figures || changed === null ? '–' : `${changed} of ${figures.samples}`;
}

function formTable(forms: readonly FormResult[]): string {
  return textTable([
    ['form', 'size', 'score', 'changed', 'ms', 'needs', 'run in'],
    ...forms.map(({ title, bytes: { byteLength }, figures, minimumRuntime }) => [
      title,
      bytes(byteLength),
      figures ? valueText(figures.score.metric, figures.score.value) : '–',
      changedText(figures),
      figures ? figures.milliseconds.toPrecision(3) : '–',
      minimumRuntime ?? '–',
      figures?.runtime ?? '–',
    ]),
  ]);
}

/** Runtimes that are asked for, and those of targets, as far as their arithmetic is known. */
function otherRuntimes({ runtime, target }: QuantizeArgs): OtherRuntime[] {
  const asked = new Set<string>([...runtime, ...target.map((id) => targetOf(id)!.runtime)]);
  return OTHER_RUNTIMES.filter((id) => asked.has(id));
}

function runtimeText({ profile, unknown, figures }: RuntimeComparison): string {
  if (!figures) return `On ${profile}: not known. ${unknown ?? ''}`;
  const { samples, score, predictionsChanged, elements, elementsChanged, first } = figures;
  const changed =
    predictionsChanged === null
      ? `${elementsChanged} of ${elements.toLocaleString('en')} values differ from LiteRT's`
      : `${predictionsChanged} of ${samples} predictions differ from LiteRT's`;
  const where = first ? `; first in ${first.tensor}, by up to ${first.maxLsb} LSB` : '';
  return `On ${profile}: ${score.metric} ${valueText(score.metric, score.value)}, ${changed}${where}.`;
}

/** What was asked for and could not be had, once the rest is written. */
function refusedForms(refused: readonly RangefinderError[]): RangefinderError {
  const [first] = refused as [RangefinderError];
  if (refused.length === 1) return first;
  return new RangefinderError({
    code: first.code,
    message: refused.map(({ message }) => message).join(' '),
    hint: 'Leave these forms out; the others are written.',
  });
}

/** Where a form is written: the first where --out says, the others beside it under names of their own. */
function formPath(out: string, { form, fileName }: FormResult, position: number): string {
  return position === 0 ? out : `${out.slice(0, out.length - extname(out).length)}_${form}${extname(fileName)}`;
}

/** Calibrates, quantizes, evaluates, writes and verifies: the studio's path without a page. */
export async function quantize(args: QuantizeArgs): Promise<Report> {
  for (const path of [args.out, args.cSource, args.encodingsOut, args.report, args.html]) if (path) checkWritable(path);
  const studio = new Headless(args.quiet, args.workers ?? null);
  try {
    return await quantized(args, studio);
  } finally {
    studio.dispose();
  }
}

/** The file in LiteRT; where it cannot be run, why: a check that fails is no reason to withhold what it would have checked. */
async function verified(
  studio: Headless,
  file: Uint8Array,
  settings: QuantSettings,
  choice: VerifyChoice,
): Promise<{ verification: Verification | null; failure?: string }> {
  if (choice === 'off') return { verification: null, failure: 'this was switched off (--verify off).' };
  try {
    return { verification: await studio.run('verify', { file, settings, ...comparedPart(choice) }) };
  } catch (thrown) {
    if (!(thrown instanceof RangefinderError) || thrown.code === 'cancelled') throw thrown;
    return { verification: null, failure: thrown.message };
  }
}

/** The settings with what the file says of this model; tells what of it has no counterpart. */
function withRecipe(settings: QuantSettings, path: string, studio: Headless): QuantSettings {
  const [file] = sourceFiles(path);
  if (file === undefined) return settings;
  const { graph } = studio.session.quantizableModel;
  const {
    settings: changed,
    inWords,
    left,
  } = withExchanged(settings, new TextDecoder().decode(file.bytes), path, graph);
  studio.say(`  ${path}: ${inWords}`);
  for (const words of left) studio.say(`  ! left out: ${words}`);
  return changed;
}

function writeEncodings(
  path: string,
  format: string,
  name: string,
  { plan }: Exported,
  { layers }: Evaluation,
  studio: Headless,
): void {
  const row = ENCODINGS.find(({ id }) => id === format);
  const { encodings, left } = encodingsOfPlan(plan);
  const file = row
    ? row.write(encodings)
    : writeNodeData(name, new Map(layers.map(({ tensor, sqnrDb }) => [tensor, sqnrDb])));
  writeFileSync(path, JSON.stringify(file, null, 2) + '\n');
  if (row) for (const words of left) studio.say(`  ! not among the encodings: ${words}`);
}

async function quantized(args: QuantizeArgs, studio: Headless): Promise<Report> {
  const model = await studio.run('openModel', { files: modelFiles(args.model), sizes: args.sizes });
  studio.say(`${model.name}: ${model.layers.length} layers, ${model.parameters.toLocaleString('en')} parameters`);
  if (model.nonFinite !== undefined) studio.say(`  ! ${model.nonFinite}`);
  const data = await studio.openData(args);

  // What is said on the command line wins over what a recipe says.
  const given = args.recipe === undefined ? args.settings : withRecipe(args.settings, args.recipe, studio);
  let settings = withFileTypes(withInputFormat(given, model.inputs, args.inputFormat), model, args);
  checkRules(args.settings, studio);
  const { activations } = await studio.run('calibrate', {});
  const notNumbers = nonFiniteInWords(nonFiniteActivations(activations), 'activation');
  if (notNumbers !== undefined) studio.say(`  ! ${notNumbers}`);
  if (args.improve) {
    const improvement = await studio.run('improve', { settings });
    for (const { label, kept, why } of improvement.steps) studio.say(`  ${kept ? '+' : '–'} ${label}: ${why}`);
    settings = improvement.settings;
  }
  const exported = await studio.run('exportFile', { settings });
  if (args.form.length === 0) writeFileSync(args.out, exported.bytes);
  if (args.cSource) writeFileSync(args.cSource, cSource(exported.bytes, exported.fileName));
  const evaluation = await studio.run('evaluate', { settings });
  if (args.encodingsOut !== undefined)
    writeEncodings(args.encodingsOut, args.encodingsFormat, model.name, exported, evaluation, studio);
  const { verification, failure } = await verified(studio, exported.bytes, settings, args.verify);
  const sensitivity =
    args.sensitivity > 0 ? await studio.run('sensitivity', { settings, samples: args.sensitivity }) : undefined;

  const forms: FormResult[] = [];
  const refused: RangefinderError[] = [];
  for (const form of args.form) {
    try {
      const made = await studio.run('exportForm', { settings, form });
      writeFileSync(formPath(args.out, made, forms.length), made.bytes);
      forms.push(made);
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError) || thrown.code === 'cancelled') throw thrown;
      refused.push(thrown); // the other forms are written all the same
    }
  }
  if (refused.length > 0 && forms.length === 0) throw refused[0];

  const written = forms.length > 0 ? forms : [exported];
  const checks = written.flatMap(({ bytes, fileName }) => lintBytes(bytes, fileName, args.target));

  const runtimes: RuntimeComparison[] = [];
  for (const runtime of otherRuntimes(args))
    runtimes.push(await studio.run('compareRuntimes', { file: exported.bytes, runtime, samples: RUNTIME_SAMPLES }));

  const report = buildReport({
    ...(runtimes.length > 0 && { runtimes }),
    ...(checks.length > 0 && { targets: checks }),
    model,
    data,
    seed: args.seed,
    settings,
    exported,
    evaluation,
    verification,
    verificationFailure: failure,
    sensitivity,
    forms,
    timings: studio.timings,
  });
  if (args.report) writeFileSync(args.report, JSON.stringify(report, null, 2) + '\n');
  if (args.html !== undefined) writeHtmlReport(args.html, report);
  const { metric } = report.accuracy;
  studio.say(
    textTable([
      ['', 'float', 'int8 simulated', 'file in LiteRT'],
      ...figureRows(evaluation, verification),
      ['size', bytes(report.size.float), '', bytes(report.size.quantized)],
    ]),
  );
  if (verification?.simulation?.parting) studio.say(`! ${verification.simulation.parting}`);
  for (const line of outputLines(report, verification !== null)) studio.say(line);
  if (evaluation.floatDoubt) studio.say(evaluation.floatDoubt);
  const difference = verification?.difference ?? evaluation.difference;
  // A float model is exact against itself; how far the file is from it stands in the table.
  if (difference && Number.isFinite(evaluation.float.value)) {
    const which = verification ? 'File' : 'Simulation';
    studio.say(`${which} against float: ${sureDifferenceText(metric, difference)}.`);
  }
  const { flips } = report.accuracy;
  if (flips && flips.changed > 0) studio.say(flipText(flips));
  if (failure !== undefined) studio.say(`The file is written, but was not verified: ${failure}`);
  if (verification) {
    const { runtime } = verification;
    studio.say(
      `${runtime.name}: ${runtime.mismatches} of ${runtime.elements.toLocaleString('en')} elements of ` +
        `${runtime.tensors.length} tensors differ from the integer reference (${runtime.profile}), ` +
        `compared on ${comparedText(runtime)}.`,
    );
  }
  if (verification?.delivered) studio.say(verification.delivered.inWords);
  if (forms.length > 0) studio.say(formTable(forms));
  for (const comparison of runtimes) studio.say(runtimeText(comparison));
  for (const result of checks) studio.say(lintText(result));
  for (const { op, reason } of exported.keptFloat) studio.say(`  float: ${op} (${reason})`);
  if (refused.length > 0) throw refusedForms(refused);
  return report;
}
