import { memory, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../core/data/random';
import { elementCount, tensorOf, withBatch, type Graph, type TensorId } from '../../../../core/graph/graph';
import type { OpKind } from '../../../../core/graph/ops/attrs';
import { runNaive } from '../../../../testing/naive-float';
import { Draw } from '../../../../testing/draw';
import { RANDOM_OPS } from '../../../../testing/random-ops';
import { initBackend } from '../../backend';
import { nodeHost } from '../../node-host';
import { Network } from '../../training/network';
import { TrainedConstants } from '../../training/trained-constants';
import { RULES } from './table';

const ROUNDS = 16;
/** Values looked at in each array. */
const PROBES = 4;
const STEP = 2 ** -7;
const UNQUANTIZED = { activations: {}, weights: {}, keptFloat: [], notes: [] };

interface Case {
  readonly graph: Graph;
  readonly size: number;
  readonly inputs: Map<TensorId, Float32Array>;
  /** Weights of the outputs in the loss Σ weight · output. */
  readonly weights: Map<TensorId, Float32Array>;
}

function drawn(kind: OpKind, round: number): Case {
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

/** By the naive interpreter, in float64 from its outputs on. */
function loss({ graph, inputs, size, weights }: Case): number {
  const outputs = runNaive(graph, inputs, size);
  let sum = 0;
  for (const [id, weight] of weights) {
    const values = outputs.get(id)!.data as Float32Array;
    for (let i = 0; i < weight.length; i++) sum += weight[i] * values[i];
  }
  return sum;
}

/** Gradients of the graph's inputs, and of its weights and biases. */
function gradients({ graph, inputs, size, weights }: Case): Map<TensorId, Float32Array> {
  const constants = new TrainedConstants(
    graph,
    UNQUANTIZED,
    () => null,
    () => null,
  );
  constants.upload();
  const network = new Network(graph, graph.outputs, constants, () => undefined, graph.inputs);
  const seeds = new Map(
    [...weights].map(([id, w]) => [id, tensor(w, withBatch(tensorOf(graph, id).shape, size), 'float32')]),
  );
  const answers = network.backward(network.forward({ size, inputs }), seeds);
  const result = new Map<TensorId, Float32Array>();
  for (const [id, gradient] of answers) {
    result.set(id, gradient.dataSync<'float32'>().slice());
    gradient.dispose();
  }
  for (const [id, { parameter }] of constants.trained) result.set(id, parameter.gradient);
  network.dispose();
  constants.dispose();
  return result;
}

describe('gradient rules', () => {
  beforeAll(async () => {
    await initBackend(nodeHost());
  });

  const kinds = (Object.keys(RULES) as OpKind[]).filter((kind) => kind !== 'quantize' && kind !== 'dequantize');
  it.each(kinds)('%s: as finite differences of the naive interpreter', (kind) => {
    const before = memory().numTensors;
    let compared = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const scene = drawn(kind, round);
      const random = new Random(round, 3);
      for (const [id, gradient] of gradients(scene)) {
        const values = scene.inputs.get(id) ?? (tensorOf(scene.graph, id).data as Float32Array);
        const size = gradient.reduce((largest, g) => Math.max(largest, Math.abs(g)), 0.1);
        for (let probe = 0; probe < PROBES; probe++) {
          const at = random.integer(values.length);
          const [here, middle] = [values[at], loss(scene)];
          values[at] = here + STEP;
          const up = (loss(scene) - middle) / STEP;
          values[at] = here - STEP;
          const down = (middle - loss(scene)) / STEP;
          values[at] = here;
          // Where the sides differ there is a kink, or the curve is too strong for the step.
          const bend = Math.abs(up - down) / size;
          if (bend > 0.03) continue;
          compared++;
          const what = `round ${round}, ${id}[${at}]: ${JSON.stringify(scene.graph.ops.at(-1))}`;
          expect(Math.abs(gradient[at] - (up + down) / 2) / size, what).toBeLessThan(0.03 + bend);
        }
      }
    }
    expect(compared).toBeGreaterThan(ROUNDS);
    expect(memory().numTensors).toBe(before);
  });
});
