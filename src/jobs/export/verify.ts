import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import type { Graph, TensorData } from '../../core/graph/graph';
import { compareWithRuntime } from '../../engine/integer/compare';
import { runnerName } from '../../engine/integer/file-model';
import { xnnpack } from '../../engine/integer/profiles/xnnpack';
import { fileInputs, FileRunner } from '../session/file-runner';
import { floatOutputsOf } from '../session/float-outputs';
import { checkFloatAnswers } from '../session/float-answers';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { JobControls, RuntimeCheck, Verification } from '../contract/protocol';
import { judge } from '../session/judging';
import { OutputFiguresKeeper } from '../session/output-figures';
import { FlipKeeper, ScoreKeeper } from '../session/scoring';
import type { Session } from '../session/session';
import { isSimulated, SimulationComparison } from '../session/simulated-outputs';
import { runDelivered } from './delivered-file';
import { speeds } from './speeds';
import { partOfFile } from './whole-file';

/** The file that was just written here: what is wrong with it is no fault of the one that was opened. */
function readBack(file: Uint8Array): Graph {
  try {
    return readTflite(file, 'exported.tflite');
  } catch (thrown) {
    const { message, where } = toErrorInfo(thrown);
    throw new RangefinderError(
      {
        code: 'runtime-failed',
        message: `The exported file could not be checked: ${message}`,
        ...(where && { where }),
        hint: 'The model that was opened is sound. The file can be saved all the same; try it on the device before it is used.',
      },
      { cause: thrown },
    );
  }
}

/** The integer reference computes on activations of 8 signed bits only; of files with others nothing is compared. */
function hasReference(graph: Graph): boolean {
  const cells = new Set(graph.ops.flatMap((op) => (op.kind === 'lstm' ? op.outputs.slice(1) : [])));
  return [...graph.tensors.values()].every(
    ({ id, dtype, quant }) => !quant || cells.has(id) || (dtype !== 'int16' && dtype !== 'uint8'),
  );
}

/**
 * Runs the exported bytes, and nothing else, in LiteRT.js: their accuracy on the evaluation split, and every tensor of
 * the first samples, as many as `compareSamples` and `compareBudget` allow, against the integer reference; with the settings
 * it was made with, also its predictions against the simulation's. Of a file with opaque ops it is what they leave
 * computable; the file itself is then run once.
 */
export async function verify(session: Session, spec: Spec<'verify'>, controls: JobControls): Promise<Verification> {
  const { reader, split } = session.data;
  const original = session.quantizableModel.graph;
  const samples = split.evaluation.subarray(0, spec.samples ?? split.evaluation.length);
  // What was trained was simulated: whether the file predicts the same is part of the question, whatever it costs.
  const compares =
    spec.settings && (spec.settings.trained !== undefined || isSimulated(session, spec.settings, samples));
  const stages = new Stages(controls, compares ? 22 : 20);

  await stages.enter('Starting LiteRT', 2);
  await session.runtime();
  await checkFloatAnswers(session);
  const whole = readBack(spec.file);
  const graph = partOfFile(whole, original);
  const bytes = graph === whole ? spec.file : writeTflite(graph);
  await stages.enter('Running the float model', 2, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));

  const judgement = await judge(session);
  let simulation: SimulationComparison | null = null;
  if (spec.settings && compares) {
    await stages.enter('Simulating', 2, samples.length);
    const advance = (units: number) => stages.step(units);
    simulation = await SimulationComparison.prepare(session, spec.settings, samples, controls, advance);
  }
  await stages.enter('Running the file', 10, samples.length);
  const positions = judgement.outputs.tensors.map((id) => original.outputs.indexOf(id));
  const score = { file: new ScoreKeeper(judgement, true), float: new ScoreKeeper(judgement, true) };
  const flips = new FlipKeeper(judgement);
  const outputs = new OutputFiguresKeeper(judgement);
  const runner = await FileRunner.load(session, bytes, graph);
  try {
    for (let i = 0; i < samples.length; i++) {
      const [index, float, input] = [samples[i], floatOutput(i), await reader.read(samples[i])];
      const row = runner.run(input, positions);
      score.file.add(index, row, float, input);
      score.float.add(index, float, float, input);
      simulation?.add(index, row, float, input);
      flips.add(index, row, float);
      outputs.add(index, row, float, input);
      await stages.step();
    }
    const check = await compared(session, spec, graph, samples, stages);
    await stages.enter('Measuring speed', 1);
    const sample = await reader.read(samples[0]);
    const delivered = bytes === spec.file ? null : await runDelivered(session, spec.file, whole, graph, sample);
    const untimed = { float: null, quantized: null };
    return {
      file: score.file.score(true),
      float: score.float.score(true),
      difference: score.file.since(score.float),
      flips: flips.result(),
      outputs: outputs.result(true),
      runtime: check,
      ...(delivered && { delivered }),
      ...(simulation && { simulation: simulation.result(score.file) }),
      latencyMs: spec.untimed ? untimed : await speeds(session, original, runner, sample),
    };
  } finally {
    runner.dispose();
  }
}

/** The first samples against the integer reference, as many as they are asked for and as the budget allows. */
async function compared(
  session: Session,
  { compareSamples, compareBudget = Infinity }: Spec<'verify'>,
  graph: Graph,
  samples: Uint32Array,
  stages: Stages,
): Promise<RuntimeCheck> {
  const runtime = await session.runtime();
  const first = samples.subarray(0, compareSamples);
  await stages.enter('Comparing with the integer reference', 5, first.length);
  const begun = stages.now();
  let seen = 0;
  const inputs = async function* (): AsyncGenerator<TensorData[]> {
    for (const index of first) {
      if (seen > 0 && stages.now() - begun > compareBudget) return;
      yield fileInputs(graph, await session.data.reader.read(index));
      seen++;
      await stages.step();
    }
  };
  const tensors = hasReference(graph) ? await compareWithRuntime(graph, runtime, xnnpack, inputs()) : [];
  return {
    name: runnerName(runtime, graph),
    profile: xnnpack.name,
    samples: seen,
    of: samples.length,
    tensors,
    elements: tensors.reduce((sum, { elements }) => sum + elements, 0),
    mismatches: tensors.reduce((sum, { mismatches }) => sum + mismatches, 0),
    maxLsb: tensors.reduce((max, { maxLsb }) => Math.max(max, maxLsb), 0),
  };
}
