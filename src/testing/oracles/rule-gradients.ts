/** Random graphs of one op each, and their gradients on the backend that is set: what holds gradient rules to account. */
import { tensor } from '@tensorflow/tfjs-core';
import { Random } from '../../base/random';
import { elementCount, tensorOf, withBatch, type Graph, type TensorId } from '../../core/graph/graph';
import type { OpKind } from '../../core/graph/ops/attrs';
import { RULES } from '../../engine/tfjs/gradients/rules/table';
import { BackendScope } from '../../engine/tfjs/backend-scope';
import { Readback } from '../../engine/tfjs/readback';
import { Network } from '../../engine/tfjs/training/network';
import { TrainedConstants } from '../../engine/tfjs/training/trained-constants';
import { Draw } from '../builders/draw';
import { RANDOM_OPS } from '../builders/random-ops';

const UNQUANTIZED = { activations: {}, weights: {}, keptFloat: [], notes: [] };

/** Kinds that have a rule and something to differentiate. */
export const RULE_KINDS = (Object.keys(RULES) as OpKind[]).filter(
  (kind) => kind !== 'quantize' && kind !== 'dequantize',
);

export interface RuleCase {
  readonly graph: Graph;
  readonly size: number;
  readonly inputs: Map<TensorId, Float32Array>;
  /** Weights of the outputs in the loss Σ weight · output. */
  readonly weights: Map<TensorId, Float32Array>;
}

export function drawnCase(kind: OpKind, round: number): RuleCase {
  const draw = new Draw(new Random(round, kind.length + 100), 'wasm');
  RANDOM_OPS[kind](draw);
  const graph = draw.builder.build(draw.outputs);
  const size = draw.int(1, 3);
  const values = (id: TensorId) => draw.values(elementCount(tensorOf(graph, id).shape, size));
  return {
    graph,
    size,
    inputs: new Map(graph.inputs.map((id) => [id, values(id)])),
    weights: new Map(graph.outputs.map((id) => [id, values(id)])),
  };
}

/** Gradients of the graph's inputs, and of its weights and biases. */
export async function ruleGradients(
  { graph, inputs, size, weights }: RuleCase,
  scope = BackendScope.current(),
): Promise<Map<TensorId, Float32Array>> {
  const readback = new Readback();
  const [constants, answers] = scope.run(() => {
    const none = () => null;
    const made = new TrainedConstants(graph, UNQUANTIZED, none, none);
    made.upload();
    const network = new Network(graph, graph.outputs, made, () => undefined, graph.inputs);
    const seeds = new Map(
      [...weights].map(([id, w]) => [id, tensor(w, withBatch(tensorOf(graph, id).shape, size), 'float32')]),
    );
    return [made, network.backward(network.forward({ size, inputs }, readback), seeds, readback)] as const;
  });
  await scope.run(() => readback.flush());
  const result = new Map<TensorId, Float32Array>();
  for (const [id, gradient] of answers) {
    result.set(id, (await scope.read(gradient)).slice());
    gradient.dispose();
  }
  for (const [id, { parameter }] of constants.trained) result.set(id, parameter.gradient);
  constants.dispose();
  return result;
}
