import type { TensorId } from '../core/graph/graph';
import { ErrorAccumulator } from '../core/metrics/error-accumulator';
import { planQuantization } from '../core/quantize/resolve';
import { simulationOf } from '../engine/tfjs/simulation';
import { keepFloatOutputs } from './float-outputs';
import { Stages } from './progress';
import type { Evaluation, JobControls, LayerError, Spec } from './protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { chooseMetric, ScoreKeeper, scoredTensor } from './scoring';
import type { Session } from './session';
import { simulated } from './simulated';

/** Samples over which every tensor is compared; the score itself is taken over all. */
const COMPARED_SAMPLES = 128;

/** How often a partial result is worth showing, ms. */
const PARTIAL_EVERY = 400;

/**
 * Float against fake-quantized on the evaluation split: the task's score over all of it, and the distance of every layer's
 * output over its first {@link COMPARED_SAMPLES} samples. RMSE is divided by the tensor's scale: 0.29 is pure rounding.
 */
export async function evaluate(
  session: Session,
  spec: Spec<'evaluate'>,
  controls: JobControls<Evaluation>,
): Promise<Evaluation> {
  const { graph } = session.quantizableModel;
  const { split, reader, source } = session.data;
  const samples = split.evaluation.subarray(0, spec.samples ?? split.evaluation.length);
  const plan = planQuantization(graph, session.calibration, spec.settings);
  const metric = chooseMetric(graph, source);
  const stages = new Stages(controls, 10);
  await stages.enter('Starting the engine', 1);
  const float = await session.float();

  const compared = graph.ops.map((op) => ({ op: op.id, tensor: op.outputs[0] }));
  const errors = new Map<TensorId, ErrorAccumulator>(compared.map(({ tensor }) => [tensor, new ErrorAccumulator()]));
  const outputErrors = new ErrorAccumulator();
  const scores = { float: new ScoreKeeper(metric, source), quantized: new ScoreKeeper(metric, source) };
  const output = scoredTensor(graph);

  const result = (): Evaluation => ({
    float: scores.float.score(),
    quantized: scores.quantized.score(),
    outputSqnrDb: outputErrors.result().sqnrDb,
    layers: compared.map(({ op, tensor }): LayerError => {
      const { sqnrDb, cosine, rmse, maxError } = errors.get(tensor)!.result();
      const scale = plan.activations[tensor]?.params.scale[0];
      return { op, tensor, sqnrDb, cosine, rmseOverScale: scale ? rmse / scale : 0, maxError };
    }),
  });

  await stages.enter('Evaluating', 9, samples.length);
  let lastPartial = performance.now();
  let seen = 0;
  await simulated(session, simulationOf(graph, plan), async (quantized) => {
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(reader, graph, indices);
      const want = seen < COMPARED_SAMPLES ? [...errors.keys()] : [output];
      const reference = await float.run(batch, want);
      const test = await quantized.run(batch, want);
      for (const [id, accumulator] of seen < COMPARED_SAMPLES ? errors : [])
        accumulator.add(reference.get(id)!.data as Float32Array, test.get(id)!.data as Float32Array);
      const expected = reference.get(output)!.data as Float32Array;
      const actual = test.get(output)!.data as Float32Array;
      outputErrors.add(expected, actual);
      keepFloatOutputs(session, indices, expected);
      const size = expected.length / indices.length;
      for (let i = 0; i < indices.length; i++) {
        const row = expected.subarray(i * size, (i + 1) * size);
        scores.float.add(indices[i], row, row);
        scores.quantized.add(indices[i], actual.subarray(i * size, (i + 1) * size), row);
      }
      seen += indices.length;
      if (performance.now() - lastPartial > PARTIAL_EVERY) {
        lastPartial = performance.now();
        controls.onPartial?.(result());
      }
      await stages.step(indices.length);
    }
  });
  return result();
}
