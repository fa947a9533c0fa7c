/** Which estimator the ranges of a model's activations are best found with, measured on outputs. */
import type { Graph, TensorId } from '../../core/graph/graph';
import { producers } from '../../core/graph/graph';
import { definitionOf } from '../../core/graph/ops/table';
import { macCount } from '../../core/graph/summary';
import type { Calibration } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import { AUTO } from '../../core/quantize/settled-choice';
import { DEFAULT_SETTINGS, type EstimatorChoice } from '../../core/quantize/settings';
import { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT, simulationOf } from '../../engine/tfjs/simulation';
import type { Batch } from '../../engine/types';
import type { Stages } from '../session/progress';
import { batchSizeFor, chunks, readBatch, unusedSamples } from '../session/samples';
import type { Session } from '../session/session';

/**
 * Those that have won on some model; min–max first, since the others have to be better by {@link CHANCE}. Choosing for each
 * tensor by itself fits the few samples it is judged on: on ResNet8 it gains 0.4 dB on these and loses 0.6 dB on others.
 */
const CANDIDATES: readonly EstimatorChoice[] = [
  { id: 'minmax', params: {} },
  { id: 'percentile', params: {} },
  { id: 'mse', params: {} },
  { id: 'entropy', params: {} },
  { id: 'octav', params: {} },
];

/** Decibels that choosing among so many on so few samples brings by itself. */
const CHANCE = 0.5;

const MOST_SAMPLES = 64;
const LEAST_SAMPLES = 8;
/** Multiply-accumulates of all simulations together: about a second's. No time is measured, so that all machines choose alike. */
const BUDGET = 20e9;

function samplesFor(graph: Graph): number {
  const affordable = Math.floor(BUDGET / (CANDIDATES.length * Math.max(1, macCount(graph))));
  return Math.max(LEAST_SAMPLES, Math.min(MOST_SAMPLES, affordable));
}

/** The outputs; of probabilities the scores, which tell more. */
function measuredTensors(graph: Graph): TensorId[] {
  const producerOf = producers(graph);
  return graph.outputs.flatMap((id) => {
    const op = producerOf.get(id);
    if (!op) return [];
    const scores = op.inputs[0];
    return definitionOf(op).quant.kind === 'fixed-output' && scores && producerOf.has(scores) ? [scores] : [id];
  });
}

/** Mean over the outputs of their signal-to-noise ratio, decibels. */
function meanSqnr(float: readonly Float32Array[], rounded: readonly Float32Array[], outputs: number): number {
  let sum = 0;
  for (let output = 0; output < outputs; output++) {
    let [signal, noise] = [0, 0];
    for (let i = output; i < float.length; i += outputs)
      for (let k = 0; k < float[i].length; k++) {
        signal += float[i][k] ** 2;
        noise += (rounded[i][k] - float[i][k]) ** 2;
      }
    sum += 10 * Math.log10((signal + Number.MIN_VALUE) / (noise + Number.MIN_VALUE));
  }
  return sum / outputs;
}

/**
 * The estimator with which the simulated int8 model stays closest to float, on samples that were not calibrated with where
 * there are enough. Plans are made from histograms in milliseconds; what costs is one pass of a few samples for each
 * candidate.
 *
 * @param stages in which this is one, of weight 2
 */
export async function chooseEstimator(
  session: Session,
  graph: Graph,
  calibration: Calibration,
  stages: Stages,
): Promise<EstimatorChoice> {
  const { source, split, reader } = session.data;
  const want = measuredTensors(graph);
  const [minmax] = CANDIDATES;
  if (want.length === 0) return minmax;
  const count = samplesFor(graph);
  const unused = unusedSamples(source, split);
  const samples = unused.length >= count ? unused.subarray(0, count) : split.calibration.subarray(0, count);
  const batches: Batch[] = [];
  for (const indices of chunks(samples, batchSizeFor(graph))) batches.push(await readBatch(reader, graph, indices));
  await stages.enter('Choosing how ranges are found', 2, batches.length * (CANDIDATES.length + 1));
  const model = TfjsModel.load(graph, { simulate: FLOAT });
  const outputs = async (): Promise<Float32Array[]> => {
    const seen: Float32Array[] = [];
    for (const batch of batches) {
      const values = new Map<TensorId, Float32Array>();
      await model.visit(batch, want, (id, data) => void values.set(id, data.slice()));
      seen.push(...want.map((id) => values.get(id)!));
      await stages.step();
    }
    return seen;
  };
  try {
    const float = await outputs();
    let best = { choice: minmax, sqnr: -Infinity };
    for (const estimator of CANDIDATES) {
      const settings = { ...DEFAULT_SETTINGS, activations: { estimator: { id: AUTO, params: {} } } };
      const plan = planQuantization(graph, { ...calibration, estimator }, settings);
      model.setSimulation(simulationOf(graph, plan));
      const sqnr = meanSqnr(float, await outputs(), want.length);
      const ahead = estimator !== minmax && best.choice === minmax ? CHANCE : 0;
      if (sqnr > best.sqnr + ahead) best = { choice: estimator, sqnr };
    }
    return best.choice;
  } finally {
    model.dispose();
  }
}
