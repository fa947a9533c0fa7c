/** LSTM layers that stay one op, as LiteRT and its relatives have kernels for them. */
import { BATCH, type Graph, type TensorId } from './graph';
import type { LstmOptions, LstmWeights, OpSink, Recurrence } from './unroll';

/** The gates in the order of the op's inputs and of {@link LstmWeights}. */
const GATES = ['input', 'forget', 'candidate', 'output'] as const;

/** Whether a file of this graph keeps a state in variables from one run to the next. */
export function remembers(graph: Graph): boolean {
  return graph.ops.some(({ kind }) => kind === 'lstm');
}

/** Most of what an unrolled step becomes, for telling what unrolling costs. */
export const OPS_OF_A_STEP = 12;

/** What decides whether an LSTM can be one op; activations by name, because functions cannot be compared. */
export interface LstmTraits {
  readonly steps: number;
  readonly gate: string;
  readonly candidate: string;
  readonly output: string;
  /** Its first state is given, or its last one handed out. */
  readonly showsState: boolean;
}

/**
 * Why an LSTM has to be unrolled, to continue "it is unrolled, because"; undefined where one op computes it. A single step is not worth an
 * operator that remembers.
 */
export function whyUnrolled(
  { steps, gate, candidate, output, showsState }: LstmTraits,
  { peephole, norms, projection }: Partial<LstmWeights> = {},
  { coupled, inputClip }: Partial<LstmOptions> = {},
): string | undefined {
  if (steps < 2) return 'it has one step';
  if (gate !== 'sigmoid' || candidate !== 'tanh' || output !== 'tanh')
    return 'the operator computes sigmoid gates and tanh alone';
  if (showsState) return 'the operator neither takes a first state nor hands out the last one';
  if (peephole?.some((diagonal) => diagonal !== null) || norms || projection || coupled || inputClip)
    return 'it has peepholes, normalized or coupled gates, a projection or clipped gates';
  return undefined;
}

/** The op, and the reversals and slices around it. As {@link unrollLstm} with a state that starts at zero. */
export function addLstm(
  sink: OpSink,
  x: TensorId,
  { kernel, recurrent, bias, units }: LstmWeights,
  { cellClip = 0, reverse = false }: { cellClip?: number; reverse?: boolean } = {},
): Recurrence {
  const [batch, steps, width] = sink.shape(x) as [number, number, number];
  const part = (values: Float32Array, gate: number) =>
    values.slice((gate * values.length) / GATES.length, ((gate + 1) * values.length) / GATES.length);
  const constants = [
    ...GATES.map((gate, i) => sink.constant(`kernel_${gate}`, part(kernel, i), [units, width])),
    ...GATES.map((gate, i) => sink.constant(`recurrent_${gate}`, part(recurrent, i), [units, units])),
    ...GATES.map((gate, i) => sink.constant(`bias_${gate}`, bias ? part(bias, i) : new Float32Array(units), [units])),
  ];
  const turned = (sequence: TensorId) => (reverse ? sink.op('reverse', [sequence], { axes: [1] }) : sequence);
  const [computed] = sink.ops('lstm', [turned(x), ...constants], { cellClip }) as [TensorId, TensorId];
  return {
    sequence: (order) => (order === 'time' ? turned(computed) : computed),
    last: () => {
      const whole = batch === BATCH ? -1 : batch;
      return sink.op('stridedSlice', [computed], {
        begin: [0, steps - 1, 0],
        end: [whole, steps, units],
        strides: [1, 1, 1],
        shrinkAxes: [1],
      });
    },
  };
}
