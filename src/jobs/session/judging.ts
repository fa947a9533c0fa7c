/** What the open model is judged by on the open data: guessed once, from the float model's answers to a few samples. */
import { modelInputShape } from '../../core/data/model-input';
import type { SampleSource } from '../../core/data/types';
import type { Answers } from '../../core/metrics/guess-context';
import { judgementOf, type Judgement } from '../../core/metrics/guess-task';
import { joinRows, judgedOutputs } from '../../core/metrics/output-parts';
import { taskOf } from '../../core/metrics/tasks';
import { RangefinderError } from '../../base/errors';
import type { Graph, TensorId } from '../../core/graph/graph';
import type { Batch, EngineTensor } from '../../engine/types';
import type { TaskView } from '../contract/judgement-protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { scoredTensor } from './scoring';
import type { Session } from './session';

/** Enough to tell probabilities from logits. */
const PROBES = 8;

export async function judge(session: Session): Promise<Judgement> {
  const known = session.judgement;
  if (known) return known;
  const { graph } = session.computableModel;
  const { source, task, view } = session.data;
  const outputs = judgedOutputs(graph, scoredTensor(graph));
  const judgement = judgementOf(
    {
      outputs,
      probes: await probe(session, outputs.tensors),
      inputShape: modelInputShape(graph),
      answers: answersOf(source),
      isNoise: view.kind === 'random',
    },
    task,
  );
  session.judgement = judgement;
  return judgement;
}

function answersOf({ labels, targets, byOutput, classNames, masks, boxes }: SampleSource): Answers {
  return {
    ...(labels && { labels }),
    ...(targets && { targets }),
    ...(byOutput && { byOutput }),
    ...(classNames && { classNames }),
    ...(masks && { masks }),
    ...(boxes && { boxes }),
  };
}

/** Rows of the float model; none where it cannot be run on these samples, which whoever needs to will say better. */
async function probe(session: Session, tensors: readonly TensorId[]): Promise<Float32Array[]> {
  const { view, graph } = session.computableModel;
  if (view.alreadyQuantized) return [];
  const { split, reader } = session.data;
  const indices = split.calibration.subarray(0, PROBES);
  try {
    const engine = await session.float();
    const rows: Float32Array[] = [];
    for (const part of chunks(indices, batchSizeFor(graph))) {
      const values = rowsOf(await engine.run(await readBatch(reader, graph, part), tensors), tensors, part.length);
      rows.push(...rowsApart(values, part.length));
    }
    return rows;
  } catch (thrown) {
    if (thrown instanceof RangefinderError) return [];
    throw thrown;
  }
}

/** The judged outputs of a batch, row by row. */
export function rowsOf(
  results: ReadonlyMap<TensorId, EngineTensor>,
  tensors: readonly TensorId[],
  samples: number,
): Float32Array {
  return joinRows(
    tensors.map((id) => results.get(id)!.data as Float32Array),
    samples,
  );
}

export function rowsApart(rows: Float32Array, samples: number): Float32Array[] {
  const size = rows.length / samples;
  return Array.from({ length: samples }, (_, i) => rows.subarray(i * size, (i + 1) * size));
}

/** What went in for one sample of a batch, several inputs end to end. */
export function inputRow({ inputs, size }: Batch, { inputs: ids }: Graph, sample: number): Float32Array {
  const parts = ids.map((id) => {
    const values = inputs.get(id)!;
    const width = values.length / size;
    return values.subarray(sample * width, (sample + 1) * width);
  });
  return parts.length === 1 ? parts[0] : Float32Array.from(parts.flatMap((part) => [...part]));
}

export function taskView({ main, metric, inWords }: Judgement): TaskView {
  return { id: main.task, metric, metrics: taskOf(main.task).metrics(main.judged), inWords };
}
