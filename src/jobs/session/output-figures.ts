/** Figures of every output, of every part of one and of every column of a small one, over a stream of rows. */
import { collectorOf, taskOf } from '../../core/metrics/tasks';
import type { Collector } from '../../core/metrics/collector';
import { ErrorAccumulator, worstOf } from '../../core/metrics/error-accumulator';
import type { Judgement, PartTask } from '../../core/metrics/guess-task';
import { splitRow, valuesOf } from '../../core/metrics/output-parts';
import { intervalOf } from '../../core/metrics/sureness';
import type { MetricName } from '../../core/metrics/table';
import type { OutputFigures } from '../contract/judgement-protocol';

/** Columns that are told one by one. */
const MOST_COLUMNS = 16;

interface Row {
  readonly task: PartTask;
  readonly column?: number;
  readonly metric: MetricName;
  readonly errors: ErrorAccumulator;
  readonly float: Collector;
  readonly quantized: Collector;
}

export class OutputFiguresKeeper {
  private readonly rows: readonly Row[];
  private samples = 0;

  constructor(private readonly judgement: Judgement) {
    this.rows = judgement.parts.flatMap((task): Row[] => [
      rowOf(task, taskOf(task.task).metrics(task.judged)[0]),
      ...columnsOf(task).map((column) => rowOf(task, task.truthOf ? 'r2' : 'sqnr', column)),
    ]);
  }

  add(index: number, row: Float32Array, float: Float32Array, input?: Float32Array): void {
    const { outputs } = this.judgement;
    this.samples++;
    const [mine, other] = [splitRow(outputs, row), splitRow(outputs, float)];
    for (const { task, column, errors, ...collectors } of this.rows) {
      const whole = [mine, other].map((values) => valuesOf(task.part, values[task.part.output]));
      const [values, reference] = column === undefined ? whole : whole.map((all) => all.subarray(column, column + 1));
      errors.add(reference, values);
      const all = task.truthOf?.(index);
      const truth = column === undefined || !all ? all : [(all as ArrayLike<number>)[column]];
      const seen = { values, float: reference, ...(truth && { truth }), ...(input && { input }) };
      collectors.quantized.add(seen);
      collectors.float.add({ ...seen, values: reference });
    }
  }

  /** Intervals take a moment for what is no share of samples. */
  result(withIntervals = false): OutputFigures[] {
    return this.rows.map(({ task, column, metric, errors, float, quantized }) => {
      const { sqnrDb, cosine, rmse, maxError } = errors.result();
      const { name, output, slice } = task.part;
      const sure = (collector: Collector) => (withIntervals ? intervalOf(collector, this.samples) : undefined);
      const [ofFloat, ofQuantized] = [sure(float), sure(quantized)];
      return {
        name: column === undefined ? name : `${name}[${column}]`,
        output,
        ...(slice && { slice }),
        ...(column !== undefined && { column }),
        task: task.task,
        metric,
        n: this.samples,
        float: float.value(),
        quantized: quantized.value(),
        interval: { ...(ofFloat && { float: ofFloat }), ...(ofQuantized && { quantized: ofQuantized }) },
        sqnrDb,
        cosine,
        rmse,
        maxError,
      };
    });
  }

  /** Decibels of the worst part that has any signal, or of the worst column that has a target; one figure over all would hide these. */
  worstDb(): number {
    return worstOf(
      this.rows
        .filter(({ column, task }) => column === undefined || task.truthOf)
        .map(({ errors }) => errors.result().sqnrDb),
    );
  }
}

function rowOf(task: PartTask, metric: MetricName, column?: number): Row {
  const judged = column === undefined ? task.judged : { ...task.judged, size: 1 };
  return {
    task,
    ...(column !== undefined && { column }),
    metric,
    errors: new ErrorAccumulator(),
    float: collectorOf(metric, judged),
    quantized: collectorOf(metric, judged),
  };
}

/** Columns that are told one by one: of small records of values. */
export function columnsOf({ task, part, judged }: PartTask): number[] {
  const isVector = part.shape.filter((d) => d > 1).length === 1;
  const areValues = (task === 'regression' || task === 'fidelity') && part.ending === 'linear';
  return areValues && isVector && judged.size <= MOST_COLUMNS ? Array.from({ length: judged.size }, (_, c) => c) : [];
}
