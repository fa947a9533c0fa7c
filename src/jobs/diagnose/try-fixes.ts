/**
 * What each fix of a diagnosis would do, tried on held calibration samples, and findings ranked by it. Fixes of the data are
 * tried on a calibration of their own; what is open stays as it is.
 */
import { modelInputShape } from '../../core/data/model-input';
import { compilePreprocessing } from '../../core/data/preprocess';
import type { Preprocessing } from '../../core/data/types';
import type { Finding } from '../../core/diagnosis/finding';
import { patched, settingsFix, type Fix, type SettingsPatch } from '../../core/diagnosis/fix';
import { costOf, helps, severityOf, worth, type Gain } from '../../core/diagnosis/rank';
import { RangefinderError } from '../../base/errors';
import { isWithinChance } from '../../core/metrics/interval';
import { goodness, isNegligible, metricInfo } from '../../core/metrics/table';
import { macCount } from '../../core/graph/summary';
import type { Calibration } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import { calibrate, calibratedOn } from '../ptq/calibrate';
import type { Diagnosis, Judged, RankedFinding } from '../contract/diagnosis-protocol';
import { HeldOutEvaluator, type HeldOutFigures, type JudgeControls } from '../session/held-out-evaluator';
import type { Stages } from '../session/progress';
import type { AlgorithmReport, JobControls } from '../contract/protocol';
import { SampleReader, unusedSamples, zeroStates } from '../session/samples';
import type { Session } from '../session/session';
import { StudioSession } from '../session/studio-session';
import { inFloat } from '../session/simulated';
import { withoutPartials } from '../session/run-on-variant';
import { canonicalJson } from '../../base/canonical-json';

/** Beyond these, findings are a list nobody reads. */
const MOST_TRIALS = 32;
/** Multiply-accumulates that calibrating once more, to try something, may take. */
const MOST_CALIBRATION_MACS = 3e10;

export interface Trials {
  readonly session: Session;
  readonly settings: QuantSettings;
  readonly findings: readonly Finding[];
  /** Samples to judge by at most. */
  readonly most: number;
}

/** Fewer held samples do not tell by answers which of two fixes is better. */
const TELLING_SAMPLES = 200;

/** Something to be tried: a finding's place in float, or one of its fixes. */
type Attempt = { readonly of: Finding; readonly fix: Fix };

/** Each finding's place first, which says what it costs; then its fixes. */
function attemptsOf(findings: readonly Finding[]): Attempt[] {
  const places = findings.flatMap((of) => (of.ablation ? [{ of, fix: settingsFix('', of.ablation) }] : []));
  const fixes = findings.flatMap((of) => of.fixes.map((fix) => ({ of, fix })));
  return [...places, ...fixes].slice(0, MOST_TRIALS);
}

/**
 * Judges the model with each finding's place in float and as each fix would make it, what may help most first; findings are
 * ranked anew after each.
 */
export async function tryFixes(
  { session, settings, findings, most }: Trials,
  diagnosis: Diagnosis,
  stages: Stages,
  controls: JobControls<Diagnosis>,
): Promise<Diagnosis> {
  const evaluator = new HeldOutEvaluator(session, most, Math.min(most, TELLING_SAMPLES));
  const attempts = attemptsOf(findings);
  await stages.enter('Trying what helps', 8, (attempts.length + 1) * evaluator.size);
  const bench = new Bench(session, settings, evaluator, {
    ...withoutPartials<Diagnosis, AlgorithmReport>(controls),
    onProgress: () => undefined,
    step: () => stages.step(0),
  });
  const reference = await bench.judge(settingsFix('', {}));
  await stages.step(evaluator.size);
  if (!reference) return diagnosis;
  const before = plain(reference);
  const float = await evaluator.float(bench.controls);
  const loss = await evaluator.lossOf(reference, bench.controls);
  const countsAnswers = metricInfo(float.metric).unit === 'share' && evaluator.size >= TELLING_SAMPLES;
  const held = { samples: evaluator.size, float, before, outputDb: reference.outputDb, loss, countsAnswers };
  // Two findings may have the same way out.
  const known = new Map<string, Judged | null>();
  const tried = new Map<Fix | SettingsPatch, Judged | null>();
  let result: Diagnosis = { ...diagnosis, held };
  for (const { of, fix } of attempts) {
    const key = changeOf(fix);
    if (!known.has(key)) {
      const figures = await bench.judge(fix);
      known.set(key, figures && { ...plain(figures), change: figures.keeper.since(reference.keeper) });
    }
    await stages.step(evaluator.size);
    tried.set(of.fixes.includes(fix) ? fix : of.ablation!, known.get(key)!);
    result = { ...result, findings: ranked(findings, tried, diagnosis.sqnrDb, held) };
    controls.onPartial?.(result);
  }
  return result;
}

function plain({ sqnrDb, score }: HeldOutFigures): Judged {
  return { sqnrDb, score };
}

/** Where fixes are tried. */
class Bench {
  constructor(
    private readonly session: Session,
    private readonly settings: QuantSettings,
    private readonly held: HeldOutEvaluator,
    readonly controls: JudgeControls & JobControls<AlgorithmReport>,
  ) {}

  /** null for what this model cannot take, what takes too long, and what nothing here could tell. */
  async judge(fix: Fix): Promise<HeldOutFigures | null> {
    try {
      if (fix.kind === 'settings') return await this.settingsAs(patched(this.settings, fix.patch));
      return await (fix.kind === 'calibration' ? this.calibratedOn(fix.samples) : this.prepared(fix.pipeline));
    } catch (thrown) {
      if (thrown instanceof RangefinderError && thrown.code === 'invalid-settings') return null;
      throw thrown;
    }
  }

  private async settingsAs(settings: QuantSettings): Promise<HeldOutFigures> {
    const { session, controls } = this;
    const variant = await session.variants.of(settings, controls, true);
    return this.held.of(variant, settings, controls);
  }

  /** With as many more samples as the fix would add, none of them held or evaluated on. */
  private async calibratedOn(samples: number): Promise<HeldOutFigures | null> {
    const { session, settings, controls } = this;
    const { split, source } = session.data;
    const wanted = Math.max(0, samples - session.calibration.samples);
    const others = unusedSamples(source, split)
      .filter((index) => !this.held.has(index))
      .subarray(0, wanted);
    const chosen = Uint32Array.from([...session.variants.fitted, ...others]);
    if (!this.mayCalibrate(chosen.length)) return null;
    const variant = await session.variants.of(settings, controls, true);
    const calibration = await inFloat(session, variant.graph, (model) =>
      calibratedOn(session.data.reader, variant.graph, model, chosen, controls.step),
    );
    return this.held.of({ ...variant, calibration }, settings, controls);
  }

  /** With other inputs: calibrated on and judged by the same samples, by their labels, without which neither is right. */
  private async prepared(preprocessing: Preprocessing): Promise<HeldOutFigures | null> {
    const { session, settings, controls } = this;
    const { model, data } = session;
    const { source, split, view } = data;
    if (!source.labels || settings.trained !== undefined || !this.mayCalibrate(split.calibration.length)) return null;
    const prepare = compilePreprocessing(preprocessing, view.sampleShape, modelInputShape(model.graph));
    const other = new StudioSession(session.host);
    try {
      other.setModel(model);
      const reader = new SampleReader(source, prepare, [split.calibration], zeroStates(model.graph));
      other.setData({ ...data, preprocessing, reader });
      const quiet: JobControls<Calibration> = { signal: controls.signal, onProgress: controls.onProgress };
      other.calibration = await calibrate(other, {}, quiet);
      const variant = await other.variants.of(settings, controls, true);
      return await new HeldOutEvaluator(other, this.held.size, this.held.size).of(variant, settings, controls);
    } finally {
      other.dispose();
    }
  }

  private mayCalibrate(samples: number): boolean {
    return samples * macCount(this.session.quantizableModel.graph) <= MOST_CALIBRATION_MACS;
  }
}

/** Shares of the noise that are told apart: what differs by less costs the same. */
const STEPS_OF_COST = 10;

/** The most costly first; of those that cost the same, the one whose fix helps most. */
export function ranked(
  findings: readonly Finding[],
  tried: ReadonlyMap<Fix | SettingsPatch, Judged | null>,
  sqnrDb: number,
  held: Diagnosis['held'] | null,
): RankedFinding[] {
  const condition = {
    sqnrDb: held ? Math.max(held.outputDb, Math.min(sqnrDb, held.before.sqnrDb)) : sqnrDb,
    isWithinChance: held ? lossOf(held) === 0 || isNegligible(held.float.metric, held.float.value, held.loss.value) : false, // prettier-ignore
  };
  const gain = (kind: Fix['kind'], effect: Judged | null) => (effect && held ? gainOf(kind, held, effect) : null);
  const rows = findings.map((finding): Row => {
    const place = (finding.ablation && tried.get(finding.ablation)) || null;
    const outcomes = finding.fixes.map((fix) => {
      const effect = tried.get(fix) ?? null;
      return { fix, effect, gain: gain(fix.kind, effect) };
    });
    const offered = outcomes.filter(({ gain: one }) => one === null || helps(one));
    const trials = {
      place: gain('settings', place),
      fixes: outcomes.flatMap(({ gain: one }) => one ?? []),
    };
    return {
      found: {
        ...finding,
        fixes: offered.map(({ fix }) => fix),
        effects: offered.map(({ effect }) => effect),
        inert: outcomes.filter((outcome) => !offered.includes(outcome)).map(({ fix }) => fix.label),
        place,
        cost: costOf(finding, trials),
        severity: severityOf(finding, trials, condition),
      },
      best: Math.max(0, ...trials.fixes.map(worth)),
    };
  });
  const step = (share: number) => Math.round(STEPS_OF_COST * share);
  const sorted = rows
    .filter((row) => !isExplained(row, rows))
    .sort(
      (a, b) =>
        step(b.found.cost) - step(a.found.cost) ||
        step(b.best) - step(a.best) ||
        b.found.cost - a.found.cost ||
        b.found.estimate - a.found.estimate,
    )
    .map(({ found }) => found);
  return sorted.filter((finding, i) => !sorted.slice(0, i).some((other) => saysTheSame(other, finding)));
}

/** Whether the second finding has no way out that the first, in the same place, has not. */
function saysTheSame(first: RankedFinding, second: RankedFinding): boolean {
  const ways = new Set(first.fixes.map(changeOf));
  const isThere = second.layers.some((op) => first.layers.includes(op));
  return isThere && second.fixes.length > 0 && second.fixes.every((fix) => ways.has(changeOf(fix)));
}

/** What a fix changes, whatever its button says. */
function changeOf({ label: _, ...change }: Fix): string {
  return canonicalJson(change);
}

interface Row {
  readonly found: RankedFinding;
  /** What the best of its fixes is worth. */
  readonly best: number;
}

/** Half of what is lost comes back. */
const MENDS = 0.5;

/** Whether nothing helps against it, and something does against another cause in the same place: then that one is the cause. */
function isExplained({ found }: Row, rows: readonly Row[]): boolean {
  const { fixes, inert, layers } = found;
  if (fixes.length > 0 || inert.length === 0) return false;
  return rows.some(
    (other) => other.found !== found && other.best >= MENDS && other.found.layers.some((op) => layers.includes(op)),
  );
}

/** What was lost against float beyond chance, in the metric; 0 where nothing was. */
function lossOf({ float, loss }: NonNullable<Diagnosis['held']>): number {
  return isWithinChance(loss) ? 0 : Math.max(0, -goodness(float.metric, loss.value));
}

function gainOf(kind: Fix['kind'], held: NonNullable<Diagnosis['held']>, after: Judged): Gain {
  const { before, countsAnswers } = held;
  const { change } = after;
  const isSure = change !== undefined && !isWithinChance(change);
  const { metric } = before.score;
  const points = metricInfo(metric).unit === 'share' && isSure ? goodness(metric, change.value) : 0;
  // The float model gives other outputs to other inputs, too: how far these are from it compares with nothing. Where answers
  // become right, all of the error was the data's.
  if (kind === 'preprocessing') return { gainDb: points > 0 ? Infinity : 0, gainShare: points, recovered: 0 };
  const lost = lossOf(held);
  const recovered = lost > 0 ? Math.min(1, Math.max(0, points / lost)) : 0;
  const gainDb = after.sqnrDb === before.sqnrDb ? 0 : after.sqnrDb - before.sqnrDb;
  return { gainDb, gainShare: countsAnswers || recovered > 0 ? points : null, recovered };
}
