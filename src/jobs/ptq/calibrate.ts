import { put } from '../../base/lookup';
import type { TensorId } from '../../core/graph/graph';
import { tensorOf, type Graph } from '../../core/graph/graph';
import { definitionOf } from '../../core/graph/ops/table';
import type { Calibration } from '../../core/quantize/plan';
import { ConvergenceRecorder } from '../../core/calibration/convergence';
import { mergeMasked, type Masked } from '../../core/calibration/masked-rows';
import { Observer } from '../../core/calibration/observer';
import type { TensorStats, WeightStats } from '../../core/calibration/types';
import { weightStats } from '../../core/calibration/weight-stats';
import type { TfjsModel } from '../../engine/tfjs/model';
import type { Batch } from '../../engine/types';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import type { ThreadAnswers } from '../pool/thread-protocol';
import { activationIds, SeenActivations } from './batch-statistics';
import { chooseEstimator } from './choose-estimator';
import { batchSizeFor, chunks, readBatch, type SampleReader } from '../session/samples';
import { FLOAT_MODEL, type Session } from '../session/session';

/** Statistics of each weighted op's weights, without channels: those are computed for the layer that is looked at. */
export function allWeightStats(graph: Graph): Record<TensorId, WeightStats> {
  const all: Record<TensorId, WeightStats> = {};
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    const inputs = rule.kind === 'weighted' ? [rule.weightInput] : rule.kind === 'recurrent' ? rule.weightInputs : [];
    for (const input of inputs) {
      const id = op.inputs[input];
      if (!id || Object.hasOwn(all, id)) continue;
      const { data, shape } = tensorOf(graph, id);
      const quantizedDimension = rule.kind === 'weighted' ? rule.axis : 0;
      if (data instanceof Float32Array) put(all, id, { ...weightStats(data, shape, null), quantizedDimension });
    }
  }
  return all;
}

/** Statistics of a graph's activations, gathered batch by batch. Memory does not grow with the number of samples. */
export class CalibrationCollector {
  private readonly observers: ReadonlyMap<TensorId, Observer>;
  private readonly recorders: ReadonlyMap<TensorId, ConvergenceRecorder>;
  private readonly weights: Record<TensorId, WeightStats>;
  private readonly seen: SeenActivations;
  private readonly masked = new Map<TensorId, Masked>();
  private count = 0;

  constructor(graph: Graph) {
    const ids = activationIds(graph);
    this.observers = new Map(ids.map((id) => [id, new Observer()]));
    this.recorders = new Map(ids.map((id) => [id, new ConvergenceRecorder()]));
    this.weights = allWeightStats(graph);
    this.seen = new SeenActivations(graph);
  }

  get samples(): number {
    return this.count;
  }

  async add(engine: TfjsModel, batch: Batch): Promise<void> {
    const count = this.count + batch.size;
    await engine.visit(batch, [...this.observers.keys()], (id, values) => {
      const seen = this.seen.of(id, values);
      const observer = this.observers.get(id)!;
      observer.observeBatch(seen.values);
      this.note(id, count, seen.masked);
    });
    this.count = count;
  }

  /** As {@link add} for a batch of so many samples that was run elsewhere. */
  take(size: number, statistics: ThreadAnswers['statistics']): void {
    this.count += size;
    for (const [id, { observed, masked }] of statistics) {
      this.observers.get(id)!.takeBatch(observed);
      this.note(id, this.count, masked);
    }
  }

  private note(id: TensorId, count: number, masked: Masked | null): void {
    const observer = this.observers.get(id)!;
    this.recorders.get(id)!.note(count, () => observer.rangeSoFar());
    const all = mergeMasked(this.masked.get(id) ?? null, masked);
    if (all) this.masked.set(id, all);
  }

  result(): Calibration {
    const activations: Record<TensorId, TensorStats> = {};
    for (const [id, observer] of this.observers) {
      const masked = this.masked.get(id);
      const convergence = this.recorders.get(id)!.result();
      put(activations, id, { ...observer.stats(), convergence, ...(masked && { masked }) });
    }
    return { activations, weights: this.weights, samples: this.count };
  }
}

/** Statistics of a graph's activations on these samples. @param step awaited after each batch, told its size */
export async function calibratedOn(
  reader: SampleReader,
  graph: Graph,
  model: TfjsModel,
  samples: Uint32Array,
  step: (size: number) => Promise<void>,
): Promise<Calibration> {
  const collector = new CalibrationCollector(graph);
  for (const indices of chunks(samples, batchSizeFor(graph))) {
    await collector.add(model, await readBatch(reader, graph, indices));
    await step(indices.length);
  }
  return collector.result();
}

/**
 * Streams the calibration split through the float model. Cancelled half-way, it keeps what it has: the partial result is
 * a valid calibration of fewer samples.
 */
export async function calibrate(
  session: Session,
  spec: Spec<'calibrate'>,
  controls: JobControls<Calibration>,
): Promise<Calibration> {
  const { graph } = session.quantizableModel;
  const { split, reader } = session.data;
  const batchSize = spec.batchSize ?? batchSizeFor(graph);
  const stages = new Stages(controls, 12);
  await stages.enter('Starting the engine', 1);
  const engine = await session.float();
  const collector = new CalibrationCollector(graph);
  await stages.enter('Calibrating', 9, split.calibration.length);
  try {
    const pool = await session.pool(split.calibration.length);
    if (pool) {
      const questions = async function* () {
        for (const indices of chunks(split.calibration, batchSize))
          yield { model: FLOAT_MODEL, batch: await readBatch(reader, graph, indices) };
      };
      const sizes = [...chunks(split.calibration, batchSize)].map(({ length }) => length);
      for await (const statistics of pool.inOrder('statistics', questions())) {
        const size = sizes.shift()!;
        collector.take(size, statistics);
        await stages.step(size);
      }
    } else
      for (const indices of chunks(split.calibration, batchSize)) {
        await collector.add(engine, await readBatch(reader, graph, indices));
        await stages.step(indices.length);
      }
    const calibration = collector.result();
    const estimator = await chooseEstimator(session, graph, calibration, stages);
    session.calibration = { ...calibration, estimator };
  } catch (thrown) {
    if (collector.samples > 0 && controls.signal.aborted) {
      session.calibration = collector.result();
      controls.onPartial?.(session.calibration);
    }
    throw thrown;
  }
  return session.calibration;
}
