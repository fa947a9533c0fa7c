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
import type { JobControls, Score } from '../contract/protocol';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import { chooseMetric, scoredOutput, scoredTensor, ScoreKeeper } from '../session/scoring';
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
  const { source, split } = session.data;
  const { graph } = session.quantizableModel;
  const samples = split.evaluation.subarray(0, spec.samples);
  const stages = new Stages(controls, 10);
  await stages.enter('Running the float model', 1, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  const score = new ScoreKeeper(chooseMetric(graph, source), source);
  await stages.enter('Quantizing', 1);
  const plan = planQuantization(variant.graph, variant.calibration, spec.settings);
  const file = notStorable(plan).length === 0;
  await stages.enter(file ? 'Running the file' : 'Simulating', 8, samples.length);
  let position = 0;
  const add = async (output: Float32Array) => {
    score.add(samples[position], output, floatOutput(position));
    position++;
    await stages.step();
  };
  await (file
    ? runFile(session, variant, spec.settings, samples, add)
    : simulate(session, variant, plan, samples, add));
  return score.score();
}

type Add = (output: Float32Array) => Promise<void>;

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
    const output = scoredOutput(session.quantizableModel.graph);
    for (const index of samples) await add(runner.run(await session.data.reader.read(index), output));
  } finally {
    runner.dispose();
  }
}

function simulate(session: Session, { graph }: ModelVariant, plan: QuantPlan, samples: Uint32Array, add: Add) {
  const output = scoredTensor(graph);
  return simulated(session, graph, simulationOf(graph, plan), async (model) => {
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(session.data.reader, graph, indices);
      const values = (await model.run(batch, [output])).get(output)!.data as Float32Array;
      const size = values.length / indices.length;
      for (let i = 0; i < indices.length; i++) await add(values.subarray(i * size, (i + 1) * size));
    }
  });
}
