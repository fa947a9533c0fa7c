import type { TensorId } from '../core/graph/graph';
import { tensorOf } from '../core/graph/graph';
import { definitionOf } from '../core/graph/ops/table';
import type { Calibration } from '../core/quantize/plan';
import { Observer } from '../core/ranges/observer';
import type { TensorStats, WeightStats } from '../core/ranges/types';
import { weightStats } from '../core/ranges/weight-stats';
import { Stages } from './progress';
import type { JobControls, Spec } from './protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import type { OpenModel, Session } from './session';

/** Activation tensors that calibration observes: graph inputs and everything an op computes. */
export function activationIds({ graph }: OpenModel): TensorId[] {
  return [...graph.inputs, ...graph.ops.flatMap((op) => op.outputs)].filter(
    (id) => tensorOf(graph, id).dtype === 'float32',
  );
}

/** Statistics of each weighted op's weights, without channels: those are computed for the layer that is looked at. */
export function allWeightStats({ graph }: OpenModel): Record<TensorId, WeightStats> {
  const all: Record<TensorId, WeightStats> = {};
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    const id = rule.kind === 'weighted' ? op.inputs[rule.weightInput] : null;
    if (!id || id in all || rule.kind !== 'weighted') continue;
    const { data, shape } = tensorOf(graph, id);
    if (data instanceof Float32Array) all[id] = { ...weightStats(data, shape, null), quantizedDimension: rule.axis };
  }
  return all;
}

/**
 * Streams the calibration split through the float model. Memory does not grow with the number of samples: each tensor has
 * one observer. Cancelled half-way, it keeps what it has: the partial result is a valid calibration of fewer samples.
 */
export async function calibrate(
  session: Session,
  spec: Spec<'calibrate'>,
  controls: JobControls<Calibration>,
): Promise<Calibration> {
  const model = session.quantizableModel;
  const { split, reader } = session.data;
  const batchSize = spec.batchSize ?? batchSizeFor(model.graph);
  const stages = new Stages(controls, 10);
  await stages.enter('Starting the engine', 1);
  const engine = await session.float();
  const weights = allWeightStats(model);

  const observers = new Map(activationIds(model).map((id) => [id, new Observer()]));
  const wanted = [...observers.keys()];
  let samples = 0;
  const result = (): Calibration => {
    const activations: Record<TensorId, TensorStats> = {};
    for (const [id, observer] of observers) activations[id] = observer.stats();
    return { activations, weights, samples };
  };
  await stages.enter('Calibrating', 9, split.calibration.length);
  try {
    for (const indices of chunks(split.calibration, batchSize)) {
      const batch = await readBatch(reader, model.graph, indices);
      await engine.visit(batch, wanted, (id, values) => observers.get(id)!.observeBatch(values));
      samples += indices.length;
      await stages.step(indices.length);
    }
  } catch (thrown) {
    if (samples > 0 && controls.signal.aborted) {
      session.calibration = result();
      controls.onPartial?.(session.calibration);
    }
    throw thrown;
  }
  session.calibration = result();
  return session.calibration;
}
