/** One small graph for each op kind a file can hold, float and, where there is a kernel, int8. For tests. */
import { GraphBuilder } from '../../graph/build';
import type { Graph, QuantParams, Shape, TensorId } from '../../graph/graph';
import type { OpKind } from '../../graph/ops/attrs';
import { VARIANTS, type Variant } from './sample-variants';

interface Sample {
  readonly name: string;
  readonly float: Graph;
  readonly int8?: Graph;
}

export function sampleGraphs(): Sample[] {
  return VARIANTS.map((variant, i) => {
    const name = `${variant.kind}_${i}`;
    return {
      name,
      float: build(name, variant, false),
      ...(!variant.floatOnly && { int8: build(name, variant, true) }),
    };
  });
}

const INPUT: readonly [number, number] = [0.03, 5];
const OUTPUT: readonly [number, number] = [0.05, -7];

function build(name: string, variant: Variant<OpKind>, int8: boolean): Graph {
  const builder = new GraphBuilder(name);
  const x = int8
    ? builder.input('x', variant.input, 'int8', params(...INPUT))
    : builder.input('x', variant.input, 'float32');
  const weighted = variant.filterAxis !== undefined;
  const constants = (variant.constants ?? []).map((shape, i) =>
    weighted
      ? weights(builder, i, shape, variant.filterAxis, int8)
      : operand(builder, shape, int8, variant.alike ? INPUT : [0.01, 0]),
  );
  if (variant.indices)
    constants.push(builder.constant('indices', Int32Array.from(variant.indices), [variant.indices.length]));
  if (variant.tuples)
    constants.push(
      builder.constant('indices', Int32Array.from(variant.tuples.flat()), [
        variant.tuples.length,
        variant.tuples[0].length,
      ]),
    );
  const inputs: (TensorId | null)[] = variant.kind === 'concat' || variant.kind === 'pack' ? [x, x] : [x, ...constants];
  if (weighted && inputs.length === 2) inputs.push(null);
  const wanted = variant.output ?? OUTPUT;
  const output = wanted === 'same' ? INPUT : wanted;
  const outputs = builder.op(variant.kind, name, inputs, variant.attrs, {
    ...(variant.activation && { activation: variant.activation }),
    ...(int8 && output !== 'positions' && { dtype: 'int8', quant: params(...output) }),
  });
  return builder.build(outputs);
}

function params(scale: number, zeroPoint: number): QuantParams {
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}

/** Values between −1 and 1 that repeat late enough to tell a wrong layout. */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(1 + 0.7 * i));
}

function operand(
  builder: GraphBuilder,
  shape: Shape,
  int8: boolean,
  [scale, zeroPoint]: readonly [number, number],
): TensorId {
  const values = wave(size(shape));
  if (!int8) return builder.constant('operand', values, shape);
  return builder.constant(
    'operand',
    Int8Array.from(values, (v) => Math.round(v * 100)),
    shape,
    { quant: params(scale, zeroPoint) },
  );
}

/** Filters with one scale per channel, biases in the product of the scales. */
function weights(builder: GraphBuilder, position: number, shape: Shape, axis: number, int8: boolean): TensorId {
  const values = wave(size(shape));
  const name = position === 0 ? 'filter' : 'bias';
  if (!int8) return builder.constant(name, values, shape);
  const isFilter = position === 0;
  const channels = shape[isFilter ? axis : 0];
  const scale = Float32Array.from({ length: channels }, (_, i) => (0.008 + 0.001 * i) * (isFilter ? 1 : INPUT[0]));
  const inner = isFilter ? shape.slice(axis + 1).reduce((n, d) => n * d, 1) : 1;
  const quantized = values.map((v, i) => Math.round(v / scale[Math.floor(i / inner) % channels]));
  const stored = isFilter ? Int8Array.from(quantized) : Int32Array.from(quantized);
  const quant = { scale, zeroPoint: new Int32Array(channels), quantizedDimension: isFilter ? axis : 0 };
  return builder.constant(name, stored, shape, { quant });
}

function size(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1);
}
