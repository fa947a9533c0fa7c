/** Training through ops that are constant between their jumps: what has a way around them learns, what ends there is refused. */
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { GraphBuilder } from '../../../core/graph/build';
import type { Graph } from '../../../core/graph/graph';
import { planQuantization } from '../../../core/quantize/resolve';
import { meanSquaredError } from '../../../core/training/losses';
import { calibratedOn, inFormat } from '../../../testing/builders/tiny-training';
import { initBackend } from '../backend';
import { nodeHost } from '../node-host';
import { Trainer } from './trainer';

const SIZE = 32;

/** Dense layers `gate` and `value` of the same input, and what becomes of them. */
function network(random: Random, end: (b: GraphBuilder, gate: string, value: string) => string): Graph {
  const b = new GraphBuilder('gated');
  const x = b.input('x', [-1, 4]);
  const dense = (name: string) => {
    const weights = Float32Array.from({ length: 12 }, () => random.uniform(-0.5, 0.5));
    return b.op('fullyConnected', name, [x, b.constant(`w ${name}`, weights, [3, 4]), null], { keepDims: false })[0];
  };
  return b.build([end(b, dense('gate'), dense('value'))]);
}

describe('training through steps', () => {
  const random = new Random(3);
  const batch = {
    size: SIZE,
    inputs: new Map([['x', Float32Array.from({ length: 4 * SIZE }, () => random.uniform(-1, 1))]]),
  };
  beforeAll(() => initBackend(nodeHost()));

  async function trainerOf(graph: Graph): Promise<Trainer> {
    const plan = planQuantization(graph, await calibratedOn(graph, batch), inFormat('int8'));
    const settings = { optimizer: 'adam', ranges: 'learned', weightDecay: 0 } as const;
    return Trainer.create(graph, plan, graph.outputs[0], settings);
  }

  it('what is chosen learns, what chooses stays as it is', async () => {
    const graph = network(random, (b, gate, value) => {
      const [above] = b.op('greater', 'above', [gate, b.constant('zero', [0], [])], {});
      return b.op('select', 'chosen', [above, value, b.constant('none', [0], [])], {})[0];
    });
    const before = memory().numTensors;
    const trainer = await trainerOf(graph);
    const target = Float32Array.from({ length: 3 * SIZE }, () => 0.3);
    const lossOf = (values: Float32Array) => meanSquaredError(values, target);
    const weights = () => {
      const { 'w gate': gate, 'w value': value } = trainer.checkpoint(1, 0).weights;
      return { gate: [...gate.values], value: [...value.values] };
    };
    const [first, start] = [lossOf(await trainer.predict(batch)).loss, weights()];
    for (let i = 0; i < 60; i++) await trainer.step(batch, lossOf, { weights: 0.02, ranges: 0.01 });
    expect(lossOf(await trainer.predict(batch)).loss).toBeLessThan(0.9 * first);
    expect(weights().gate).toEqual(start.gate);
    expect(weights().value).not.toEqual(start.value);
    trainer.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('a model that ends in a position cannot learn, and says where it ends', async () => {
    const graph = network(random, (b, gate, value) => {
      const [sum] = b.op('add', 'sum', [gate, value], {});
      return b.op('argMax', 'position', [sum], { axis: 1, to: 'int32' })[0];
    });
    await expect(trainerOf(graph)).rejects.toMatchObject({
      code: 'unsupported-op',
      details: [expect.stringContaining('position')],
    });
  });
});
