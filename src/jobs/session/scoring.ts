/** Which metric a model and its data allow, and how it is kept while outputs stream by. */
import type { SampleSource } from '../../core/data/types';
import { elementCount, producers, tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { argmax, inTop } from '../../core/metrics/score';
import type { MetricName, Score } from '../contract/protocol';

const MAX_CLASSES = 10_000;

/**
 * Position of the output that a model is judged by: the first that ends in a softmax, else the first that is computed at
 * all. Models made for visualization hand out every layer, beginning with the input itself.
 */
export function scoredOutput(graph: Graph): number {
  const kinds = producers(graph);
  const softmax = graph.outputs.findIndex((id) => kinds.get(id)?.kind === 'softmax');
  return softmax >= 0
    ? softmax
    : Math.max(
        0,
        graph.outputs.findIndex((id) => kinds.has(id)),
      );
}

/** The tensor that a model is judged by. */
export function scoredTensor(graph: Graph): TensorId {
  return graph.outputs[scoredOutput(graph)];
}

/** The tensor whose error tells most of a model: what goes into its last softmax, which hides errors, else its output. */
export function logitsTensor(graph: Graph): TensorId {
  const output = scoredTensor(graph);
  const last = producers(graph).get(output);
  return last?.kind === 'softmax' ? last.inputs[0]! : output;
}

/** Elements of the output that a model is judged by, for one sample. */
export function outputSize(graph: Graph): number {
  return elementCount(tensorOf(graph, scoredTensor(graph)).shape);
}

function looksLikeClasses(graph: Graph): boolean {
  const output = tensorOf(graph, scoredTensor(graph));
  const size = outputSize(graph);
  if (producers(graph).get(output.id)?.kind === 'softmax') return true;
  const input = tensorOf(graph, graph.inputs[0]);
  return output.shape.length === 2 && size > 1 && size <= MAX_CLASSES && elementCount(input.shape) !== size;
}

/** How many classes that output tells apart; undefined where it is no classification. */
export function classCount(graph: Graph): number | undefined {
  return looksLikeClasses(graph) ? outputSize(graph) : undefined;
}

/** Labels when they fit the output, else targets, else agreement with the float model, else its SQNR. */
export function chooseMetric(graph: Graph, source: SampleSource): MetricName {
  const size = outputSize(graph);
  if (source.labels && size <= MAX_CLASSES) {
    const largest = source.labels.reduce((max, label) => Math.max(max, label), 0);
    if (largest < Math.max(2, size)) return 'top1';
  }
  if (source.targets && elementCount(source.targets.shape) === size) return 'mse';
  return looksLikeClasses(graph) ? 'agreement' : 'sqnr';
}

/** The class an output names; a single output is a probability. */
export function predicted(output: Float32Array): number {
  return output.length === 1 ? Number(output[0] > 0.5) : argmax(output);
}

/** Keeps one score over a stream of outputs. */
export class ScoreKeeper {
  private samples = 0;
  private hits = 0;
  private topFive = 0;
  private squares = 0;
  private readonly errors = new ErrorAccumulator();
  private hasTopFive = false;

  constructor(
    readonly metric: MetricName,
    private readonly source: SampleSource,
  ) {}

  /** `float` is the float model's output for the same sample; the float model itself is scored with both the same. */
  add(index: number, output: Float32Array, float: Float32Array): void {
    this.samples++;
    if (this.metric === 'top1') {
      const label = this.source.labels![index];
      this.hits += Number(predicted(output) === label);
      this.hasTopFive = output.length > 5;
      if (this.hasTopFive) this.topFive += Number(inTop(output, label, 5));
    } else if (this.metric === 'agreement') {
      this.hits += Number(predicted(output) === predicted(float));
    } else if (this.metric === 'mse') {
      const row = output.length;
      const target = this.source.targets!.values.subarray(index * row, (index + 1) * row);
      let sum = 0;
      for (let i = 0; i < row; i++) sum += (output[i] - target[i]) ** 2;
      this.squares += sum / row;
    } else {
      this.errors.add(float, output);
    }
  }

  score(): Score {
    const { metric, samples } = this;
    const n = Math.max(1, samples);
    if (metric === 'mse') return { metric, value: this.squares / n, samples };
    if (metric === 'sqnr') return { metric, value: this.errors.result().sqnrDb, samples };
    return { metric, value: this.hits / n, samples, ...(this.hasTopFive && { top5: this.topFive / n }) };
  }
}
