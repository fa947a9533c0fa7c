import { writeFileSync } from 'node:fs';
import type { OpKind } from '../core/graph/ops/attrs';
import { definitionOfKind } from '../core/graph/ops/table';
import { ruleText } from '../core/quantize/rule-text';
import { ruleTargets } from '../core/quantize/rule-targets';
import { matchingLayers } from '../core/quantize/rules';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import type { Preprocessing } from '../core/data/types';
import type { DataSetView, JobName, Progress, Result, Score, Spec } from '../jobs/protocol';
import { buildReport, type Report } from '../jobs/report';
import { Session } from '../jobs/session';
import { JOBS, type Job } from '../jobs/table';
import type { QuantizeArgs } from './args';
import { checkWritable, labelFile, modelFiles, sourceFiles } from './files';
import { nodeHost } from './node-host';
import { bytes, textTable } from './table';

/** Tensors of this many samples are compared element by element with the integer reference. */
const COMPARED_SAMPLES = 16;

function settingsOf(args: QuantizeArgs): QuantSettings {
  return {
    ...DEFAULT_SETTINGS,
    io: args.io,
    weights: { granularity: args.granularity, estimator: { id: args.weightEstimator, params: {} } },
    activations: { estimator: { id: args.estimator, params: {} } },
    ...(args.rules.length > 0 && { rules: args.rules }),
    ...(args.algorithms.length > 0 && { algorithms: args.algorithms }),
  };
}

const kindLabel = (kind: OpKind) => definitionOfKind(kind).label;

/** --input-scale and --input-mean say x' = (x − mean) · scale in place of the guessed value steps. */
function withInputRange(view: DataSetView, { inputScale, inputMean }: QuantizeArgs): Preprocessing | undefined {
  if (inputScale === undefined && inputMean === undefined) return undefined;
  const kept = view.preprocessing.filter(({ kind }) => kind !== 'scale' && kind !== 'normalize' && kind !== 'reshape');
  const reshape = view.preprocessing.filter(({ kind }) => kind === 'reshape');
  const scale = inputScale ?? 1;
  const mean = inputMean ?? [0];
  if (mean.length === 1) return [...kept, { kind: 'scale', scale, offset: -mean[0] * scale }, ...reshape];
  return [...kept, { kind: 'normalize', mean, std: mean.map(() => 1 / scale) }, ...reshape];
}

function scoreText({ metric, value }: Pick<Score, 'metric' | 'value'>): string {
  if (metric === 'mse') return value.toPrecision(4);
  return metric === 'sqnr' ? `${value.toFixed(2)} dB` : `${(100 * value).toFixed(2)} %`;
}

/** Calibrates, quantizes, evaluates, writes and verifies: the studio's path without a page. */
export async function quantize(args: QuantizeArgs): Promise<Report> {
  for (const path of [args.out, args.report]) if (path) checkWritable(path);
  const say = (line: string) => args.quiet || process.stderr.write(`${line}\n`);
  const session = new Session(nodeHost());
  const timings: Record<string, number> = {};
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());

  async function run<N extends JobName>(name: N, spec: Spec<N>): Promise<Result<N>> {
    const started = performance.now();
    let stage = '';
    const onProgress = (progress: Progress) => {
      if (progress.stage !== stage) say(`  ${(stage = progress.stage)} …`);
    };
    const job = JOBS[name] as unknown as Job<N>;
    const result = await job(session, spec, { signal: controller.signal, onProgress });
    timings[name] = (timings[name] ?? 0) + performance.now() - started;
    return result;
  }

  const model = await run('openModel', { files: modelFiles(args.model), sizes: args.sizes });
  say(`${model.name}: ${model.layers.length} layers, ${model.parameters.toLocaleString('en')} parameters`);
  const change = { seed: args.seed, calibrationSamples: args.calibrate, evaluationSamples: args.evaluate };
  let data =
    args.data === 'random'
      ? await run('randomData', change)
      : await run('openData', {
          files: sourceFiles(args.data),
          ...(args.labels && { labels: labelFile(args.labels) }),
          ...change,
        });
  const preprocessing = withInputRange(data, args);
  if (preprocessing) data = await run('changeData', { ...change, preprocessing });
  say(`${data.name}: ${data.inWords}`);
  for (const { severity, message } of data.doctor) if (severity === 'warning') say(`  ! ${message}`);

  let settings = settingsOf(args);
  const targets = ruleTargets(session.quantizableModel.graph);
  for (const rule of args.rules) {
    const count = matchingLayers(rule, targets).length;
    say(`  ${ruleText(rule, kindLabel)} (${count === 1 ? 'one layer' : `${count === 0 ? 'no' : count} layers`})`);
  }
  await run('calibrate', {});
  if (args.improve) {
    const improvement = await run('improve', { settings });
    for (const { label, kept, why } of improvement.steps) say(`  ${kept ? '+' : '–'} ${label}: ${why}`);
    settings = improvement.settings;
  }
  const exported = await run('exportFile', { settings });
  const evaluation = await run('evaluate', { settings });
  const verification = await run('verify', { file: exported.bytes, compareSamples: COMPARED_SAMPLES });
  const sensitivity =
    args.sensitivity > 0 ? await run('sensitivity', { settings, samples: args.sensitivity }) : undefined;

  const report = buildReport({
    model,
    data,
    seed: args.seed,
    settings,
    exported,
    evaluation,
    verification,
    sensitivity,
    timings,
  });
  writeFileSync(args.out, exported.bytes);
  if (args.report) writeFileSync(args.report, JSON.stringify(report, null, 2) + '\n');
  const { metric } = report.accuracy;
  const score = (value: number | null) => (value === null ? '–' : scoreText({ metric, value }));
  say(
    textTable([
      ['', 'float', 'int8 simulated', 'file in LiteRT'],
      [metric, score(report.accuracy.float), score(report.accuracy.quantized), score(report.accuracy.file)],
      ['size', bytes(report.size.float), '', bytes(report.size.quantized)],
    ]),
  );
  const { runtime } = verification;
  say(
    `${runtime.name}: ${runtime.mismatches} of ${runtime.elements.toLocaleString('en')} elements of ` +
      `${runtime.tensors.length} tensors differ from the integer reference (${runtime.profile}).`,
  );
  for (const { op, reason } of exported.keptFloat) say(`  float: ${op} (${reason})`);
  session.dispose();
  return report;
}
