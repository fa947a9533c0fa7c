/** The plainest plan, for tests that need some plan and no policy: extremes of a few samples, as the runtime computes them. */
import { writeTflite } from '../../core/model-formats/tflite/write';
import { tensorOf, type Graph, type QuantParams, type TensorId } from '../../core/graph/graph';
import { definitionOf } from '../../core/graph/ops/table';
import { chooseQuantParams } from '../../core/numerics/affine';
import { INT8_ACTIVATION, INT8_WEIGHT } from '../../core/number-formats/format';
import type { ActivationPlan, KeptFloat, QuantPlan, WeightPlan } from '../../core/quantize/plan';
import type { Range } from '../../core/calibration/types';
import type { LiteRt } from '../../engine/litert/runtime';

/** Values of every activation of a float graph in the real runtime, one sample (the graph's inputs in order). */
export function runFloat(runtime: LiteRt, graph: Graph, samples: readonly Float32Array[][]) {
  const computed = graph.ops.flatMap((op) => op.outputs);
  const ids = [...new Set([...graph.outputs, ...computed])];
  const model = runtime.load(writeTflite(graph, { exposeTensors: computed }));
  try {
    return samples.map((inputs) => {
      const outputs = model.run(inputs) as Float32Array[];
      const values = new Map<TensorId, Float32Array>(graph.inputs.map((id, i) => [id, inputs[i]]));
      ids.forEach((id, i) => values.set(id, outputs[i]));
      return values;
    });
  } finally {
    model.dispose();
  }
}

function rangeOf(arrays: Iterable<ArrayLike<number>>): Range {
  let [min, max] = [0, 0];
  for (const values of arrays)
    for (let i = 0; i < values.length; i++) [min, max] = [Math.min(min, values[i]), Math.max(max, values[i])];
  return { min, max };
}

function params(range: Range): QuantParams {
  const { scale, zeroPoint } = chooseQuantParams(range, INT8_ACTIVATION);
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), quantizedDimension: 0 };
}

/** Same-scale ops take over their first input's parameters, besides concat, whose inputs are left to be requantized. */
export function minMaxPlan(
  graph: Graph,
  runs: readonly ReadonlyMap<TensorId, Float32Array>[],
  keepFloat: readonly string[] = [],
): QuantPlan {
  const activations: Record<TensorId, ActivationPlan> = {};
  const weights: Record<TensorId, WeightPlan> = {};
  const keptFloat: KeptFloat[] = keepFloat.map((op) => ({ op, reason: 'test' }));
  const measure = (id: TensorId): ActivationPlan => {
    const range = rangeOf(runs.map((run) => run.get(id)!));
    return { tensor: id, range, params: params(range), origin: 'estimated' };
  };
  for (const id of graph.inputs) activations[id] = measure(id);
  for (const op of graph.ops) {
    const rule = definitionOf(op).quant;
    for (const id of op.outputs) {
      const first = activations[op.inputs[0]!];
      if (rule.kind === 'same-scale' && op.kind !== 'concat' && first)
        activations[id] = { ...first, tensor: id, origin: 'shared', sharedWith: first.tensor };
      else activations[id] = measure(id);
      if (rule.kind === 'fixed-output')
        activations[id] = {
          ...activations[id],
          origin: 'fixed',
          params: {
            scale: Float32Array.of(rule.scale),
            zeroPoint: Int32Array.of(rule.zeroPoint),
            quantizedDimension: 0,
          },
        };
    }
    if (rule.kind === 'weighted') {
      const id = op.inputs[rule.weightInput]!;
      weights[id] = perChannel(
        id,
        op.id,
        tensorOf(graph, id).data as Float32Array,
        tensorOf(graph, id).shape,
        rule.axis,
      );
    }
  }
  return { activations, weights, keptFloat, notes: [] };
}

function perChannel(
  tensor: TensorId,
  op: string,
  data: Float32Array,
  shape: readonly number[],
  axis: number,
): WeightPlan {
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const ranges = Array.from({ length: shape[axis] }, (_, c) =>
    rangeOf([data.filter((_value, i) => Math.floor(i / inner) % shape[axis] === c)]),
  );
  const scale = Float32Array.from(ranges, (range) => chooseQuantParams(range, INT8_WEIGHT).scale);
  const quant = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: axis };
  return { tensor, op, ranges, params: quant, origin: 'estimated' };
}
