/**
 * Why a quantized model is worse than the float one, layer by layer, in words; and what helps, tried out.
 *
 * Errors are looked at on evaluation samples. Fixes are tried on calibration samples that nothing was learnt from, so that
 * whoever picks the best of them has not picked it by what the result is measured with.
 */
import { ChannelObserver } from '../core/algorithms/channel-stats';
import { weightedLayers } from '../core/algorithms/layer';
import type { Examined, Finding } from '../core/diagnosis/finding';
import { patched, type Fix } from '../core/diagnosis/fix';
import { costOf, severityOf, type Gain } from '../core/diagnosis/rank';
import { findAll } from '../core/diagnosis/table';
import { RangefinderError } from '../core/errors';
import { producers, tensorOf, type Graph, type TensorId } from '../core/graph/graph';
import { macCount } from '../core/graph/summary';
import { SplitAccumulator, splitSqnrDb } from '../core/metrics/error-split';
import { INT8_ACTIVATION } from '../core/numerics/format';
import type { QuantPlan } from '../core/quantize/plan';
import { planQuantization } from '../core/quantize/resolve';
import type { QuantSettings } from '../core/quantize/settings';
import { weightError } from '../core/quantize/weight-error';
import { clipBounds } from '../core/ranges/quantization-error';
import { runSideBySide } from '../engine/tfjs/side-by-side';
import { simulationOf } from '../engine/tfjs/simulation';
import type { Diagnosis, Judged, LayerShare, RankedFinding, TensorSplit, WeightSplit } from './diagnosis-protocol';
import { Judge } from './judge';
import { Stages } from './progress';
import type { AlgorithmReport, JobControls, Score, Spec } from './protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { scoredTensor, tellingTensor } from './scoring';
import { measureLayers } from './sensitivity';
import type { Session } from './session';
import { inFloat, simulated } from './simulated';
import { onVariant, quietly } from './variant-first';
import type { Variant } from './variants';

const MOST_SAMPLES = 128;
const FEWEST_SAMPLES = 16;
/** Multiply-accumulates that one pass over the samples may take: a large model is looked at on fewer. */
const MOST_MACS = 3e9;
/** The same for measuring layers, each of which runs about half of the model again. */
const MOST_LAYER_MACS = 3e10;
const FEWEST_LAYER_SAMPLES = 4;
/** Beyond these, findings are a list nobody reads. */
const MOST_TRIALS = 24;

function sampleCount(graph: Graph): number {
  return Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(MOST_MACS / Math.max(1, macCount(graph)))));
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
  return onVariant(session, spec.settings, controls, async (variant, rest) => {
    const plan = planQuantization(variant.graph, variant.calibration, spec.settings);
    const stages = new Stages(rest, 14);
    const errors = await errorsOf(session, variant, plan, stages);
    rest.onPartial?.(errors.diagnosis);
    const shares = await sharesOf(session, variant, plan, stages);
    const findings = findAll(examinedOf(session, variant, plan, spec.settings, errors, shares));
    const diagnosis = { ...errors.diagnosis, shares, findings: ranked(findings, [], errors.diagnosis.sqnrDb, null) };
    rest.onPartial?.(diagnosis);
    return tryFixes(session, spec.settings, diagnosis, findings, stages, rest);
  });
}

interface Errors {
  readonly diagnosis: Diagnosis;
  readonly channels: ReadonlyMap<TensorId, ChannelObserver>;
}

/** Where the error of each tensor comes from, float and quantized side by side. */
async function errorsOf(session: Session, variant: Variant, plan: QuantPlan, stages: Stages): Promise<Errors> {
  const { graph, reference } = variant;
  const { split, reader } = session.data;
  const samples = split.evaluation.subarray(0, sampleCount(graph));
  const compared = [...graph.inputs, ...graph.ops.flatMap(({ outputs }) => outputs)].filter(
    (id) => tensorOf(graph, id).dtype === 'float32',
  );
  const accumulators = new Map(compared.map((id) => [id, new SplitAccumulator(boundsOf(plan, id))]));
  const channels = new Map(
    weightedLayers(reference).map(({ output }) => [output, new ChannelObserver(tensorOf(graph, output).shape.at(-1)!)]),
  );
  const simulation = simulationOf(graph, plan);
  await stages.enter('Looking where errors come from', 3, samples.length);
  await simulated(session, graph, simulation, (quantized) =>
    inFloat(session, reference, async (float) => {
      for (const indices of chunks(samples, batchSizeFor(graph))) {
        const batch = await readBatch(reader, graph, indices);
        runSideBySide(float, quantized, simulation, batch, new Set(compared), (id, values) => {
          accumulators.get(id)!.add(values);
          channels.get(id)?.observe(values.float);
        });
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
  const sqnrDb = splitSqnrDb(accumulators.get(tellingTensor(graph))!.result());
  const weights = weightSplits(variant, plan);
  return { diagnosis: { samples: samples.length, sqnrDb, activations, weights, shares: [], findings: [] }, channels };
}

function boundsOf(plan: QuantPlan, id: TensorId) {
  const planned = plan.activations[id];
  const { format = INT8_ACTIVATION } = planned ?? {};
  if (!planned || format.kind === 'block') return undefined;
  return clipBounds({ scale: planned.params.scale[0], zeroPoint: planned.params.zeroPoint[0] }, format);
}

function weightSplits({ graph, reference }: Variant, plan: QuantPlan): WeightSplit[] {
  const floats = new Map(weightedLayers(reference).map((layer) => [layer.op.id, layer.weights]));
  return weightedLayers(graph).flatMap(({ op, weightId, weights, shape }) => {
    const planned = plan.weights[weightId];
    const float = floats.get(op.id);
    return planned && float ? [{ op: op.id, tensor: weightId, ...weightError(float, weights, shape, planned) }] : [];
  });
}

/** What each layer alone brings to the output. */
async function sharesOf(session: Session, variant: Variant, plan: QuantPlan, stages: Stages): Promise<LayerShare[]> {
  const { graph } = variant;
  const samples = session.data.split.evaluation.subarray(0, layerSampleCount(graph));
  await stages.enter('Measuring what each layer brings', 3, samples.length * graph.ops.length);
  const step = (units: number) => stages.step(units);
  const rows = await measureLayers(session, variant, plan, samples, { mode: 'alone', part: 'both', step });
  // What comes behind the tensor that is looked at brings nothing to it.
  const last = tellingTensor(graph) === scoredTensor(graph) ? undefined : producers(graph).get(scoredTensor(graph));
  const noises = rows
    .filter(({ op }) => op !== last?.id)
    .map(({ op, sqnrDb }) => ({ op, sqnrDb, noise: Number.isNaN(sqnrDb) ? 0 : 10 ** (-sqnrDb / 10) }));
  const all = noises.reduce((sum, { noise }) => sum + noise, 0) || 1;
  return noises.map(({ op, sqnrDb, noise }) => ({ op, sqnrDb, share: noise / all }));
}

function examinedOf(
  session: Session,
  { graph, reference, calibration }: Variant,
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
    output: tellingTensor(graph),
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

/** Judges the settings as each fix would make them, what may help most first; findings are ranked anew after each. */
async function tryFixes(
  session: Session,
  settings: QuantSettings,
  diagnosis: Diagnosis,
  findings: readonly Finding[],
  stages: Stages,
  controls: JobControls<Diagnosis>,
): Promise<Diagnosis> {
  const judge = new Judge(session, sampleCount(session.quantizableModel.graph));
  const trials = findings.flatMap(({ fixes }) => fixes.filter((fix) => fix.kind === 'settings')).slice(0, MOST_TRIALS);
  await stages.enter('Trying what helps', 8, (trials.length + 1) * judge.size);
  const judging = {
    ...quietly<Diagnosis, AlgorithmReport>(controls),
    onProgress: () => undefined,
    step: () => stages.step(0),
  };
  const judged = async (candidate: QuantSettings): Promise<Judged> => {
    const variant = await session.variants.of(candidate, judging, true);
    const judgement = await judge.of(variant, candidate, judging);
    await stages.step(judge.size);
    return judgement;
  };
  const before = await judged(settings);
  const held = { samples: judge.size, float: await judge.float(judging), before };
  // Two findings may have the same way out.
  const known = new Map<string, Judged | null>();
  const effects = new Map<Fix, Judged | null>();
  let result = { ...diagnosis, held };
  for (const fix of trials) {
    const candidate = patched(settings, fix.patch);
    const key = JSON.stringify(candidate);
    if (!known.has(key)) known.set(key, await orNull(() => judged(candidate)));
    else await stages.step(judge.size);
    effects.set(fix, known.get(key)!);
    result = { ...result, findings: ranked(findings, [...effects], diagnosis.sqnrDb, before) };
    controls.onPartial?.(result);
  }
  return result;
}

/** A fix that this model cannot take is no reason to end. */
async function orNull<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof RangefinderError && thrown.code === 'invalid-settings') return null;
    throw thrown;
  }
}

/** The most costly first. */
function ranked(
  findings: readonly Finding[],
  tried: readonly (readonly [Fix, Judged | null])[],
  sqnrDb: number,
  before: Judged | null,
): RankedFinding[] {
  const effectOf = new Map(tried);
  return findings
    .map((finding): RankedFinding => {
      const effects = finding.fixes.map((fix) => effectOf.get(fix) ?? null);
      const gains = effects.flatMap((effect) => (effect && before ? [gainOf(before, effect)] : []));
      return { ...finding, effects, cost: costOf(finding, gains), severity: severityOf(finding, gains, sqnrDb) };
    })
    .sort((a, b) => b.cost - a.cost || b.estimate - a.estimate);
}

function gainOf(before: Judged, after: Judged): Gain {
  const counts = ({ metric }: Score) => metric === 'top1' || metric === 'agreement';
  return {
    gainDb: after.sqnrDb === before.sqnrDb ? 0 : after.sqnrDb - before.sqnrDb,
    gainShare: counts(before.score) ? after.score.value - before.score.value : null,
  };
}
