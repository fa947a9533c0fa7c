/** How many answers of a file are others on a runtime that this machine does not have, by its arithmetic. */
import { RangefinderError } from '../../base/errors';
import { tensorOf, type Graph, type TensorData, type TensorId } from '../../core/graph/graph';
import { joinRows } from '../../core/metrics/output-parts';
import { readTflite } from '../../core/model-formats/tflite/read';
import { IntegerModel } from '../../engine/integer/model';
import { PROFILES } from '../../engine/integer/profiles/table';
import type { Spec } from '../contract/jobs';
import type { JobControls } from '../contract/protocol';
import type { RuntimeComparison } from '../contract/runtime-protocol';
import { fileInputs, realValues } from '../session/file-runner';
import { floatOutputsOf } from '../session/float-outputs';
import { judge } from '../session/judging';
import { Stages } from '../session/progress';
import { FlipKeeper, ScoreKeeper } from '../session/scoring';
import type { Session } from '../session/session';

/** Samples on which every tensor is looked at. */
const TRACED = 8;

/** A file whose layers nobody here knows the arithmetic of is no failure: the result says which. */
export async function compareRuntimes(
  session: Session,
  spec: Spec<'compareRuntimes'>,
  controls: JobControls,
): Promise<RuntimeComparison> {
  const { runtime } = spec;
  const profile = PROFILES[runtime].name;
  try {
    return { runtime, profile, unknown: null, figures: await compared(session, spec, controls) };
  } catch (thrown) {
    if (!(thrown instanceof RangefinderError) || thrown.code !== 'unsupported-feature') throw thrown;
    return { runtime, profile, unknown: thrown.message, figures: null };
  }
}

async function compared(
  session: Session,
  spec: Spec<'compareRuntimes'>,
  controls: JobControls,
): Promise<RuntimeComparison['figures']> {
  const profile = PROFILES[spec.runtime];
  const graph = readTflite(spec.file, 'exported.tflite');
  const stages = new Stages(controls, 10);
  checkIntegers(graph);
  // LiteRT's arithmetic here is what `verify` finds equal to the runtime itself.
  const [here, there] = [PROFILES['litert-xnnpack'], profile].map((one) => IntegerModel.load(graph, one)) as [
    IntegerModel,
    IntegerModel,
  ];

  const { reader, split } = session.data;
  const samples = split.evaluation.subarray(0, spec.samples);
  await stages.enter('Running the float model', 1, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  const judgement = await judge(session);
  const positions = judgement.outputs.tensors.map((id) => session.quantizableModel.graph.outputs.indexOf(id));
  const outputs = positions.map((position) => graph.outputs[position]);
  const [score, flips, trace] = [new ScoreKeeper(judgement), new FlipKeeper(judgement), new Trace(graph)];
  let [elements, elementsChanged] = [0, 0];
  await stages.enter(`Computing as ${profile.name}`, 9, samples.length);
  for (let i = 0; i < samples.length; i++) {
    const input = await reader.read(samples[i]);
    const given = new Map(fileInputs(graph, input).map((values, at) => [graph.inputs[at], values] as const));
    const [ours, theirs] = [here.run(given), there.run(given)];
    if (i < TRACED) trace.add(ours, theirs);
    const [own, other] = [ours, theirs].map((computed) =>
      joinRows(
        outputs.map((id) => realValues(tensorOf(graph, id), computed.get(id)!.data)),
        1,
      ),
    ) as [Float32Array, Float32Array];
    score.add(samples[i], other, floatOutput(i), input);
    flips.add(samples[i], other, own);
    other.forEach((value, at) => (elementsChanged += Number(value !== own[at])));
    elements += other.length;
    await stages.step();
  }
  return {
    samples: samples.length,
    score: score.score(),
    predictionsChanged: flips.result()?.changed ?? null,
    elements,
    elementsChanged,
    first: trace.first(),
  };
}

function checkIntegers(graph: Graph): void {
  const inFloat = graph.ops.find(
    ({ kind, outputs }) => kind !== 'dequantize' && outputs.some((id) => tensorOf(graph, id).dtype === 'float32'),
  );
  if (inFloat)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `"${inFloat.sourceName || inFloat.id}" is computed in float.`,
      hint: 'Compare a file of integers throughout.',
    });
}

/** Tensor by tensor, where two runs part. */
class Trace {
  private readonly counts = new Map<TensorId, { mismatches: number; maxLsb: number }>();

  constructor(private readonly graph: Graph) {}

  add(ours: ReadonlyMap<TensorId, { data: TensorData }>, theirs: ReadonlyMap<TensorId, { data: TensorData }>): void {
    for (const [id, { data }] of ours) {
      const other = theirs.get(id)!.data;
      const row = this.counts.get(id) ?? { mismatches: 0, maxLsb: 0 };
      for (let i = 0; i < data.length; i++) {
        const distance = Math.abs(Number(data[i]) - Number(other[i]));
        if (distance === 0) continue;
        row.mismatches++;
        row.maxLsb = Math.max(row.maxLsb, distance);
      }
      this.counts.set(id, row);
    }
  }

  first(): { tensor: TensorId; mismatches: number; maxLsb: number } | null {
    for (const { outputs } of this.graph.ops)
      for (const id of outputs) {
        const row = this.counts.get(id);
        if (row && row.mismatches > 0 && tensorOf(this.graph, id).dtype !== 'float32') return { tensor: id, ...row };
      }
    return null;
  }
}
