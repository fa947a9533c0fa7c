/**
 * What each fix of a diagnosis would do, tried on held calibration samples, and findings ranked by it. Fixes of the data are
 * tried on a calibration of their own; what is open stays as it is.
 */
import { modelInputShape } from '../../core/data/model-input';
import { compilePreprocessing } from '../../core/data/preprocess';
import type { Preprocessing } from '../../core/data/types';
import type { Finding } from '../../core/diagnosis/finding';
import { patched, type Fix } from '../../core/diagnosis/fix';
import { costOf, severityOf, type Gain } from '../../core/diagnosis/rank';
import { RangefinderError } from '../../base/errors';
import { metricInfo } from '../../core/metrics/table';
import { macCount } from '../../core/graph/summary';
import type { Calibration } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import { calibrate, calibratedOn } from '../ptq/calibrate';
import type { Diagnosis, Judged, RankedFinding } from '../contract/diagnosis-protocol';
import { HeldOutEvaluator, type JudgeControls } from '../session/held-out-evaluator';
import type { Stages } from '../session/progress';
import type { AlgorithmReport, JobControls } from '../contract/protocol';
import { SampleReader, unusedSamples } from '../session/samples';
import { Session } from '../session/session';
import { inFloat } from '../session/simulated';
import { quietly } from '../session/variant-first';

/** Beyond these, findings are a list nobody reads. */
const MOST_TRIALS = 24;
/** Multiply-accumulates that calibrating once more, to try something, may take. */
const MOST_CALIBRATION_MACS = 3e10;

export interface Trials {
  readonly session: Session;
  readonly settings: QuantSettings;
  readonly findings: readonly Finding[];
  /** Samples to evaluator by at most. */
  readonly most: number;
}

/** Judges the model as each fix would make it, what may help most first; findings are ranked anew after each. */
export async function tryFixes(
  { session, settings, findings, most }: Trials,
  diagnosis: Diagnosis,
  stages: Stages,
  controls: JobControls<Diagnosis>,
): Promise<Diagnosis> {
  const evaluator = new HeldOutEvaluator(session, most);
  const trials = findings.flatMap(({ fixes }) => fixes).slice(0, MOST_TRIALS);
  await stages.enter('Trying what helps', 8, (trials.length + 1) * evaluator.size);
  const bench = new Bench(session, settings, evaluator, {
    ...quietly<Diagnosis, AlgorithmReport>(controls),
    onProgress: () => undefined,
    step: () => stages.step(0),
  });
  const before = await bench.judge({ kind: 'settings', label: '', patch: {} });
  await stages.step(evaluator.size);
  if (!before) return diagnosis;
  const held = { samples: evaluator.size, float: await evaluator.float(bench.controls), before };
  // Two findings may have the same way out.
  const known = new Map<string, Judged | null>();
  const effects = new Map<Fix, Judged | null>();
  let result = { ...diagnosis, held };
  for (const fix of trials) {
    const { label: _, ...change } = fix;
    const key = JSON.stringify(change);
    if (!known.has(key)) known.set(key, await bench.judge(fix));
    await stages.step(evaluator.size);
    effects.set(fix, known.get(key)!);
    result = { ...result, findings: ranked(findings, [...effects], diagnosis.sqnrDb, before) };
    controls.onPartial?.(result);
  }
  return result;
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
  async judge(fix: Fix): Promise<Judged | null> {
    try {
      if (fix.kind === 'settings') return await this.settingsAs(patched(this.settings, fix.patch));
      return await (fix.kind === 'calibration' ? this.calibratedOn(fix.samples) : this.prepared(fix.pipeline));
    } catch (thrown) {
      if (thrown instanceof RangefinderError && thrown.code === 'invalid-settings') return null;
      throw thrown;
    }
  }

  private async settingsAs(settings: QuantSettings): Promise<Judged> {
    const { session, controls } = this;
    const variant = await session.variants.of(settings, controls, true);
    return this.held.of(variant, settings, controls);
  }

  /** With as many more samples as the fix would add, none of them held or evaluated on. */
  private async calibratedOn(samples: number): Promise<Judged | null> {
    const { session, settings, controls } = this;
    const { split, source } = session.data;
    const wanted = Math.max(0, samples - session.calibration.samples);
    const others = unusedSamples(source, split).subarray(0, wanted);
    const chosen = Uint32Array.from([...session.variants.fitted, ...others]);
    if (!this.mayCalibrate(chosen.length)) return null;
    const variant = await session.variants.of(settings, controls, true);
    const calibration = await inFloat(session, variant.graph, (model) =>
      calibratedOn(session.data.reader, variant.graph, model, chosen, controls.step),
    );
    return this.held.of({ ...variant, calibration }, settings, controls);
  }

  /** With other inputs: calibrated on and judged by the same samples, by their labels, without which neither is right. */
  private async prepared(preprocessing: Preprocessing): Promise<Judged | null> {
    const { session, settings, controls } = this;
    const { model, data } = session;
    const { source, split, view } = data;
    if (!source.labels || settings.trained !== undefined || !this.mayCalibrate(split.calibration.length)) return null;
    const prepare = compilePreprocessing(preprocessing, view.sampleShape, modelInputShape(model.graph));
    const other = new Session(session.host);
    try {
      other.setModel(model);
      other.setData({ ...data, preprocessing, reader: new SampleReader(source, prepare, [split.calibration]) });
      const quiet: JobControls<Calibration> = { signal: controls.signal, onProgress: controls.onProgress };
      other.calibration = await calibrate(other, {}, quiet);
      const variant = await other.variants.of(settings, controls, true);
      return await new HeldOutEvaluator(other, this.held.size).of(variant, settings, controls);
    } finally {
      other.dispose();
    }
  }

  private mayCalibrate(samples: number): boolean {
    return samples * macCount(this.session.quantizableModel.graph) <= MOST_CALIBRATION_MACS;
  }
}

/** The most costly first. */
export function ranked(
  findings: readonly Finding[],
  tried: readonly (readonly [Fix, Judged | null])[],
  sqnrDb: number,
  before: Judged | null,
): RankedFinding[] {
  const effectOf = new Map(tried);
  return findings
    .map((finding): RankedFinding => {
      const effects = finding.fixes.map((fix) => effectOf.get(fix) ?? null);
      const gains = effects.flatMap((effect, i) =>
        effect && before ? [gainOf(finding.fixes[i], before, effect)] : [],
      );
      return { ...finding, effects, cost: costOf(finding, gains), severity: severityOf(finding, gains, sqnrDb) };
    })
    .sort((a, b) => b.cost - a.cost || b.estimate - a.estimate);
}

function gainOf({ kind }: Fix, before: Judged, after: Judged): Gain {
  const gainShare = metricInfo(before.score.metric).unit === 'share' ? after.score.value - before.score.value : null;
  // The float model gives other outputs to other inputs, too: how far these are from it compares with nothing. Where answers
  // become right, all of the error was the data's.
  if (kind === 'preprocessing') return { gainDb: (gainShare ?? 0) > 0 ? Infinity : 0, gainShare };
  return { gainDb: after.sqnrDb === before.sqnrDb ? 0 : after.sqnrDb - before.sqnrDb, gainShare };
}
