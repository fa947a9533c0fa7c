import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat, type FloatFormat, type IntFormat } from '../numerics/format';
import type { QuantPlan } from '../quantize/plan';
import type { FormatOf } from './model-cost';

export const FLOAT32: FloatFormat = {
  kind: 'float',
  exponentBits: 8,
  mantissaBits: 23,
  bias: 127,
  specials: 'ieee',
  scaled: false,
  symmetric: true,
};

export const INT32: IntFormat = { kind: 'int', bits: 32, symmetric: true, narrow: false };

/** What a plan's file stores: planned tensors as integers, biases in int32, the rest in float32. */
export function formatsOfPlan(graph: Graph, plan: QuantPlan): FormatOf {
  const keptFloat = new Set(plan.keptFloat.map(({ op }) => op));
  const formats = new Map<TensorId, AnyFormat>();
  for (const op of graph.ops) {
    if (keptFloat.has(op.id)) continue;
    for (const id of op.inputs) {
      if (id === null || !tensorOf(graph, id).data) continue;
      // A bias goes with planned weights; other constants are operands and are quantized as activations are.
      const besideWeights = op.inputs.some((other) => other !== null && other !== id && other in plan.weights);
      formats.set(id, id in plan.weights ? INT8_WEIGHT : besideWeights ? INT32 : INT8_ACTIVATION);
    }
  }
  for (const id of Object.keys(plan.activations)) formats.set(id, INT8_ACTIVATION);
  return (id) => formats.get(id) ?? FLOAT32;
}

/** The same format for all weights and for all activations; biases in int32 beside integers, else in float32. */
export function uniformFormats(graph: Graph, weights: AnyFormat, activations: AnyFormat): FormatOf {
  const bias = weights.kind === 'int' && activations.kind === 'int' ? INT32 : FLOAT32;
  return (id) => {
    const { data, shape } = tensorOf(graph, id);
    if (!data) return activations;
    return shape.length > 1 ? weights : bias;
  };
}
