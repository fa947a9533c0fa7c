/** How far a quantized model's outputs are from float, part by part and, where each has a target, column by column, where errors can be seen. */
import { producers, type Graph, type TensorId } from '../../core/graph/graph';
import { ErrorAccumulator, worstOf } from '../../core/metrics/error-accumulator';
import type { Judgement } from '../../core/metrics/guess-task';
import type { OutputPart } from '../../core/metrics/output-parts';
import { valuesOf } from '../../core/metrics/output-parts';
import { columnsOf } from './output-figures';

interface Place {
  readonly part: OutputPart;
  /** Values of a sample that are told apart, because each has a target of its own; 1 where all are one figure. */
  readonly columns: number;
  /** Before a final softmax, which hides errors. */
  readonly telling: TensorId;
  readonly output: TensorId;
}

export function placesOf(graph: Graph, { outputs: { tensors }, parts }: Judgement): Place[] {
  const producerOf = producers(graph);
  return parts.map((task) => {
    const { part } = task;
    const output = tensors[part.output];
    const last = producerOf.get(output);
    const telling = last?.kind === 'softmax' && !part.slice ? last.inputs[0]! : output;
    return { part, columns: task.truthOf ? Math.max(1, columnsOf(task).length) : 1, telling, output };
  });
}

/** Tensors that have to be computed for these places. */
export function placeTensors(places: readonly Place[]): TensorId[] {
  return [...new Set(places.flatMap(({ telling, output }) => [telling, output]))];
}

export class OutputErrors {
  private readonly errors: readonly { readonly told: ErrorAccumulator; readonly out: readonly ErrorAccumulator[] }[];

  constructor(private readonly places: readonly Place[]) {
    this.errors = places.map(({ columns }) => ({
      told: new ErrorAccumulator(),
      out: Array.from({ length: columns }, () => new ErrorAccumulator()),
    }));
  }

  /** Values of a batch, by tensor. */
  add(float: (id: TensorId) => Float32Array, quantized: (id: TensorId) => Float32Array, samples: number): void {
    this.places.forEach(({ part, telling, output }, i) => {
      const { told, out } = this.errors[i];
      const add = (errors: readonly ErrorAccumulator[], id: TensorId) => {
        const [expected, actual] = [float(id), quantized(id)];
        if (!part.slice && errors.length === 1) return errors[0].add(expected, actual);
        const size = expected.length / samples;
        for (let s = 0; s < samples; s++) {
          const own = (values: Float32Array) => valuesOf(part, values.subarray(s * size, (s + 1) * size));
          const [exact, rounded] = [own(expected), own(actual)];
          if (errors.length === 1) errors[0].add(exact, rounded);
          else errors.forEach((one, c) => one.add(exact.subarray(c, c + 1), rounded.subarray(c, c + 1)));
        }
      };
      add(out, output);
      if (telling !== output) add([told], telling);
    });
  }

  /** Of the worst part. @param tells where an error that is looked for can be seen; behind these places it is looked at where it ends */
  worstDb(tells: (telling: TensorId) => boolean = () => true): number {
    return worstOf(
      this.places.flatMap(({ telling, output }, i) => {
        const { told, out } = this.errors[i];
        return (telling === output || !tells(telling) ? out : [told]).map((errors) => errors.result().sqnrDb);
      }),
    );
  }
}
