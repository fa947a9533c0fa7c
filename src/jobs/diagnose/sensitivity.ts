import { expectedNoise } from '../../core/diagnosis/expected-noise';
import type { OpId, TensorId } from '../../core/graph/graph';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { ownTensors } from '../../core/quantize/own-tensors';
import type { QuantizedPart, QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import { CachedForward, planDetour, type LayerAblation } from '../../engine/tfjs/cached-forward';
import type { TfjsModel, Visitor } from '../../engine/tfjs/model';
import { simulationOf } from '../../engine/tfjs/simulation';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls, LayerSensitivity, SensitivityMode } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { chooseMetric, ScoreKeeper, scoredTensor, logitsTensor } from '../session/scoring';
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
    return planDetour(base.graph, { from, to: new Map(kept), swapped }, [logits, output]);
  };
  const logits = logitsTensor(graph);
  const output = scoredTensor(graph);

  const run = async (float: TfjsModel, quantized: TfjsModel) => {
    const [base, other] = mode === 'alone' ? [float, quantized] : [quantized, float];
    const roundings = mode === 'alone' ? new Map() : full.activations;
    let meters = layersOf(variant, plan, part)
      .sort((a, b) => noise.get(b)! - noise.get(a)!)
      .map((op) => new LayerMetrics(session, op, ablationOf(op, base), logits));
    const whole = new LayerMetrics(session, '', null, logits);
    const rows = (measured: readonly LayerMetrics[]) =>
      measured.map((meter) => meter.row(mode, whole)).sort((a, b) => costOf(b) - costOf(a));
    let known: readonly LayerSensitivity[] = [];
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(session.data.reader, graph, indices);
      const held = CachedForward.of(base, roundings, batch);
      try {
        const departed = await copies((visit) => held.show([logits, output], visit));
        const exact = base === float ? departed : await copies((visit) => float.visit(batch, [logits, output], visit));
        whole.add(indices, departed, exact);
        for (const [i, meter] of meters.entries()) {
          meter.add(indices, await copies((visit) => held.take(meter.detour!, other, visit)), exact);
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
  private readonly errors = new Map<TensorId, ErrorAccumulator>();
  private readonly score: ScoreKeeper;
  private readonly float: ScoreKeeper;
  private readonly output: TensorId;
  /** Where the error is looked at: what comes behind it, a final softmax, is looked at where it ends. */
  private readonly place: TensorId;

  constructor(
    session: Session,
    readonly op: OpId,
    readonly detour: LayerAblation | null,
    logits: TensorId,
  ) {
    const { graph } = session.quantizableModel;
    const { source } = session.data;
    const metric = chooseMetric(graph, source);
    this.score = new ScoreKeeper(metric, source);
    this.float = new ScoreKeeper(metric, source);
    this.output = scoredTensor(graph);
    const reaches =
      !detour || detour.ops.some(({ outputs }) => outputs.includes(logits)) || detour.inputs.includes(logits);
    this.place = reaches ? logits : this.output;
    for (const id of [logits, this.output]) this.errors.set(id, new ErrorAccumulator());
  }

  add(
    indices: Uint32Array,
    values: ReadonlyMap<TensorId, Float32Array>,
    exact: ReadonlyMap<TensorId, Float32Array>,
  ): void {
    for (const [id, errors] of this.errors) errors.add(exact.get(id)!, values.get(id)!);
    const actual = values.get(this.output)!;
    const expected = exact.get(this.output)!;
    const size = actual.length / indices.length;
    indices.forEach((index, i) => {
      const float = expected.subarray(i * size, (i + 1) * size);
      this.score.add(index, actual.subarray(i * size, (i + 1) * size), float);
      this.float.add(index, float, float);
    });
  }

  row(mode: SensitivityMode, whole: LayerMetrics): LayerSensitivity {
    const { op, place } = this;
    const sqnrDb = this.sqnrAt(place);
    const { value, metric, samples } = this.score.score();
    const against = mode === 'alone' ? this.float.score().value : whole.score.score().value;
    const gainDb = mode === 'alone' ? undefined : difference(sqnrDb, whole.sqnrAt(place));
    // An SQNR has no float value to be compared with: the delta is what the layer leaves of it, or what it takes.
    const delta = metric === 'sqnr' ? (gainDb ?? sqnrDb) : value - against;
    return { op, delta, sqnrDb, ...(gainDb !== undefined && { gainDb }), samples };
  }

  private sqnrAt(id: TensorId): number {
    return this.errors.get(id)!.result().sqnrDb;
  }
}

/** Both exact: no difference. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
