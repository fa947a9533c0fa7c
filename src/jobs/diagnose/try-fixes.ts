/**
 * What each fix of a diagnosis would do, tried on held calibration samples, and findings ranked by it. Fixes of the data are
 * tried on a calibration of their own; what is open stays as it is.
 */
import { modelInputShape } from '../../core/data/model-input';
import { compilePreprocessing } from '../../core/data/preprocess';
import type { Preprocessing } from '../../core/data/types';
import type { Finding } from '../../core/diagnosis/finding';
import { patched, settingsFix, type Fix, type SettingsPatch } from '../../core/diagnosis/fix';
import { costOf, severityOf, worth, type Gain } from '../../core/diagnosis/rank';
import { RangefinderError } from '../../base/errors';
import { isWithinChance } from '../../core/metrics/interval';
import { metricInfo } from '../../core/metrics/table';
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
  const held = { samples: evaluator.size, float, before, loss, countsAnswers };
  // Two findings may have the same way out.
  const known = new Map<string, Judged | null>();
  const tried = new Map<Fix | SettingsPatch, Judged | null>();
  let result: Diagnosis = { ...diagnosis, held };
  for (const { of, fix } of attempts) {
    const { label: _, ...change } = fix;
    const key = canonicalJson(change);
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
    sqnrDb: held ? Math.min(sqnrDb, held.before.sqnrDb) : sqnrDb,
    isWithinChance: held ? isWithinChance(held.loss) : false,
  };
  const gain = (kind: Fix['kind'], effect: Judged | null) => (effect && held ? [gainOf(kind, held, effect)] : []);
  const rows = findings.map((finding) => {
    const effects = finding.fixes.map((fix) => tried.get(fix) ?? null);
    const place = (finding.ablation && tried.get(finding.ablation)) || null;
    const trials = {
      place: gain('settings', place)[0] ?? null,
      fixes: effects.flatMap((effect, i) => gain(finding.fixes[i].kind, effect)),
    };
    const best = Math.max(0, ...trials.fixes.map(worth));
    const cost = costOf(finding, trials);
    return { row: { ...finding, effects, place, cost, severity: severityOf(finding, trials, condition) }, best };
  });
  const step = (share: number) => Math.round(STEPS_OF_COST * share);
  return rows
    .sort(
      (a, b) =>
        step(b.row.cost) - step(a.row.cost) ||
        step(b.best) - step(a.best) ||
        b.row.cost - a.row.cost ||
        b.row.estimate - a.row.estimate,
    )
    .map(({ row }) => row);
}

function gainOf(
  kind: Fix['kind'],
  { before, loss, countsAnswers }: NonNullable<Diagnosis['held']>,
  after: Judged,
): Gain {
  const { change } = after;
  const isSure = change !== undefined && !isWithinChance(change);
  const points = metricInfo(before.score.metric).unit === 'share' && isSure ? change.value : 0;
  // The float model gives other outputs to other inputs, too: how far these are from it compares with nothing. Where answers
  // become right, all of the error was the data's.
  if (kind === 'preprocessing') return { gainDb: points > 0 ? Infinity : 0, gainShare: points, recovered: 0 };
  const lost = isWithinChance(loss) ? 0 : -loss.value;
  const recovered = lost > 0 ? Math.min(1, Math.max(0, points / lost)) : 0;
  const gainDb = after.sqnrDb === before.sqnrDb ? 0 : after.sqnrDb - before.sqnrDb;
  return { gainDb, gainShare: countsAnswers || recovered > 0 ? points : null, recovered };
}
