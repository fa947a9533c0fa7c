/** The quantized model and the float model side by side, batch by batch: here, or on threads where that is worth it. */
import type { Graph, TensorId } from '../../core/graph/graph';
import type { TfjsModel } from '../../engine/tfjs/model';
import type { Simulation } from '../../engine/tfjs/simulation';
import type { Batch, EngineTensor } from '../../engine/types';
import type { GraphPool } from '../pool/graph-pool';
import { FLOAT_MODEL, type Session } from '../session/session';
import { inFloat, simulated } from '../session/simulated';
import { FLOAT } from '../../engine/tfjs/simulation';

export interface PlannedBatch {
  readonly indices: Uint32Array;
  readonly batch: Batch;
  /** Whether layers are compared, or the outputs alone. */
  readonly compares: boolean;
  readonly want: readonly TensorId[];
  readonly outputs: readonly TensorId[];
}

type Values = ReadonlyMap<TensorId, EngineTensor>;

export interface EvaluatedBatch extends PlannedBatch {
  /** Of the quantized model. */
  readonly test: Values;
  /** Of the float model that layers are compared with; null where they are not. */
  readonly exact: Values | null;
  /** Outputs of the model that was opened. */
  readonly original: Values;
}

interface Models {
  readonly graph: Graph;
  readonly simulation: Simulation;
  /** In float, with the scales of the graph's layers: equalized channels are no error. */
  readonly reference: Graph;
}

/** @param take is given the batches in their order, one at a time */
export async function evaluateBatches(
  session: Session,
  models: Models,
  samples: number,
  batches: AsyncIterable<PlannedBatch>,
  take: (batch: EvaluatedBatch) => Promise<void>,
): Promise<void> {
  // Each sample goes through both models.
  const pool = await session.pool(2 * samples);
  if (pool) return onThreads(pool, models, session.quantizableModel.graph, batches, take);
  const float = await session.float();
  await simulated(session, models.graph, models.simulation, (quantized) =>
    inFloat(session, models.reference, async (twin) => {
      for await (const planned of batches) await take(await evaluated(planned, quantized, twin, float));
    }),
  );
}

async function evaluated(
  planned: PlannedBatch,
  quantized: TfjsModel,
  twin: TfjsModel,
  float: TfjsModel,
): Promise<EvaluatedBatch> {
  const { batch, compares, want, outputs } = planned;
  const test = await quantized.run(batch, want);
  const exact = compares ? await twin.run(batch, want) : null;
  const original = exact && twin === float ? exact : await float.run(batch, outputs);
  return { ...planned, test, exact, original };
}

const QUANTIZED = 'quantized';
const TWIN = 'reference';

async function onThreads(
  pool: GraphPool,
  { graph, simulation, reference }: Models,
  original: Graph,
  batches: AsyncIterable<PlannedBatch>,
  take: (batch: EvaluatedBatch) => Promise<void>,
): Promise<void> {
  const twin = reference === original ? FLOAT_MODEL : TWIN;
  const planned: PlannedBatch[] = [];
  const questions = async function* () {
    for await (const one of batches) {
      planned.push(one);
      const { batch, compares, want, outputs } = one;
      const wanted = [{ model: QUANTIZED, tensors: want }];
      if (compares) wanted.push({ model: twin, tensors: want });
      if (!compares || twin !== FLOAT_MODEL) wanted.push({ model: FLOAT_MODEL, tensors: outputs });
      yield { batch, wanted };
    }
  };
  try {
    await pool.load(QUANTIZED, graph, simulation);
    if (twin === TWIN) await pool.load(TWIN, reference, FLOAT);
    for await (const values of pool.inOrder('values', questions())) {
      const one = planned.shift()!;
      await take({ ...one, test: values[0], exact: one.compares ? values[1] : null, original: values.at(-1)! });
    }
  } finally {
    await Promise.all([QUANTIZED, TWIN].map((model) => pool.unload(model)));
  }
}
