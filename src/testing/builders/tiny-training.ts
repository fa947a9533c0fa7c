/** A network with most of what training meets, a task that it can learn, and a short course on any backend. */
import { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph, OpId, TensorId } from '../../core/graph/graph';
import type { Calibration, QuantPlan } from '../../core/quantize/plan';
import { planQuantization } from '../../core/quantize/resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { Observer } from '../../core/calibration/observer';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import { crossEntropy } from '../../core/training/losses';
import { TfjsModel } from '../../engine/tfjs/model';
import { BackendScope } from '../../engine/tfjs/backend-scope';
import { Trainer } from '../../engine/tfjs/training/trainer';
import type { Batch } from '../../engine/types';

const CLASSES = 3;
const SIZE = 24;

/** conv (relu) → max pool → depthwise → residual add → (conv, average pool) → concat → reshape → dense → softmax */
export function tinyNetwork(random: Random): Graph {
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
  const [branch] = b.op('conv2d', 'branch', [sum, weights('w4', [2, 1, 1, 4]), weights('b4', [2])], conv, relu);
  const [smooth] = b.op('averagePool2d', 'smooth', [sum], { filter: [2, 2], strides: [1, 1], padding: 'same' });
  const [both] = b.op('concat', 'both', [branch, smooth], { axis: 3 });
  const [flat] = b.op('reshape', 'flat', [both], { shape: [-1, 54] });
  const dense = [flat, weights('w3', [CLASSES, 54]), weights('b3', [CLASSES])];
  const [logits] = b.op('fullyConnected', 'logits', dense, { keepDims: false });
  return b.build(b.op('softmax', 'probabilities', [logits], { beta: 1 }));
}

/** One batch in which each class is a pattern of its own, with noise. */
export function tinyTask(random: Random): { batch: Batch; labels: number[] } {
  const labels = Array.from({ length: SIZE }, (_, i) => i % CLASSES);
  const patterns = labels.slice(0, CLASSES).map(() => Float32Array.from({ length: 72 }, () => random.uniform(-1, 1)));
  const values = labels.flatMap((label) => Array.from(patterns[label], (v) => v + random.uniform(-0.2, 0.2)));
  return { labels, batch: { size: SIZE, inputs: new Map([['x', Float32Array.from(values)]]) } };
}

/** Statistics of every activation on one batch, on the backend that is set. */
export async function calibratedOn(graph: Graph, batch: Batch): Promise<Calibration> {
  const model = TfjsModel.load(graph);
  const activations: Record<TensorId, ReturnType<Observer['stats']>> = {};
  await model.visit(batch, [...graph.inputs, ...graph.ops.flatMap((op) => op.outputs)], (id, values) => {
    const observer = new Observer();
    observer.observe(values);
    activations[id] = observer.stats();
  });
  model.dispose();
  return { activations, weights: {}, samples: batch.size };
}

export function inFormat(format: string, granularity: 'channel' | 'tensor' = 'channel'): QuantSettings {
  return {
    ...DEFAULT_SETTINGS,
    weights: { ...DEFAULT_SETTINGS.weights, granularity, format },
    activations: { ...DEFAULT_SETTINGS.activations, format },
  };
}

export interface TinyCourse {
  readonly losses: readonly number[];
  readonly checkpoint: QatCheckpoint;
}

/** A few steps of plain descent, whose differences between backends stay as small as they arise. */
export async function tinyCourse(
  format: string,
  {
    scope = new BackendScope('wasm'),
    normalized,
  }: { readonly scope?: BackendScope; readonly normalized?: ReadonlySet<OpId> | undefined } = {},
): Promise<TinyCourse> {
  // Where two values of a pooling window round to one, each backend gives the gradient to another.
  const random = new Random(7);
  const graph = tinyNetwork(random);
  const { batch, labels } = tinyTask(random);
  const plan: QuantPlan = planQuantization(graph, await calibratedOn(graph, batch), inFormat(format));
  const settings = { optimizer: 'sgd', ranges: 'learned', weightDecay: 0 } as const;
  const trainer = Trainer.create(graph, plan, 'logits', settings, { ...(normalized && { normalized }), scope });
  try {
    if (normalized)
      await trainer.estimateStatistics(
        (async function* () {
          yield batch;
        })(),
      );
    const losses: number[] = [];
    for (let i = 0; i < 4; i++)
      losses.push(await trainer.step(batch, (z) => crossEntropy(z, labels), { weights: 0.05, ranges: 1e-6 }));
    return { losses, checkpoint: trainer.checkpoint(1, 0) };
  } finally {
    trainer.dispose();
  }
}

/** The largest difference between two courses: of losses, weights and biases; and of scales, relative to them. */
export function courseDistance(a: TinyCourse, b: TinyCourse): number {
  let largest = 0;
  const compare = (x: ArrayLike<number>, y: ArrayLike<number>, relative = false) => {
    for (let i = 0; i < x.length; i++)
      largest = Math.max(largest, Math.abs(x[i] - y[i]) / (relative ? Math.abs(x[i]) : 1));
  };
  compare(a.losses, b.losses);
  for (const [id, { values, scale }] of Object.entries(a.checkpoint.weights)) {
    compare(values, b.checkpoint.weights[id].values);
    if (scale) compare(scale, b.checkpoint.weights[id].scale!, true);
  }
  for (const [id, values] of Object.entries(a.checkpoint.biases)) compare(values, b.checkpoint.biases[id]);
  for (const [id, { scale }] of Object.entries(a.checkpoint.activations))
    compare([scale], [b.checkpoint.activations[id].scale], true);
  return largest;
}
