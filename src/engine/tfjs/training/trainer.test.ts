import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../../core/data/random';
import { GraphBuilder } from '../../../core/graph/build';
import type { Graph, TensorId } from '../../../core/graph/graph';
import type { QuantPlan } from '../../../core/quantize/plan';
import { applyCheckpoint } from '../../../core/training/checkpoint';
import { crossEntropy } from '../../../core/training/losses';
import { minMaxPlan } from '../../../testing/minmax-plan';
import { initBackend } from '../backend';
import { TfjsModel } from '../model';
import { nodeHost } from '../node-host';
import { simulationOf } from '../simulation';
import { Trainer } from './trainer';

const CLASSES = 3;
const SIZE = 24;
const SETTINGS = { optimizer: 'adam', ranges: 'learned', weightDecay: 0 } as const;
const RATES = { weights: 0.02, ranges: 0.01 };

/** conv (relu) → max pool → depthwise → residual add → mean → dense → softmax */
function network(random: Random): Graph {
  const b = new GraphBuilder('tiny');
  const weights = (name: string, shape: number[]) =>
    b.constant(
      name,
      Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.uniform(-0.5, 0.5)),
      shape,
    );
  const x = b.input('x', [-1, 6, 6, 2]);
  const spatial = { strides: [1, 1], dilations: [1, 1], padding: 'same' } as const;
  const conv = { ...spatial, groups: 1 };
  const relu = { activation: 'relu' } as const;
  const [y] = b.op('conv2d', 'conv', [x, weights('w1', [4, 3, 3, 2]), weights('b1', [4])], conv, relu);
  const [p] = b.op('maxPool2d', 'pool', [y], { filter: [2, 2], strides: [2, 2], padding: 'valid' });
  const [d] = b.op('depthwiseConv2d', 'depth', [p, weights('w2', [1, 3, 3, 4]), weights('b2', [4])], {
    ...spatial,
    multiplier: 1,
  });
  const [sum] = b.op('add', 'sum', [p, d], {}, relu);
  const [m] = b.op('mean', 'mean', [sum], { axes: [1, 2], keepDims: false });
  const dense = [m, weights('w3', [CLASSES, 4]), weights('b3', [CLASSES])];
  const [logits] = b.op('fullyConnected', 'logits', dense, { keepDims: false });
  return b.build(b.op('softmax', 'probabilities', [logits], { beta: 1 }));
}

describe('Trainer', () => {
  let tensors = 0;
  let graph: Graph;
  let plan: QuantPlan;
  let batch: { size: number; inputs: Map<TensorId, Float32Array> };
  const labels = Array.from({ length: SIZE }, (_, i) => i % CLASSES);

  beforeAll(async () => {
    await initBackend(nodeHost());
    const random = new Random(5);
    graph = network(random);
    // A class is a pattern of its own, with noise.
    const patterns = labels.slice(0, CLASSES).map(() => Float32Array.from({ length: 72 }, () => random.uniform(-1, 1)));
    const values = labels.flatMap((label) => Array.from(patterns[label], (v) => v + random.uniform(-0.2, 0.2)));
    batch = { size: SIZE, inputs: new Map([['x', Float32Array.from(values)]]) };
    const model = TfjsModel.load(graph);
    const run = await model.run(batch, [...graph.inputs, ...graph.ops.flatMap((op) => op.outputs)]);
    model.dispose();
    plan = minMaxPlan(graph, [new Map([...run].map(([id, { data }]) => [id, data as Float32Array]))]);
  });
  beforeEach(() => {
    tensors = memory().numTensors;
  });
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  const lossOf = (z: Float32Array) => crossEntropy(z, labels);
  const simulated = async (of: Graph) => {
    const model = TfjsModel.load(of, { simulate: simulationOf(of, plan) });
    const values = (await model.run(batch, ['logits'])).get('logits')!.data;
    model.dispose();
    return [...(values as Float32Array)];
  };

  it('computes what the simulation of the plan does', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', SETTINGS);
    expect([...(await trainer.predict(batch))]).toEqual(await simulated(graph));
    trainer.dispose();
  });

  it('learns, with tensors flat over 200 steps', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', SETTINGS);
    const first = await trainer.step(batch, lossOf, RATES);
    const alive = memory().numTensors;
    let loss = first;
    for (let i = 0; i < 200; i++) loss = await trainer.step(batch, lossOf, RATES);
    expect(memory().numTensors).toBe(alive);
    expect(loss).toBeLessThan(first / 4);
    trainer.dispose();
  });

  it('follows the loss downhill also with observed ranges and plain descent', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', { optimizer: 'sgd', ranges: 'observed', weightDecay: 1e-4 });
    const first = await trainer.step(batch, lossOf, { weights: 0.05, ranges: 0 });
    let loss = first;
    for (let i = 0; i < 100; i++) loss = await trainer.step(batch, lossOf, { weights: 0.05, ranges: 0 });
    expect(loss).toBeLessThan(0.8 * first);
    trainer.dispose();
  });

  it('leaves weights on the grid they were trained on', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', SETTINGS);
    for (let i = 0; i < 20; i++) await trainer.step(batch, lossOf, RATES);
    const applied = applyCheckpoint(graph, trainer.checkpoint(1, 0));
    const { data, quant } = applied.tensors.get('w1')!;
    (data as Float32Array).forEach((value, i) => {
      const code = value / quant!.scale[Math.floor(i / 18)];
      expect(Math.abs(code - Math.round(code))).toBeLessThan(1e-4);
      expect(Math.abs(code)).toBeLessThan(127.001);
    });
    trainer.dispose();
  });

  it('goes on from a checkpoint as if it had not stopped', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', SETTINGS);
    for (let i = 0; i < 10; i++) await trainer.step(batch, lossOf, RATES);
    const outputs = [...(await trainer.predict(batch))];
    const other = Trainer.create(graph, plan, 'logits', SETTINGS);
    other.restore(trainer.checkpoint(1, 0));
    expect([...(await other.predict(batch))]).toEqual(outputs);
    trainer.dispose();
    other.dispose();
  });

  it('changes nothing where the loss is no number', async () => {
    const trainer = Trainer.create(graph, plan, 'logits', SETTINGS);
    const before = [...(await trainer.predict(batch))];
    expect(await trainer.step(batch, (z) => ({ loss: NaN, gradient: z.slice() }), RATES)).toBeNaN();
    expect([...(await trainer.predict(batch))]).toEqual(before);
    trainer.dispose();
  });
});
