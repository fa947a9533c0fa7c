/**
 * Searches for mixed precision: which format each layer gets for the least cost at the best accuracy. Configurations are
 * simulated and judged on calibration samples that ranges were not taken from; evaluation samples stay unseen, and so does
 * what a chosen point really reaches until the person takes it over.
 */
import { algorithmOf } from '../../core/algorithms/table';
import { FLOAT32, formatsOfPlan, uniformFormats } from '../../core/cost/formats';
import { modelCost } from '../../core/cost/model-cost';
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../../core/graph/graph';
import { notStorable } from '../../core/quantize/format-choice';
import { goodness, metricInfo } from '../../core/metrics/table';
import type { QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Configuration } from '../../core/search/additive';
import { storedBytes } from '../../core/search/file-size';
import { searchedLayers, type SearchedLayers } from '../../core/search/layers';
import { bestWithin, ParetoFront, type Budget, type Measured } from '../../core/search/pareto';
import { searchPrecision as propose, type Phase } from '../../core/search/precision-search';
import { precisionOf, PRECISIONS, withPrecisions, type Precisions } from '../../core/search/precisions';
import type { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT, simulationOf } from '../../engine/tfjs/simulation';
import { quantizeVariant } from '../export/export-file';
import { HeldOutEvaluator, type HeldOutFigures } from '../session/held-out-evaluator';
import { Stages } from '../session/progress';
import type { JobControls, Progress } from '../contract/protocol';
import type { Score } from '../contract/judgement-protocol';
import type { SearchPoint, SearchReference, SearchResult, SearchSpec } from '../contract/search-protocol';
import type { ModelVariant, Session } from '../session/session';
import { simulated } from '../session/simulated';
import { withoutPartials } from '../session/run-on-variant';
import { writeWhole } from '../export/whole-file';
import { settingsKey } from '../../core/quantize/settings-key';

/** Of a hundred samples one is a point, and the luckiest of hundreds of configurations has several. SQNR needs fewer. */
const ENOUGH_SAMPLES = 256;

const STAGES: Readonly<Record<Phase, string>> = {
  uniform: 'Measuring each format throughout',
  layers: 'Measuring each layer',
  predicted: 'Measuring what the layers predict',
  evolution: 'Trying what lies near the best',
  rest: 'Measuring what is left',
};

interface Point extends SearchPoint, Measured {}

export async function searchPrecision(
  session: Session,
  spec: SearchSpec,
  controls: JobControls<SearchResult>,
): Promise<SearchResult> {
  const precisions = chosenPrecisions(spec);
  const { settings, notes } = withoutLearning(spec.settings);
  const variant = await session.variants.of(settings, withoutPartials(controls), true);
  const layers = searchedLayers(variant.graph, settings);
  if (layers.varied.length === 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'There is no layer whose format could be chosen.',
      details: layers.fixed.map(({ op, reason }) => `${op}: ${reason}`),
      hint: 'Layers with weights are searched, but for those that a rule names: remove the rule.',
    });
  const search = new PrecisionSearch(session, spec, settings, precisions, variant, layers, notes, controls);
  // One model for all configurations: only layers whose format changes are loaded again.
  return simulated(session, variant.graph, FLOAT, (model) => search.run(model));
}

/** In the table's order. @throws RangefinderError 'invalid-settings' */
function chosenPrecisions({ precisions }: SearchSpec): readonly string[] {
  const unknown = precisions.find((id) => !precisionOf(id));
  if (unknown === undefined && precisions.length > 0)
    return PRECISIONS.map(({ id }) => id).filter((id) => precisions.includes(id));
  throw new RangefinderError({
    code: 'invalid-settings',
    message: unknown === undefined ? 'No format was chosen to search with.' : `There is no precision "${unknown}".`,
    hint: `Choose among ${PRECISIONS.map(({ id }) => id).join(', ')}.`,
  });
}

/** What is learnt belongs to one choice of formats, and would be learnt anew for each: the search does without and says so. */
function withoutLearning({ algorithms = [], trained, ...settings }: QuantSettings): {
  settings: QuantSettings;
  notes: string[];
} {
  const kept = algorithms.filter(({ id }) => algorithmOf(id)?.step === 'rewriting');
  const left = algorithms.filter((choice) => !kept.includes(choice)).map(({ id }) => algorithmOf(id)?.label ?? id);
  if (trained !== undefined) left.push('the trained weights');
  return {
    settings: { ...settings, ...(kept.length > 0 && { algorithms: kept }) },
    notes:
      left.length > 0
        ? [`Measured without ${left.join(' and ')}, learnt for one choice of formats and anew for a point in use.`]
        : [],
  };
}

class PrecisionSearch {
  private readonly graph: Graph;
  private readonly evaluator: HeldOutEvaluator;
  private readonly base: number;
  private readonly overhead: number;
  private readonly front = new ParetoFront<Point>();
  private readonly references: SearchReference[] = [];
  private measured = 0;
  private floatGoodness = Infinity;

  constructor(
    private readonly session: Session,
    private readonly spec: SearchSpec,
    private readonly settings: QuantSettings,
    private readonly precisions: readonly string[],
    private readonly variant: ModelVariant,
    private readonly layers: SearchedLayers,
    private readonly notes: readonly string[],
    private readonly controls: JobControls<SearchResult>,
  ) {
    this.graph = variant.graph;
    this.evaluator = new HeldOutEvaluator(session, Infinity, spec.quality === 'score' ? ENOUGH_SAMPLES : 0);
    this.base = Math.max(0, precisions.indexOf('int8'));
    this.overhead = this.bytesBesidesConstants();
  }

  async run(model: TfjsModel): Promise<SearchResult> {
    const { evaluator, spec, controls } = this;
    const most = Math.min(spec.measurements, this.possible);
    const started = performance.now();
    const onProgress = (progress: Progress) => {
      // A stage here is one configuration, too short to tell; all of them together do.
      const each = (performance.now() - started) / Math.max(1, this.measured);
      const known = this.measured >= 3 && { remainingMs: each * (most - this.measured) };
      controls.onProgress({ stage: progress.stage, fraction: progress.fraction, ...known });
    };
    const stages = new Stages({ ...controls, onProgress }, most + 1);
    const judging = { ...controls, step: () => stages.step() };
    await stages.enter('Running the float model', 1, evaluator.batchCount);
    const float = this.addFloat(await evaluator.float(judging));
    this.floatGoodness = goodness(float.metric, float.value);
    const budget = budgetOf(spec, float);
    const proposals = propose({ costs: this.costs(), base: this.base }, { budget, seed: spec.seed });
    for (let step = proposals.next(); !step.done && this.measured < most;) {
      const { configuration, phase } = step.value;
      await stages.enter(STAGES[phase], 1, evaluator.batchCount);
      const point = await this.measure(configuration, (plan) => {
        model.setSimulation(simulationOf(this.graph, plan));
        return evaluator.model(model, this.graph, judging);
      });
      this.measured++;
      this.front.add(point);
      if (phase === 'uniform') this.addUniform(configuration, point);
      controls.onPartial?.(this.result(budget));
      step = proposals.next({ ...point, harm: 10 ** (-point.sqnrDb / 10) });
    }
    return this.result(budget);
  }

  private get possible(): number {
    return this.precisions.length ** this.layers.varied.length;
  }

  private result(budget: Budget | null): SearchResult {
    const { points } = this.front;
    const { cost, quality, precisions, budget: asked } = this.spec;
    const best = budget && bestWithin(points, budget);
    return {
      spec: { cost, quality, precisions, budget: asked },
      front: points.map(({ cost: _cost, quality: _quality, tieBreak: _tieBreak, ...point }) => point),
      references: [...this.references],
      chosen: best ? points.indexOf(best) : null,
      measured: this.measured,
      possible: this.possible,
      layers: this.layers.varied.map(({ op }) => op.id),
      fixed: this.layers.fixed,
      samples: this.evaluator.size,
      notes: this.notes,
    };
  }

  // ---- one configuration ----------------------------------------------------------------------------------------------

  private precisionsOf(configuration: Configuration): Precisions {
    return Object.fromEntries(
      configuration.map((choice, i) => [this.layers.varied[i].op.id, this.precisions[choice]] as const),
    );
  }

  private async measure(
    configuration: Configuration,
    judged: (plan: QuantPlan) => Promise<HeldOutFigures>,
  ): Promise<Point> {
    const precisions = this.precisionsOf(configuration);
    const settings = withPrecisions(this.settings, precisions);
    const plan = this.planOf(settings);
    // The same settings are judged the same: a search that is started again goes on where it was stopped.
    const { measurements } = this.session;
    const key = `${this.evaluator.size} ${settingsKey(settings)}`;
    const judgement = measurements.get(key) ?? (await judged(plan));
    const { score, sqnrDb } = judgement;
    measurements.set(key, { score, sqnrDb });
    const file = storable(plan) ? this.fileBytes(settings) : null;
    const bytes = file ?? this.overhead + storedBytes(this.graph, plan);
    const picojoules = this.energyOf(plan);
    // More right answers than the float model gives are luck, of which the front would be made if they counted.
    const figures = [Math.min(goodness(score.metric, score.value), this.floatGoodness), sqnrDb] as const;
    const [quality, tieBreak] = this.spec.quality === 'score' ? figures : [sqnrDb, figures[0]];
    const cost = this.spec.cost === 'size' ? bytes : picojoules;
    return { precisions, bytes, storable: file !== null, picojoules, score, sqnrDb, cost, quality, tieBreak };
  }

  private fileBytes(settings: QuantSettings): number {
    return writeWhole(quantizeVariant(this.variant, settings).graph, this.session.model.source).byteLength;
  }

  private planOf(settings: QuantSettings): QuantPlan {
    return planQuantization(this.graph, this.variant.calibration, settings);
  }

  private energyOf(plan: QuantPlan): number {
    return modelCost(this.graph, formatsOfPlan(this.graph, plan), this.spec.accumulator).total.aluPicojoules;
  }

  /** What each layer's choices cost beyond the base, from plans alone. */
  private costs(): number[][] {
    const costOf = (configuration: Configuration) => {
      const plan = this.planOf(withPrecisions(this.settings, this.precisionsOf(configuration)));
      return this.spec.cost === 'size' ? storedBytes(this.graph, plan) : this.energyOf(plan);
    };
    const base = this.layers.varied.map(() => this.base);
    const start = costOf(base);
    return base.map((_, layer) => this.precisions.map((_, choice) => costOf(base.with(layer, choice)) - start));
  }

  /** Names, shapes, scales: what a file has besides values; from an int8 one, where one can be written. */
  private bytesBesidesConstants(): number {
    const int8 = Object.fromEntries(this.layers.varied.map(({ op }) => [op.id, 'int8']));
    const settings = withPrecisions(this.settings, int8);
    const plan = this.planOf(settings);
    if (storable(plan)) return this.fileBytes(settings) - storedBytes(this.graph, plan);
    const floats = modelCost(this.graph, uniformFormats(this.graph, FLOAT32, FLOAT32)).total.bytes;
    return Math.max(0, this.session.model.view.floatBytes - floats);
  }

  // ---- marks to compare with ------------------------------------------------------------------------------------------

  private addFloat(score: Score): Score {
    const { total } = modelCost(this.graph, uniformFormats(this.graph, FLOAT32, FLOAT32), this.spec.accumulator);
    this.references.push({
      label: 'Float model',
      precisions: null,
      bytes: this.session.model.view.floatBytes,
      storable: true,
      picojoules: total.aluPicojoules,
      score,
      sqnrDb: Infinity,
    });
    return score;
  }

  /** With all its layers in float a model is nearly the float model, which has its mark. */
  private addUniform(
    [choice]: Configuration,
    { cost: _cost, quality: _quality, tieBreak: _tieBreak, ...point }: Point,
  ) {
    const { label, formats } = precisionOf(this.precisions[choice])!;
    if (formats) this.references.push({ ...point, label: `${label} throughout` });
  }
}

const storable = (plan: QuantPlan) => notStorable(plan).length === 0;

/** @throws RangefinderError 'invalid-settings' for a loss of something that has no float value to be held against */
function budgetOf({ budget, quality }: SearchSpec, float: Score): Budget | null {
  if (!budget) return null;
  if (budget.kind === 'cost') return budget;
  const lower = quality === 'score' && !metricInfo(float.metric).higherIsBetter;
  if (budget.kind === 'quality') return { kind: 'quality', least: lower ? -budget.bound : budget.bound };
  if (quality === 'score' && float.metric !== 'sqnr')
    return { kind: 'quality', least: goodness(float.metric, float.value) - budget.most };
  throw new RangefinderError({
    code: 'invalid-settings',
    message: 'A loss against float is one of the score; the output’s SQNR has none.',
    hint: 'Judge by the score, or ask for a least SQNR.',
  });
}
