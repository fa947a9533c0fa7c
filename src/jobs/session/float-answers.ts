/** Whether the float model answers in numbers at all; what it answers instead has no score, here or in any file made of it. */
import { RangefinderError } from '../../base/errors';
import { tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { nonFiniteActivations, nonFiniteConstants, nonFiniteInWords } from '../../core/graph/non-finite';
import { definitionOf } from '../../core/graph/ops/table';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { FileRunner } from './file-runner';
import type { OpenData, Session } from './session';

/** Samples that are enough to tell: what an odd constant reaches it reaches nearly always. */
const TRIED = 8;

/** By the data, which is opened again with another model. */
const checked = new WeakMap<OpenData, Promise<void>>();

/**
 * Refuses a float model with NaN or infinity where TensorFlow Lite computes NaN of it. WebAssembly's maximum, and so every
 * ReLU of the engines here, turns some of these back into numbers, which would be given a score: weights of a layer that
 * are no numbers, and NaN anywhere but in a table that is picked from, are known to end in NaN. Infinity elsewhere is what
 * masks are made of, and activations that calibration saw NaN or infinity in may be masked: LiteRT says what becomes of them.
 *
 * @throws RangefinderError 'invalid-graph' where outputs are NaN
 */
export function checkFloatAnswers(session: Session): Promise<void> {
  const { data } = session;
  const known = checked.get(data);
  if (known) return known;
  const check = runChecked(session);
  checked.set(data, check);
  check.catch(() => checked.delete(data)); // a runtime that could not start is no answer
  return check;
}

async function runChecked(session: Session): Promise<void> {
  const { graph } = session.quantizableModel;
  const constants = nonFiniteConstants(graph);
  const activations = nonFiniteActivations(session.calibration.activations);
  if (constants.length + activations.length === 0) return;
  const endsInNaN = poisoned(graph);
  const culprit = constants.find(({ tensor }) => endsInNaN.has(tensor));
  if (!culprit && !(await answersNaN(session, graph))) return;
  throw new RangefinderError({
    code: 'invalid-graph',
    message: 'The float model answers NaN in TensorFlow Lite: it has no score, nor has a file made of it.',
    where: (culprit ?? constants[0] ?? activations[0]).tensor,
    hint:
      constants.length > 0
        ? 'Take a checkpoint from before the training diverged, and export it again.'
        : 'Check what goes in: the range of the inputs, and roots, logarithms and divisions in the model.',
    details: [nonFiniteInWords(constants), nonFiniteInWords(activations, 'activation')].filter(
      (words) => words !== undefined,
    ),
  });
}

/** Constants that make NaN of what their op computes. */
function poisoned(graph: Graph): ReadonlySet<TensorId> {
  const found = new Set<TensorId>();
  for (const op of graph.ops) {
    const isWeighted = definitionOf(op).quant.kind === 'weighted';
    for (const id of op.inputs) {
      const { data } = id === null ? { data: undefined } : tensorOf(graph, id);
      if (!(data instanceof Float32Array) || op.kind === 'gather') continue;
      if (data.some((value) => Number.isNaN(value) || (isWeighted && !Number.isFinite(value)))) found.add(id!);
    }
  }
  return found;
}

/** Whether any output of the first samples holds NaN in LiteRT. */
async function answersNaN(session: Session, graph: Graph): Promise<boolean> {
  const { reader, split } = session.data;
  const positions = graph.outputs.map((_, i) => i);
  const runner = await FileRunner.load(session, writeTflite(graph), graph);
  try {
    for (const index of split.evaluation.subarray(0, TRIED))
      if (runner.run(await reader.read(index), positions).some((value) => Number.isNaN(value))) return true;
    return false;
  } finally {
    runner.dispose();
  }
}
