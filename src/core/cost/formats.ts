import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import {
  INT8_ACTIVATION,
  INT8_WEIGHT,
  type AnyFormat,
  type FloatFormat,
  type IntFormat,
} from '../number-formats/format';
import { storedWeightFormat } from '../quantize/format-choice';
import type { QuantPlan, WeightPlan } from '../quantize/plan';
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
      const own = lookup(plan.weights, id);
      const weights = op.inputs.map((other) => lookup(plan.weights, other)).find((planned) => planned !== undefined);
      if (own) formats.set(id, storedFormat(own));
      else if (!weights) formats.set(id, INT8_ACTIVATION);
      else if (storedWeightFormat(weights)) formats.set(id, INT32);
    }
  }
  for (const { tensor, format } of Object.values(plan.activations)) formats.set(tensor, format ?? INT8_ACTIVATION);
  return (id) => formats.get(id) ?? FLOAT32;
}

/** Bytes of a scale that weights share in blocks: a float16, as quantized language models have it (GGML's Q4_0). */
export const BLOCK_SCALE_BYTES = 2;

/** A grid whose scale each block of weights chooses counts as a block format does. */
function storedFormat({ format = INT8_WEIGHT, block }: WeightPlan): AnyFormat {
  if (block === undefined || format.kind === 'block') return format;
  return { kind: 'block', size: block, element: format, unit: 1, largestExponent: 0, scaleBytes: BLOCK_SCALE_BYTES };
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
