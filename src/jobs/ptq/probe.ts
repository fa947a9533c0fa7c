import { writeTflite } from '../../core/model-formats/tflite/write';
import { notStorable } from '../../core/quantize/format-choice';
import type { QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import type { QuantSettings } from '../../core/quantize/settings';
import { widenInt4 } from '../../core/quantize/widen-int4';
import { simulationOf } from '../../engine/tfjs/simulation';
import { floatOutputsOf } from '../session/float-outputs';
import { quantizeVariant } from '../export/export-file';
import { FileRunner } from '../session/file-runner';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import type { Score } from '../contract/judgement-protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { judge, rowsApart, rowsOf } from '../session/judging';
import { ScoreKeeper } from '../session/scoring';
import type { ModelVariant, Session } from '../session/session';
import { simulated } from '../session/simulated';
import { runOnVariant } from '../session/run-on-variant';

/**
 * Accuracy of the quantized file on the first samples of the evaluation split: what a drag shows when it is released. It
 * is the real file in the real runtime, which is faster than simulating it; formats that no file holds are simulated.
 */
export function probe(session: Session, spec: Spec<'probe'>, controls: JobControls): Promise<Score> {
  return runOnVariant(session, spec.settings, controls, (variant, rest) => probeVariant(session, spec, variant, rest));
}

async function probeVariant(
  session: Session,
  spec: Spec<'probe'>,
  variant: ModelVariant,
  controls: JobControls,
): Promise<Score> {
  const { split, reader } = session.data;
  const judgement = await judge(session);
  const samples = split.evaluation.subarray(0, spec.samples);
  const stages = new Stages(controls, 10);
  await stages.enter('Running the float model', 1, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  const score = new ScoreKeeper(judgement, true);
  await stages.enter('Quantizing', 1);
  const plan = planQuantization(variant.graph, variant.calibration, spec.settings);
  const file = notStorable(plan).length === 0;
  await stages.enter(file ? 'Running the file' : 'Simulating', 8, samples.length);
  let position = 0;
  const add = async (row: Float32Array) => {
    score.add(samples[position], row, floatOutput(position), await reader.read(samples[position]));
    position++;
    await stages.step();
  };
  await (file
    ? runFile(session, variant, spec.settings, samples, add)
    : simulate(session, variant, plan, samples, add));
  return score.score(true);
}

type Add = (row: Float32Array) => Promise<void>;

async function runFile(
  session: Session,
  variant: ModelVariant,
  settings: QuantSettings,
  samples: Uint32Array,
  add: Add,
) {
  const quantized = quantizeVariant(variant, settings);
  const tried = widenInt4(quantized.graph); // int8 kernels compute the same, sixty times as fast
  const runner = await FileRunner.load(session, writeTflite(tried), tried);
  try {
    const { tensors } = (await judge(session)).outputs;
    const positions = tensors.map((id) => session.quantizableModel.graph.outputs.indexOf(id));
    for (const index of samples) await add(runner.run(await session.data.reader.read(index), positions));
  } finally {
    runner.dispose();
  }
}

async function simulate(session: Session, { graph }: ModelVariant, plan: QuantPlan, samples: Uint32Array, add: Add) {
  const { tensors } = (await judge(session)).outputs;
  return simulated(session, graph, simulationOf(graph, plan), async (model) => {
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(session.data.reader, graph, indices);
      const rows = rowsOf(await model.run(batch, tensors), tensors, indices.length);
      for (const row of rowsApart(rows, indices.length)) await add(row);
    }
  });
}
