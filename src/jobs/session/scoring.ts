/** The output a model is judged by, and how its scores are kept while outputs stream by. */
import { elementCount, producers, tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { answersOf, confidenceOf } from '../../core/metrics/answers';
import type { Collector } from '../../core/metrics/collector';
import { floatDoubt } from '../../core/metrics/float-doubt';
import type { Judgement } from '../../core/metrics/guess-task';
import type { Difference, Interval } from '../../core/metrics/interval';
import { splitRow, valuesOf } from '../../core/metrics/output-parts';
import { differenceOf, intervalOf } from '../../core/metrics/sureness';
import type { MetricName } from '../../core/metrics/table';
import { collectorOf, taskOf } from '../../core/metrics/tasks';
import type { Flip, Flips, Score } from '../contract/judgement-protocol';

const MAX_CLASSES = 10_000;
/** Flipped samples that are named one by one. */
const MOST_NAMED = 500;
/** Classes that a table of all against all is still read of. */
const MOST_SHOWN_CLASSES = 40;

/**
 * Position of the output that a model is judged by where only one is looked at: the first that ends in a softmax, else the
 * first that is computed at all. Models made for visualization hand out every layer, beginning with the input itself.
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

/** The tensor that a model is judged by where only one is looked at. */
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

/** How many classes that output tells apart; undefined where it is no classification. */
export function classCount(graph: Graph): number | undefined {
  const output = tensorOf(graph, scoredTensor(graph));
  const size = outputSize(graph);
  if (producers(graph).get(output.id)?.kind === 'softmax') return size;
  const input = tensorOf(graph, graph.inputs[0]);
  const isVector = output.shape.length === 2 && size > 1 && size <= MAX_CLASSES;
  return isVector && elementCount(input.shape) !== size ? size : undefined;
}

/** Keeps the score of the task over a stream of rows of outputs. */
export class ScoreKeeper {
  private readonly collectors: ReadonlyMap<MetricName, Collector>;
  private samples = 0;

  /** @param all every figure of the task, not the headline alone */
  constructor(
    private readonly judgement: Judgement,
    all = false,
  ) {
    const { main, metric } = judgement;
    const others = all ? taskOf(main.task).metrics(main.judged) : [];
    const names = [...new Set([metric, ...others])];
    this.collectors = new Map(names.map((name) => [name, collectorOf(name, main.judged)]));
  }

  /** `float` is the float model's row for the same sample; the float model itself is scored with both the same. */
  add(index: number, row: Float32Array, float: Float32Array, input?: Float32Array): void {
    const { main, outputs } = this.judgement;
    const own = (values: Float32Array) =>
      main.byRow ? values : valuesOf(main.part, splitRow(outputs, values)[main.part.output]);
    const seen = {
      values: own(row),
      float: row === float ? own(row) : own(float),
      ...(main.truthOf && { truth: main.truthOf(index) }),
      ...(input && { input }),
    };
    for (const collector of this.collectors.values()) collector.add(seen);
    this.samples++;
  }

  /** Intervals take a moment for what is no share of samples. */
  score(withIntervals = false): Score {
    const { metric } = this.judgement;
    const figures = new Map([...this.collectors].map(([name, collector]) => [name, collector.value()]));
    const top5 = figures.get('top5');
    return {
      metric,
      value: this.samples === 0 ? 0 : figures.get(metric)!,
      samples: this.samples,
      ...(top5 !== undefined && { top5 }),
      ...(withIntervals && { ...this.intervals(), figures: Object.fromEntries(figures) }),
    };
  }

  private intervals(): Pick<Score, 'interval' | 'intervals'> {
    const known = new Map<MetricName, Interval>();
    for (const [name, collector] of this.collectors) {
      const interval = intervalOf(collector, this.samples);
      if (interval) known.set(name, interval);
    }
    const interval = known.get(this.judgement.metric);
    return { ...(interval && { interval }), intervals: Object.fromEntries(known) };
  }

  /** This one's score minus the other's, of the same samples. */
  since(before: ScoreKeeper): Difference {
    const { metric } = this.judgement;
    return differenceOf(this.collectors.get(metric)!, before.collectors.get(metric)!, this.samples);
  }
}

/** Which samples changed their answer, and for whom it matters. */
export class FlipKeeper {
  private readonly named: Flip[] = [];
  private changed = 0;
  private wrongNow = 0;
  private fixed = 0;
  private samples = 0;
  private floatRight = 0;
  private floatConfidence = 0;
  private readonly confusion: {
    readonly classes: number;
    readonly float: number[];
    readonly quantized: number[];
  } | null;

  constructor(private readonly judgement: Judgement) {
    const classes = Math.max(2, judgement.main.judged.reading.classes);
    const isShown = judgement.main.truthOf !== undefined && classes <= MOST_SHOWN_CLASSES;
    const none = () => new Array<number>(classes * classes).fill(0);
    this.confusion = isShown ? { classes, float: none(), quantized: none() } : null;
  }

  add(index: number, row: Float32Array, float: Float32Array): void {
    const { main, outputs } = this.judgement;
    if (taskOf(main.task).answers !== 'sample') return;
    this.samples++;
    const { reading } = main.judged;
    const [mine, other] = [row, float].map((values) => {
      const own = valuesOf(main.part, splitRow(outputs, values)[main.part.output]);
      return { answer: answersOf(own, reading)[0], confidence: confidenceOf(own, reading) };
    });
    const label = (main.truthOf?.(index) as ArrayLike<number> | undefined)?.[0];
    this.floatRight += Number(other.answer === label);
    this.floatConfidence += other.confidence;
    this.count(label, other.answer, mine.answer);
    if (mine.answer === other.answer) return;
    this.changed++;
    if (label !== undefined) {
      this.wrongNow += Number(other.answer === label);
      this.fixed += Number(mine.answer === label);
    }
    if (this.named.length < MOST_NAMED)
      this.named.push({ sample: index, ...(label !== undefined && { label }), float: other, quantized: mine });
  }

  /** An answer of NaN is none of the classes. */
  private count(label: number | undefined, float: number, quantized: number): void {
    const { confusion } = this;
    if (!confusion || label === undefined || !(label >= 0 && label < confusion.classes)) return;
    const row = label * confusion.classes;
    if (float < confusion.classes) confusion.float[row + float]++;
    if (quantized < confusion.classes) confusion.quantized[row + quantized]++;
  }

  /** What is odd about the float model's own answers, for people; null where nothing is, or nothing can tell. */
  floatDoubt(): string | null {
    const { samples, judgement } = this;
    if (samples === 0 || !judgement.main.truthOf || judgement.main.task !== 'classification') return null;
    return floatDoubt({
      samples,
      accuracy: this.floatRight / samples,
      confidence: this.floatConfidence / samples,
      classes: judgement.main.judged.reading.classes,
    });
  }

  /** null for tasks whose samples have no single answer. */
  result(): Flips | null {
    const { changed, wrongNow, fixed, named, samples, judgement, confusion } = this;
    if (taskOf(judgement.main.task).answers !== 'sample') return null;
    return {
      n: samples,
      changed,
      ...(judgement.main.truthOf && { wrongNow, fixed }),
      samples: named,
      ...(confusion && { confusion }),
    };
  }
}
