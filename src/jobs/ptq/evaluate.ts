import { lookup } from '../../base/lookup';
import type { TensorId } from '../../core/graph/graph';
import type { Judgement } from '../../core/metrics/guess-task';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { planQuantization } from '../../core/quantize/resolve';
import { simulationOf } from '../../engine/tfjs/simulation';
import { keepFloatOutputs } from '../session/float-outputs';
import { checkFloatAnswers } from '../session/float-answers';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { Evaluation, JobControls, LayerError } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { inputRow, judge, rowsApart, rowsOf } from '../session/judging';
import { OutputFiguresKeeper } from '../session/output-figures';
import { FlipKeeper, ScoreKeeper } from '../session/scoring';
import type { ModelVariant, Session } from '../session/session';
import { keepSimulated } from '../session/simulated-outputs';
import { evaluateBatches, type EvaluatedBatch, type PlannedBatch } from './evaluate-batches';
import { runOnVariant } from '../session/run-on-variant';

/** Samples over which every tensor is compared; the score itself is taken over all. */
const COMPARED_SAMPLES = 128;

/** How often a partial result is worth showing, ms. */
const PARTIAL_EVERY = 400;

/**
 * Float against fake-quantized on the evaluation split: the task's score over all of it, and the distance of every layer's
 * output over its first {@link COMPARED_SAMPLES} samples. RMSE is divided by the tensor's scale: 0.29 is pure rounding.
 */
export function evaluate(
  session: Session,
  spec: Spec<'evaluate'>,
  controls: JobControls<Evaluation>,
): Promise<Evaluation> {
  return runOnVariant(session, spec.settings, controls, (variant, rest) =>
    evaluateVariant(session, spec, variant, rest),
  );
}

async function evaluateVariant(
  session: Session,
  spec: Spec<'evaluate'>,
  { graph, reference, calibration }: ModelVariant,
  controls: JobControls<Evaluation>,
): Promise<Evaluation> {
  const { split, reader } = session.data;
  const samples = split.evaluation.subarray(0, spec.samples ?? split.evaluation.length);
  const plan = planQuantization(graph, calibration, spec.settings);
  const judgement = await judge(session);
  const stages = new Stages(controls, 10);
  await stages.enter('Starting the engine', 1);
  await checkFloatAnswers(session);

  const compared = graph.ops.map((op) => ({ op: op.id, tensor: op.outputs[0] }));
  const errors = new Map<TensorId, ErrorAccumulator>(compared.map(({ tensor }) => [tensor, new ErrorAccumulator()]));
  const keepers = keepersOf(judgement);
  const { tensors } = judgement.outputs;

  const result = (isWhole: boolean): Evaluation => ({
    float: keepers.float.score(isWhole),
    quantized: keepers.quantized.score(isWhole),
    ...(isWhole && { difference: keepers.quantized.since(keepers.float) }),
    flips: keepers.flips.result(),
    floatDoubt: keepers.flips.floatDoubt(),
    outputSqnrDb: keepers.outputs.worstDb(),
    outputs: keepers.outputs.result(isWhole),
    layers: compared.map(({ op, tensor }): LayerError => {
      const { sqnrDb, cosine, rmse, maxError } = errors.get(tensor)!.result();
      const scale = lookup(plan.activations, tensor)?.params.scale[0];
      return { op, tensor, sqnrDb, cosine, rmseOverScale: scale ? rmse / scale : 0, maxError };
    }),
  });

  await stages.enter('Evaluating', 9, samples.length);
  let lastPartial = performance.now();
  const take = async ({ indices, batch, test, exact, original }: EvaluatedBatch) => {
    for (const [id, accumulator] of exact ? errors : [])
      accumulator.add(exact!.get(id)!.data as Float32Array, test.get(id)!.data as Float32Array);
    const expected = rowsOf(original, tensors, indices.length);
    const actual = rowsOf(test, tensors, indices.length);
    keepFloatOutputs(session, indices, expected);
    keepSimulated(session, spec.settings, indices, actual);
    const rows = rowsApart(actual, indices.length);
    rowsApart(expected, indices.length).forEach((exactRow, i) => {
      const [index, row, input] = [indices[i], rows[i], inputRow(batch, graph, i)];
      keepers.float.add(index, exactRow, exactRow, input);
      keepers.quantized.add(index, row, exactRow, input);
      keepers.flips.add(index, row, exactRow);
      keepers.outputs.add(index, row, exactRow, input);
    });
    if (performance.now() - lastPartial > PARTIAL_EVERY) {
      lastPartial = performance.now();
      controls.onPartial?.(result(false));
    }
    await stages.step(indices.length);
  };
  const batches = async function* (): AsyncGenerator<PlannedBatch> {
    let seen = 0;
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const compares = seen < COMPARED_SAMPLES;
      const want = compares ? [...new Set([...errors.keys(), ...tensors])] : tensors;
      yield { indices, batch: await readBatch(reader, graph, indices), compares, want, outputs: tensors };
      seen += indices.length;
    }
  };
  const models = { graph, simulation: simulationOf(graph, plan), reference };
  await evaluateBatches(session, models, samples.length, batches(), take);
  return result(true);
}

function keepersOf(judgement: Judgement) {
  return {
    float: new ScoreKeeper(judgement, true),
    quantized: new ScoreKeeper(judgement, true),
    flips: new FlipKeeper(judgement),
    outputs: new OutputFiguresKeeper(judgement),
  };
}
