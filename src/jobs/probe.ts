import { writeTflite } from '../core/formats/tflite/write';
import { widenInt4 } from '../core/quantize/widen-int4';
import { floatOutputsOf } from './float-outputs';
import { quantizeVariant } from './export-file';
import { FileRunner } from './file-runner';
import { Stages } from './progress';
import type { JobControls, Score, Spec } from './protocol';
import { chooseMetric, scoredOutput, ScoreKeeper } from './scoring';
import type { Session } from './session';
import { onVariant } from './variant-first';
import type { Variant } from './variants';

/**
 * Accuracy of the quantized file on the first samples of the evaluation split: what a drag shows when it is released. It
 * is the real file in the real runtime, which is faster than simulating it.
 */
export function probe(session: Session, spec: Spec<'probe'>, controls: JobControls): Promise<Score> {
  return onVariant(session, spec.settings, controls, (variant, rest) => probeVariant(session, spec, variant, rest));
}

async function probeVariant(
  session: Session,
  spec: Spec<'probe'>,
  variant: Variant,
  controls: JobControls,
): Promise<Score> {
  const { source, reader, split } = session.data;
  const { graph } = session.quantizableModel;
  const samples = split.evaluation.subarray(0, spec.samples);
  const stages = new Stages(controls, 10);
  await stages.enter('Quantizing', 1);
  const quantized = quantizeVariant(variant, spec.settings);
  await stages.enter('Float model', 1, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  await stages.enter('Running the file', 8, samples.length);
  const tried = widenInt4(quantized.graph); // int8 kernels compute the same, sixty times as fast
  const runner = await FileRunner.load(session, writeTflite(tried), tried);
  try {
    const output = scoredOutput(graph);
    const score = new ScoreKeeper(chooseMetric(graph, source), source);
    for (let i = 0; i < samples.length; i++) {
      score.add(samples[i], runner.run(await reader.read(samples[i]), output), floatOutput(i));
      await stages.step();
    }
    return score.score();
  } finally {
    runner.dispose();
  }
}
