/**
 * Why a quantized model is worse than the float one, layer by layer, in words; and what helps, tried out.
 *
 * Errors are looked at on evaluation samples. Fixes are tried on calibration samples that nothing was learnt from, so that
 * whoever picks the best of them has not picked it by what the result is measured with.
 */
import { lookup } from '../../base/lookup';
import { ChannelObserver } from '../../core/algorithms/channel-stats';
import { weightedLayers } from '../../core/algorithms/layer';
import type { Examined } from '../../core/diagnosis/finding';
import { findAll } from '../../core/diagnosis/table';
import { producers, tensorOf, type Graph, type Tensor, type TensorId } from '../../core/graph/graph';
import { macCount } from '../../core/graph/summary';
import { SplitAccumulator } from '../../core/metrics/error-split';
import { INT8_ACTIVATION } from '../../core/number-formats/format';
import type { QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { weightError } from '../../core/quantize/weight-error';
import { clipBounds } from '../../core/calibration/quantization-error';
import { runSideBySide } from '../../engine/tfjs/side-by-side';
import { simulationOf } from '../../engine/tfjs/simulation';
import type { Diagnosis, LayerShare, TensorSplit, WeightSplit } from '../contract/diagnosis-protocol';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { judge } from '../session/judging';
import { OutputErrors, placesOf, placeTensors } from '../session/output-errors';
import { scoredTensor, logitsTensor } from '../session/scoring';
import { measureLayers } from './sensitivity';
import type { ModelVariant, Session } from '../session/session';
import { inFloat, simulated } from '../session/simulated';
import { ranked, tryFixes } from './try-fixes';
import { runOnVariant } from '../session/run-on-variant';

const MOST_SAMPLES = 128;
const FEWEST_SAMPLES = 16;
const MOST_HELD = 256;
const MOST_COLUMNS = 1024;
/** Multiply-accumulates that one pass over the samples may take: a large model is looked at on fewer. */
const MOST_MACS = 3e9;
/** The same for measuring layers, each of which runs about half of the model again. */
const MOST_LAYER_MACS = 3e10;
const FEWEST_LAYER_SAMPLES = 4;

function sampleCount(graph: Graph): number {
  return Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(MOST_MACS / Math.max(1, macCount(graph)))));
}

/** The same for trying fixes, which takes a pass for each of them. */
function heldCount(graph: Graph): number {
  const affordable = Math.floor(MOST_MACS / Math.max(1, macCount(graph)));
  return Math.max(FEWEST_SAMPLES, Math.min(MOST_HELD, affordable));
}

function layerSampleCount(graph: Graph): number {
  const macs = Math.max(1, (macCount(graph) * graph.ops.length) / 2);
  return Math.max(FEWEST_LAYER_SAMPLES, Math.min(sampleCount(graph), Math.floor(MOST_LAYER_MACS / macs)));
}

export function diagnose(
  session: Session,
  spec: Spec<'diagnose'>,
  controls: JobControls<Diagnosis>,
): Promise<Diagnosis> {
  return runOnVariant(session, spec.settings, controls, async (variant, rest) => {
    const plan = planQuantization(variant.graph, variant.calibration, spec.settings);
    const stages = new Stages(rest, 14);
    const errors = await errorsOf(session, variant, plan, stages);
    rest.onPartial?.(errors.diagnosis);
    const shares = await sharesOf(session, variant, plan, stages);
    const findings = findAll(examinedOf(session, variant, plan, spec.settings, errors, shares));
    const diagnosis = {
      ...errors.diagnosis,
      shares,
      findings: ranked(findings, new Map(), errors.diagnosis.sqnrDb, null),
    };
    rest.onPartial?.(diagnosis);
    const most = heldCount(session.quantizableModel.graph);
    return tryFixes({ session, settings: spec.settings, findings, most }, diagnosis, stages, rest);
  });
}

interface Errors {
  readonly diagnosis: Diagnosis;
  readonly channels: ReadonlyMap<TensorId, ChannelObserver>;
}

/** Where the error of each tensor comes from, float and quantized side by side. */
async function errorsOf(session: Session, variant: ModelVariant, plan: QuantPlan, stages: Stages): Promise<Errors> {
  const { graph, reference } = variant;
  const { split, reader } = session.data;
  const samples = split.evaluation.subarray(0, sampleCount(graph));
  const compared = [...graph.inputs, ...graph.ops.flatMap(({ outputs }) => outputs)].filter(
    (id) => tensorOf(graph, id).dtype === 'float32',
  );
  const accumulators = new Map(compared.map((id) => [id, new SplitAccumulator(boundsOf(plan, id))]));
  const inColumns = [...graph.inputs, ...graph.outputs].filter((id) => isColumnar(tensorOf(graph, id)));
  const observed = [...inColumns, ...weightedLayers(reference).map(({ output }) => output)];
  const channels = new Map(observed.map((id) => [id, new ChannelObserver(tensorOf(graph, id).shape.at(-1)!)]));
  const places = placesOf(graph, await judge(session)).filter(
    ({ telling, output }) => compared.includes(telling) && compared.includes(output),
  );
  const ends = new Set(placeTensors(places));
  const outputs = new OutputErrors(places);
  const simulation = simulationOf(graph, plan);
  await stages.enter('Looking where errors come from', 3, samples.length);
  await simulated(session, graph, simulation, (quantized) =>
    inFloat(session, reference, async (float) => {
      for (const indices of chunks(samples, batchSizeFor(graph))) {
        const batch = await readBatch(reader, graph, indices);
        const seen = { float: new Map<TensorId, Float32Array>(), rounded: new Map<TensorId, Float32Array>() };
        runSideBySide(float, quantized, simulation, batch, new Set(compared), (id, values) => {
          accumulators.get(id)!.add(values);
          channels.get(id)?.observe(values.float);
          if (!ends.has(id)) return;
          seen.float.set(id, Float32Array.from(values.float));
          seen.rounded.set(id, Float32Array.from(values.rounded));
        });
        outputs.add((id) => seen.float.get(id)!, (id) => seen.rounded.get(id)!, indices.length); // prettier-ignore
        await stages.step(indices.length);
      }
    }),
  );
  const producerOf = producers(graph);
  const activations = compared.map((tensor): TensorSplit => ({
    tensor,
    op: producerOf.get(tensor)?.id ?? null,
    ...accumulators.get(tensor)!.result(),
  }));
  const sqnrDb = outputs.worstDb();
  const weights = weightSplits(variant, plan);
  return { diagnosis: { samples: samples.length, sqnrDb, activations, weights, shares: [], findings: [] }, channels };
}

/** Columns of a table, or channels of a signal: few enough to be looked at one by one. */
function isColumnar({ shape, dtype }: Tensor): boolean {
  const last = shape.at(-1) ?? 0;
  return dtype === 'float32' && shape.length >= 2 && last > 1 && last <= MOST_COLUMNS;
}

function boundsOf(plan: QuantPlan, id: TensorId) {
  const planned = lookup(plan.activations, id);
  const { format = INT8_ACTIVATION } = planned ?? {};
  if (!planned || format.kind === 'block') return undefined;
  return clipBounds({ scale: planned.params.scale[0], zeroPoint: planned.params.zeroPoint[0] }, format);
}

function weightSplits({ graph, reference }: ModelVariant, plan: QuantPlan): WeightSplit[] {
  const floats = new Map(weightedLayers(reference).map((layer) => [layer.op.id, layer.weights]));
  return weightedLayers(graph).flatMap(({ op, weightId, weights, shape }) => {
    const planned = lookup(plan.weights, weightId);
    const float = floats.get(op.id);
    return planned && float ? [{ op: op.id, tensor: weightId, ...weightError(float, weights, shape, planned) }] : [];
  });
}

/** What each layer alone brings to the output. */
async function sharesOf(
  session: Session,
  variant: ModelVariant,
  plan: QuantPlan,
  stages: Stages,
): Promise<LayerShare[]> {
  const { graph } = variant;
  const samples = session.data.split.evaluation.subarray(0, layerSampleCount(graph));
  await stages.enter('Measuring what each layer brings', 3, samples.length * graph.ops.length);
  const step = (units: number) => stages.step(units);
  const rows = await measureLayers(session, variant, plan, samples, { mode: 'alone', part: 'both', step });
  // What comes behind the tensor that is looked at brings nothing to it.
  const last = logitsTensor(graph) === scoredTensor(graph) ? undefined : producers(graph).get(scoredTensor(graph));
  const noises = rows
    .filter(({ op }) => op !== last?.id)
    .map(({ op, sqnrDb }) => ({ op, sqnrDb, noise: Number.isNaN(sqnrDb) ? 0 : 10 ** (-sqnrDb / 10) }));
  const all = noises.reduce((sum, { noise }) => sum + noise, 0) || 1;
  return noises.map(({ op, sqnrDb, noise }) => ({ op, sqnrDb, share: noise / all }));
}

function examinedOf(
  session: Session,
  { graph, reference, calibration }: ModelVariant,
  plan: QuantPlan,
  settings: QuantSettings,
  { diagnosis, channels }: Errors,
  shares: readonly LayerShare[],
): Examined {
  const { source, split, view } = session.data;
  return {
    graph,
    reference,
    calibration,
    settings,
    plan,
    output: logitsTensor(graph),
    sqnrDb: diagnosis.sqnrDb,
    splits: Object.fromEntries(diagnosis.activations.map((row) => [row.tensor, row])),
    shares: new Map(shares.map(({ op, share }) => [op, share])),
    channels: new Map([...channels].map(([id, observer]) => [id, observer.stats()])),
    data: {
      doctor: view.doctor,
      samples: source.size,
      evaluationSamples: split.evaluation.length,
      isRandom: view.kind === 'random',
    },
  };
}
