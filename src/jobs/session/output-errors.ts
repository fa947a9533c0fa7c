/** How far a quantized model's outputs are from float, part by part, where errors can be seen. */
import { producers, type Graph, type TensorId } from '../../core/graph/graph';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import type { JudgedOutputs, OutputPart } from '../../core/metrics/output-parts';
import { valuesOf } from '../../core/metrics/output-parts';
import { worstOf } from './output-figures';

interface Place {
  readonly part: OutputPart;
  /** Before a final softmax, which hides errors. */
  readonly telling: TensorId;
  readonly output: TensorId;
}

export function placesOf(graph: Graph, { tensors, parts }: JudgedOutputs): Place[] {
  const producerOf = producers(graph);
  return parts.map((part) => {
    const output = tensors[part.output];
    const last = producerOf.get(output);
    const telling = last?.kind === 'softmax' && !part.slice ? last.inputs[0]! : output;
    return { part, telling, output };
  });
}

/** Tensors that have to be computed for these places. */
export function placeTensors(places: readonly Place[]): TensorId[] {
  return [...new Set(places.flatMap(({ telling, output }) => [telling, output]))];
}

export class OutputErrors {
  private readonly errors: readonly { readonly told: ErrorAccumulator; readonly out: ErrorAccumulator }[];

  constructor(private readonly places: readonly Place[]) {
    this.errors = places.map(() => ({ told: new ErrorAccumulator(), out: new ErrorAccumulator() }));
  }

  /** Values of a batch, by tensor. */
  add(float: (id: TensorId) => Float32Array, quantized: (id: TensorId) => Float32Array, samples: number): void {
    this.places.forEach(({ part, telling, output }, i) => {
      const { told, out } = this.errors[i];
      const add = (errors: ErrorAccumulator, id: TensorId) => {
        const [expected, actual] = [float(id), quantized(id)];
        if (!part.slice) return errors.add(expected, actual);
        const size = expected.length / samples;
        for (let s = 0; s < samples; s++) {
          const own = (values: Float32Array) => valuesOf(part, values.subarray(s * size, (s + 1) * size));
          errors.add(own(expected), own(actual));
        }
      };
      add(out, output);
      if (telling !== output) add(told, telling);
    });
  }

  /** Of the worst part. @param tells where an error that is looked for can be seen; behind these places it is looked at where it ends */
  worstDb(tells: (telling: TensorId) => boolean = () => true): number {
    return worstOf(
      this.places.map(({ telling, output }, i) => {
        const { told, out } = this.errors[i];
        return (telling === output || !tells(telling) ? out : told).result();
      }),
    );
  }
}
