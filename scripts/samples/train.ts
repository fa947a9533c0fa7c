import { dispose, tensor2d, tensor4d, tidy, train, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Random } from '../../src/base/random';
import { CLASSES, SIZE } from './digits/draw';
import type { DigitSet } from './digits/set';

export interface TrainingOptions {
  readonly epochs: number;
  readonly batch: number;
  /** At the start; it falls to zero along half a cosine. */
  readonly learningRate: number;
  readonly seed: number;
  readonly onEpoch: (epoch: number, loss: number) => void;
}

/** Adam on the cross-entropy, samples in a new seeded order every epoch; the rest of an incomplete batch is left out. */
export async function trainNetwork(model: LayersModel, set: DigitSet, options: TrainingOptions): Promise<void> {
  const optimizer = train.adam(options.learningRate);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const random = new Random(options.seed);
  const order = Uint32Array.from({ length: set.count }, (_, i) => i);
  const steps = Math.floor(set.count / options.batch);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    random.shuffle(order);
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      const progress = (epoch * steps + step) / (options.epochs * steps);
      setLearningRate(optimizer, (options.learningRate * (1 + Math.cos(Math.PI * progress))) / 2);
      const part = order.subarray(step * options.batch, (step + 1) * options.batch);
      const [x, y] = [pixels(set, part), labels(set, part)];
      sum += (await model.trainOnBatch(x, y)) as number;
      dispose([x, y]);
    }
    options.onEpoch(epoch + 1, sum / steps);
  }
  optimizer.dispose();
}

/** Share of right answers. */
export function accuracyOf(model: LayersModel, set: DigitSet): number {
  const answers = answersOf(model, set);
  let right = 0;
  for (let i = 0; i < set.count; i++) {
    const row = answers.subarray(i * CLASSES, (i + 1) * CLASSES);
    right += Number(row.indexOf(Math.max(...row)) === set.y[i]);
  }
  return right / set.count;
}

/** [count, CLASSES], probabilities. */
export function answersOf(model: LayersModel, set: DigitSet): Float32Array {
  const answers = new Float32Array(set.count * CLASSES);
  const all = Uint32Array.from({ length: set.count }, (_, i) => i);
  for (let from = 0; from < set.count; from += 200) {
    const part = all.subarray(from, from + 200);
    answers.set(
      tidy(() => (model.predict(pixels(set, part)) as Tensor).dataSync()),
      from * CLASSES,
    );
  }
  return answers;
}

/** [n, SIZE, SIZE, 1] in 0 … 1, the network's input. */
function pixels(set: DigitSet, indices: Uint32Array): Tensor {
  const size = SIZE * SIZE;
  const values = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    for (let p = 0; p < size; p++) values[i * size + p] = set.x[index * size + p] / 255;
  });
  return tensor4d(values, [indices.length, SIZE, SIZE, 1]);
}

/** [n, CLASSES], one-hot. By hand: the wasm kernel writes whole numbers into what should be floats. */
function labels(set: DigitSet, indices: Uint32Array): Tensor {
  const values = new Float32Array(indices.length * CLASSES);
  indices.forEach((index, i) => (values[i * CLASSES + set.y[index]] = 1));
  return tensor2d(values, [indices.length, CLASSES]);
}

/** tfjs keeps it as a protected field, which its own schedules write to. */
function setLearningRate(optimizer: ReturnType<typeof train.adam>, rate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = rate;
}
