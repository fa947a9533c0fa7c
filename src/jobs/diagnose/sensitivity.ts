import { expectedNoise } from '../../core/diagnosis/expected-noise';
import type { Graph, OpId, TensorId } from '../../core/graph/graph';
import type { Judgement } from '../../core/metrics/guess-task';
import { joinRows } from '../../core/metrics/output-parts';
import { ownTensors } from '../../core/quantize/own-tensors';
import type { QuantizedPart, QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import { CachedForward, planDetour, type LayerAblation } from '../../engine/tfjs/cached-forward';
import type { TfjsModel, Visitor } from '../../engine/tfjs/model';
import { simulationOf } from '../../engine/tfjs/simulation';
import type { Batch } from '../../engine/types';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls, LayerSensitivity, SensitivityMode } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { inputRow, judge, rowsApart } from '../session/judging';
import { OutputErrors, placesOf, placeTensors } from '../session/output-errors';
import { ScoreKeeper } from '../session/scoring';
import type { ModelVariant, Session } from '../session/session';
import { inFloat, simulated } from '../session/simulated';
import { runOnVariant } from '../session/run-on-variant';

/**
 * What each layer's quantization costs: with all others in float, or as what is gained by leaving it in float alone. Its
 * weights, its output, or both count; what a layer's own is, {@link ownTensors} says.
 *
 * An anytime job: a batch goes through all layers before the next one comes, so that after a moment all of them are known
 * roughly, and more samples only make that more accurate. What was found stays when it is cancelled.
 */
export function sensitivity(
  session: Session,
  spec: Spec<'sensitivity'>,
  controls: JobControls<readonly LayerSensitivity[]>,
): Promise<readonly LayerSensitivity[]> {
  return runOnVariant(session, spec.settings, controls, async (variant, rest) => {
    const { mode = 'alone', part = 'both' } = spec;
    const samples = session.data.split.evaluation.subarray(0, spec.samples);
    const plan = planQuantization(variant.graph, variant.calibration, spec.settings);
    const stages = new Stages(rest, 1);
    const layers = layersOf(variant, plan, part).length;
    const stage = mode === 'alone' ? 'Quantizing one layer at a time' : 'Leaving one layer in float at a time';
    await stages.enter(stage, 1, layers * samples.length);
    const onRows = (rows: readonly LayerSensitivity[]) => rest.onPartial?.(rows);
    return measureLayers(session, variant, plan, samples, { mode, part, onRows, step: (units) => stages.step(units) });
  });
}

export interface MeasureOptions {
  readonly mode: SensitivityMode;
  readonly part: QuantizedPart;
  readonly onRows?: (rows: readonly LayerSensitivity[]) => void;
  /** Awaited after each layer of each batch, with the number of samples in it. */
  readonly step: (samples: number) => Promise<void>;
}

/** Layers of which the given part is quantized at all. */
function layersOf({ graph }: ModelVariant, plan: QuantPlan, part: QuantizedPart): OpId[] {
  const layers = [...ownTensors(graph, plan).keys()];
  if (part !== 'weights') return layers;
  const weighted = new Set(Object.values(plan.weights).map(({ op }) => op));
  return layers.filter((op) => weighted.has(op));
}

/**
 * Measures layer by layer, those first whose own rounding is worst ({@link expectedNoise}), from the second batch on those
 * that turned out worst.
 *
 * The run that all of them depart from is computed once a batch and held ({@link CachedForward}); each layer costs what comes
 * behind it.
 *
 * @returns most costly first
 */
export async function measureLayers(
  session: Session,
  variant: ModelVariant,
  plan: QuantPlan,
  samples: Uint32Array,
  { mode, part, onRows, step }: MeasureOptions,
): Promise<readonly LayerSensitivity[]> {
  const { calibration } = variant;
  // Trained weights rely on one another: single layers are held against the trained model in float.
  const reference = variant.unrounded ?? variant.reference;
  // Learnt weights are quantized weights: activations alone are rounded in the model that has the float ones.
  const graph = part === 'activations' ? reference : variant.graph;
  const full = simulationOf(graph, plan, part);
  const noise = expectedNoise(graph, reference, plan, calibration, part);
  const own = ownTensors(variant.graph, plan);
  const ablationOf = (op: OpId, base: TfjsModel): LayerAblation => {
    const mine = new Set(own.get(op));
    const kept = [...full.activations].filter(([id]) => mine.has(id) === (mode === 'alone'));
    const from = mode === 'alone' ? new Map() : full.activations;
    const swapped = new Set(part === 'activations' ? [] : [op]);
    return planDetour(base.graph, { from, to: new Map(kept), swapped }, want);
  };
  const judgement = await judge(session);
  const want = placeTensors(placesOf(graph, judgement));

  const run = async (float: TfjsModel, quantized: TfjsModel) => {
    const [base, other] = mode === 'alone' ? [float, quantized] : [quantized, float];
    const roundings = mode === 'alone' ? new Map() : full.activations;
    let meters = layersOf(variant, plan, part)
      .sort((a, b) => noise.get(b)! - noise.get(a)!)
      .map((op) => new LayerMetrics(judgement, graph, op, ablationOf(op, base)));
    const whole = new LayerMetrics(judgement, graph, '', null);
    const rows = (measured: readonly LayerMetrics[]) =>
      measured.map((meter) => meter.row(mode, whole)).sort((a, b) => costOf(b) - costOf(a));
    let known: readonly LayerSensitivity[] = [];
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(session.data.reader, graph, indices);
      const held = CachedForward.of(base, roundings, batch);
      try {
        const departed = await copies((visit) => held.show(want, visit));
        const exact = base === float ? departed : await copies((visit) => float.visit(batch, want, visit));
        whole.add(indices, batch, departed, exact);
        for (const [i, meter] of meters.entries()) {
          meter.add(indices, batch, await copies((visit) => held.take(meter.detour!, other, visit)), exact);
          await step(indices.length);
          // The first batch shows the layers one by one; later ones make all of them more accurate together.
          if (known.length < meters.length) onRows?.(rows(meters.slice(0, i + 1)));
        }
      } finally {
        held.dispose();
      }
      const refined = known.length > 0;
      known = rows(meters);
      if (refined) onRows?.(known);
      meters = known.map(({ op }) => meters.find((meter) => meter.op === op)!);
    }
    return known;
  };
  return simulated(session, graph, full, (quantized) => inFloat(session, reference, (float) => run(float, quantized)));
}

/** Whatever the mode: the higher, the more the layer's quantization costs. */
function costOf({ sqnrDb, gainDb }: LayerSensitivity): number {
  return gainDb ?? -sqnrDb;
}

/** Of all that is shown. */
async function copies(show: (visitor: Visitor) => Promise<void>): Promise<ReadonlyMap<TensorId, Float32Array>> {
  const values = new Map<TensorId, Float32Array>();
  await show((id, seen) => values.set(id, seen.slice()));
  return values;
}

/** One layer's figures while batches pass; without a detour, those of the run that all others depart from. */
class LayerMetrics {
  private readonly errors: OutputErrors;
  private readonly score: ScoreKeeper;
  private readonly float: ScoreKeeper;

  constructor(
    private readonly judgement: Judgement,
    private readonly graph: Graph,
    readonly op: OpId,
    readonly detour: LayerAblation | null,
  ) {
    this.score = new ScoreKeeper(judgement);
    this.float = new ScoreKeeper(judgement);
    this.errors = new OutputErrors(placesOf(graph, judgement));
  }

  add(
    indices: Uint32Array,
    batch: Batch,
    values: ReadonlyMap<TensorId, Float32Array>,
    exact: ReadonlyMap<TensorId, Float32Array>,
  ): void {
    this.errors.add((id) => exact.get(id)!, (id) => values.get(id)!, indices.length); // prettier-ignore
    const { tensors } = this.judgement.outputs;
    const [rows, exactRows] = [values, exact].map(
      (all) =>
      rowsApart(joinRows(tensors.map((id) => all.get(id)!), indices.length), indices.length), // prettier-ignore
    );
    indices.forEach((index, i) => {
      const input = inputRow(batch, this.graph, i);
      this.score.add(index, rows[i], exactRows[i], input);
      this.float.add(index, exactRows[i], exactRows[i], input);
    });
  }

  row(mode: SensitivityMode, whole: LayerMetrics): LayerSensitivity {
    const { op, detour } = this;
    // What comes behind the place where errors are told, a final softmax, is looked at where it ends.
    const tells = (id: TensorId) =>
      !detour || detour.ops.some(({ outputs }) => outputs.includes(id)) || detour.inputs.includes(id);
    const sqnrDb = this.errors.worstDb(tells);
    const { value, metric, samples } = this.score.score();
    const against = mode === 'alone' ? this.float.score().value : whole.score.score().value;
    const gainDb = mode === 'alone' ? undefined : difference(sqnrDb, whole.errors.worstDb(tells));
    // An SQNR has no float value to be compared with: the delta is what the layer leaves of it, or what it takes.
    const delta = metric === 'sqnr' ? (gainDb ?? sqnrDb) : value - against;
    return { op, delta, sqnrDb, ...(gainDb !== undefined && { gainDb }), samples };
  }
}

/** Both exact: no difference. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
