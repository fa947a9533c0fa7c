/**
 * The open model as the algorithms of some settings leave it. Settings only name algorithms; what these make of the model
 * is worked out here the first time it is asked for, the same every time, and kept: undo and redo cost nothing.
 */
import { lookup } from '../../base/lookup';
import type { Algorithm, Correction, LayerFigure, Rewriting, Rounding } from '../../core/algorithms/algorithm';
import { ChannelObserver, type ChannelStats } from '../../core/algorithms/channel-stats';
import { editLayers } from '../../core/algorithms/layer';
import { ALGORITHMS, algorithmOf, paramsOf } from '../../core/algorithms/table';
import { RangefinderError } from '../../base/errors';
import { tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { definitionOf } from '../../core/graph/ops/table';
import type { Calibration } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import { ruleTargets } from '../../core/quantize/rule-targets';
import { withoutRules } from '../../core/quantize/rules';
import type { QuantSettings } from '../../core/quantize/settings';
import { applyCheckpoint } from '../../core/training/checkpoint';
import { calibratedOn } from '../ptq/calibrate';
import { learnLayers, type Chosen, type LayerReport } from '../ptq/learn-layers';
import { Stages } from './progress';
import type { AlgorithmReport, JobControls } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import type { ModelVariant, ModelVariants, Session } from './session';
import { inFloat } from './simulated';

/** The part of the calibration samples that algorithms learn from; the rest judges whether they helped. */
const FITTED = 0.75;
/** Samples that channels are looked at on. */
const CHANNEL_SAMPLES = 128;
/** Variants kept at most: a model's size each. */
const KEPT = 12;

interface Plan {
  readonly rewritings: readonly Chosen<Rewriting>[];
  readonly rounding: Chosen<Rounding> | undefined;
  readonly corrections: readonly Chosen<Correction>[];
}

function isStep<S extends Algorithm['step']>(step: S) {
  return (chosen: Chosen<Algorithm>): chosen is Chosen<Extract<Algorithm, { step: S }>> =>
    chosen.algorithm.step === step;
}

/** @throws RangefinderError 'invalid-settings' for algorithms that are not in the table. */
function chosenOf({ algorithms = [] }: QuantSettings): Plan {
  const unknown = algorithms.find(({ id }) => !algorithmOf(id));
  if (unknown)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `There is no algorithm "${unknown.id}".`,
      hint: `Choose among ${ALGORITHMS.map(({ id }) => id).join(', ')}.`,
    });
  const chosen = ALGORITHMS.flatMap((algorithm): Chosen<Algorithm>[] => {
    const choice = algorithms.find(({ id }) => id === algorithm.id);
    return choice ? [{ algorithm, params: paramsOf(algorithm, choice) }] : [];
  });
  return {
    rewritings: chosen.filter(isStep('rewriting')),
    // Codes are chosen once: the later one in the table is the one that is used.
    rounding: chosen.filter(isStep('rounding')).at(-1),
    corrections: chosen.filter(isStep('correction')),
  };
}

const keyOf = (chosen: readonly Chosen<Algorithm>[]) =>
  JSON.stringify(chosen.map(({ algorithm, params }) => [algorithm.id, params]));

/** What learnt weights depend on, besides the model: the choices that decide their grids. Activations' ranges do not. */
function weightChoices(graph: Graph, settings: QuantSettings): unknown {
  const { weights, tensors, layers } = withoutRules(settings, ruleTargets(graph));
  const ids = graph.ops.flatMap((op) => {
    const rule = definitionOf(op).quant;
    return rule.kind === 'weighted' ? [op.inputs[rule.weightInput]!] : [];
  });
  return [weights, ids.filter((id) => Object.hasOwn(tensors, id)).map((id) => [id, lookup(tensors, id)]), layers];
}

export class Variants implements ModelVariants {
  private readonly kept = new Map<string, Shared<unknown>>();

  constructor(private readonly session: Session) {}

  /** The model, the data or the calibration is another one. */
  clear(): void {
    this.kept.clear();
  }

  /** Other weights go by this name now, or none. */
  forgetTraining(id: string): void {
    for (const key of this.kept.keys()) if (key.endsWith(trainedKey(id))) this.kept.delete(key);
  }

  get fitted(): Uint32Array {
    const { used } = this;
    return used.subarray(0, Math.max(1, Math.floor(FITTED * used.length)));
  }

  get heldOut(): Uint32Array {
    const rest = this.used.subarray(this.fitted.length);
    return rest.length > 0 ? rest : this.used;
  }

  async of(settings: QuantSettings, controls: JobControls<AlgorithmReport>, onlyFitted = false): Promise<ModelVariant> {
    const { session } = this;
    const { graph } = session.quantizableModel;
    const plan = chosenOf(settings);
    const samples = onlyFitted ? this.fitted : this.used;
    if (settings.trained !== undefined) return this.trained(settings.trained, settings, samples, controls);
    if (plan.rewritings.length + plan.corrections.length === 0 && !plan.rounding) {
      const calibration = onlyFitted ? await this.calibrated('', graph, samples, controls) : session.calibration;
      return { reference: graph, graph, edits: new Map(), calibration, reports: [] };
    }

    const rewriteKey = keyOf(plan.rewritings);
    const rewritten = await this.once(`rewrite ${rewriteKey}`, controls, (shared) =>
      this.rewrite(graph, plan.rewritings, shared),
    );
    const reference = rewritten.graph;
    const referenceKey = plan.rewritings.length > 0 ? rewriteKey : '';
    if (!plan.rounding && plan.corrections.length === 0) {
      const calibration = await this.calibrated(referenceKey, reference, samples, controls);
      return { reference, graph: reference, edits: new Map(), calibration, reports: rewritten.reports };
    }

    const learning = [...(plan.rounding ? [plan.rounding] : []), ...plan.corrections];
    const learnKey = JSON.stringify([referenceKey, keyOf(learning), weightChoices(graph, settings)]);
    // Scales of weights heed those of inputs only where a bias would overflow; any calibration does for that.
    const basis = await this.calibrated(referenceKey, reference, this.used, controls);
    const learnt = await this.once(`learn ${learnKey}`, controls, (shared) =>
      this.learn(reference, basis, settings, plan, shared),
    );
    const calibration = await this.calibrated(learnKey, learnt.graph, samples, controls);
    return {
      reference,
      graph: learnt.graph,
      edits: learnt.edits,
      calibration,
      reports: [...rewritten.reports, ...learnt.reports],
    };
  }

  /** What training made of the variant it started from. */
  private async trained(
    id: string,
    { trained: _, ...settings }: QuantSettings,
    samples: Uint32Array,
    controls: JobControls<AlgorithmReport>,
  ): Promise<ModelVariant> {
    const checkpoint = this.session.trainings.get(id);
    if (!checkpoint)
      throw new RangefinderError({
        code: 'invalid-settings',
        message: 'The trained weights that these settings name are not here.',
        where: id,
        hint: 'Train again, or go back to the quantized model.',
      });
    const base = await this.of(settings, controls);
    const key = trainedKey(id);
    const apply = (rounded: boolean) => () => Promise.resolve(applyCheckpoint(base.graph, checkpoint, rounded));
    const graph = await this.once(key, controls, apply(true));
    const unrounded = await this.once(`unrounded ${key}`, controls, apply(false));
    const calibration = await this.calibrated(key, graph, samples, controls);
    return { ...base, graph, unrounded, calibration };
  }

  /** Calibration samples that the calibration in use is made of. */
  private get used(): Uint32Array {
    const { calibration } = this.session.data.split;
    return calibration.subarray(0, this.session.calibration.samples);
  }

  private async rewrite(original: Graph, rewritings: readonly Chosen<Rewriting>[], controls: JobControls) {
    const { activations } = this.session.calibration;
    let graph = original;
    const reports: AlgorithmReport[] = [];
    for (const { algorithm, params } of rewritings) {
      const channels = await this.channelStats(graph, algorithm.wants(graph), controls);
      const { graph: next, layers, notes } = algorithm.rewrite(graph, { activations, channels }, params);
      graph = next;
      reports.push({ algorithm: algorithm.id, layers, notes });
    }
    return { graph, reports };
  }

  private async learn(
    reference: Graph,
    calibration: Calibration,
    settings: QuantSettings,
    { rounding, corrections }: Plan,
    controls: JobControls<AlgorithmReport>,
  ) {
    const plan = planQuantization(reference, calibration, settings);
    const stages = new Stages(controls, 1);
    const units = 1000;
    await stages.enter(rounding ? `Learning to round (${rounding.algorithm.label})` : 'Correcting biases', 1, units);
    let done = 0;
    const reports: LayerReport[] = [];
    const { edits, layers, notes } = await learnLayers(
      this.session,
      reference,
      plan,
      { rounding, corrections },
      this.fitted,
      {
        step: async (fraction) => {
          const now = Math.floor(fraction * units);
          await stages.step(now - done);
          done = now;
        },
        onLayer: (report) => {
          reports.push(report);
          controls.onPartial?.(reportOf(report.algorithm, reports, []));
        },
      },
    );
    const ids = [...(rounding ? [rounding.algorithm.id] : []), ...corrections.map(({ algorithm }) => algorithm.id)];
    return {
      graph: editLayers(reference, edits),
      edits,
      reports: ids.map((id, i) => reportOf(id, layers, i === 0 ? notes : [])),
    };
  }

  /** Statistics of `graph`'s activations on `samples`; those of the open calibration where they are the same. */
  private calibrated(key: string, graph: Graph, samples: Uint32Array, controls: JobControls): Promise<Calibration> {
    if (key === '' && samples.length === this.used.length) return Promise.resolve(this.session.calibration);
    return this.once(`calibrate ${samples.length} ${key}`, controls, (shared) =>
      inFloat(this.session, graph, async (model) => {
        const stages = new Stages(shared, 1);
        await stages.enter('Calibrating the changed model', 1, samples.length);
        const found = await calibratedOn(this.session.data.reader, graph, model, samples, (size) => stages.step(size));
        const { estimator } = this.session.calibration;
        return { ...found, ...(estimator && { estimator }) };
      }),
    );
  }

  private channelStats(
    graph: Graph,
    tensors: readonly TensorId[],
    controls: JobControls,
  ): Promise<Map<TensorId, ChannelStats>> {
    if (tensors.length === 0) return Promise.resolve(new Map<TensorId, ChannelStats>());
    return inFloat(this.session, graph, async (model) => {
      const samples = this.fitted.subarray(0, CHANNEL_SAMPLES);
      const stages = new Stages(controls, 1);
      await stages.enter('Looking at channels', 1, samples.length);
      const observers = new Map(tensors.map((id) => [id, new ChannelObserver(tensorOf(graph, id).shape.at(-1)!)]));
      for (const indices of chunks(samples, batchSizeFor(graph))) {
        const batch = await readBatch(this.session.data.reader, graph, indices);
        await model.visit(batch, tensors, (id, values) => observers.get(id)!.observe(values));
        await stages.step(indices.length);
      }
      return new Map([...observers].map(([id, observer]) => [id, observer.stats()]));
    });
  }

  /**
   * One computation at a time for each key. Who waits for one that somebody else cancels starts it anew; and what somebody
   * else waits for as well gives way to nobody, for the waiting one may be whom it would give way to.
   */
  private async once<T, P>(
    key: string,
    controls: JobControls<P>,
    compute: (controls: JobControls<P>) => Promise<T>,
  ): Promise<T> {
    const { signal, turn } = controls;
    for (;;) {
      const running = this.kept.get(key) as Shared<T> | undefined;
      if (!running) break;
      running.demand();
      try {
        const result = await running.value;
        this.kept.delete(key); // the most recently used come last
        this.kept.set(key, running);
        return result;
      } catch (thrown) {
        if (signal.aborted) throw thrown;
      }
    }
    let demand = () => {};
    const demanded = new Promise<void>((resolve) => (demand = resolve));
    const value = compute({ ...controls, ...(turn && { turn: () => Promise.race([turn(), demanded]) }) });
    const mine: Shared<T> = { value, demand };
    this.kept.set(key, mine);
    value.catch(() => this.kept.get(key) === mine && this.kept.delete(key));
    const result = await value;
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(old);
    }
    return result;
  }
}

/** What is worked out of these weights is kept under keys that end so. */
const trainedKey = (id: string) => `trained ${id}`;

/** A computation that several jobs may wait for. */
interface Shared<T> {
  readonly value: Promise<T>;
  /** Says that one more job waits for it. */
  readonly demand: () => void;
}

function reportOf(algorithm: string, layers: readonly LayerReport[], notes: readonly string[]): AlgorithmReport {
  const own = layers.filter((layer) => layer.algorithm === algorithm);
  return { algorithm, layers: own.map(({ algorithm: _, ...figure }): LayerFigure => figure), notes };
}
