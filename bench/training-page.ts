/** What a training step takes, part by part. Runs in a page, where bench/training.ts puts it, and in Node. */
import { engine } from '@tensorflow/tfjs-core';
import { Random } from '../src/base/random';
import { readTflite } from '../src/core/model-formats/tflite/read';
import { elementCount, tensorOf, withBatch, type TensorId } from '../src/core/graph/graph';
import type { Op } from '../src/core/graph/ops/attrs';
import { normalize } from '../src/core/graph/passes/normalize';
import { planQuantization } from '../src/core/quantize/resolve';
import { headOf } from '../src/core/training/head';
import { crossEntropy } from '../src/core/training/losses';
import { initBackend, type TfjsHost } from '../src/engine/tfjs/backend';
import { gradientKernels } from '../src/engine/tfjs/gradients/kernel/kernel';
import { Network } from '../src/engine/tfjs/training/network';
import { TrainedConstants } from '../src/engine/tfjs/training/trained-constants';
import { Trainer } from '../src/engine/tfjs/training/trainer';
import { calibratedOn, inFormat } from '../src/testing/builders/tiny-training';

export interface StepTimes {
  /** Milliseconds of each step. */
  readonly steps: number[];
  /** Milliseconds of each part, of each step. */
  readonly parts: Readonly<Record<string, number[]>>;
}

type Methods = Record<string, (...args: never[]) => unknown>;

/** Adds up what is inside of `parts`, each without those that it calls. */
class Meter {
  private readonly open: { part: string; inner: number }[] = [];
  readonly spent = new Map<string, number>();

  around<T>(part: string, run: () => T): T {
    const started = performance.now();
    const frame = { part, inner: 0 };
    this.open.push(frame);
    try {
      return run();
    } finally {
      this.open.pop();
      const took = performance.now() - started;
      this.spent.set(part, (this.spent.get(part) ?? 0) + took - frame.inner);
      const outer = this.open.at(-1);
      if (outer) outer.inner += took;
    }
  }

  /** Puts a clock around a method; what it is part of may depend on its arguments. */
  watch(owner: object, method: string, partOf: (...args: never[]) => string | null): void {
    const methods = owner as Methods;
    const original = methods[method]!;
    const around = this.around.bind(this);
    methods[method] = function (this: unknown, ...args: never[]) {
      const part = partOf(...args);
      return part === null ? original.apply(this, args) : around(part, () => original.apply(this, args));
    };
  }
}

const CONVOLUTIONS: ReadonlySet<string> = new Set(['conv2d', 'depthwiseConv2d', 'transposeConv2d']);
const CONVOLUTION_KERNELS: ReadonlySet<string> = new Set(['Conv2D', 'DepthwiseConv2dNative']);

function watchAll(meter: Meter): void {
  const network = Network.prototype;
  meter.watch(network, 'run', ((op: Op) =>
    CONVOLUTIONS.has(op.kind) ? 'convolutions forward' : 'other ops') as never);
  meter.watch(network, 'arrive', () => 'fake quantizers forward');
  meter.watch(network, 'throughQuantizer', () => 'fake quantizers backward');
  meter.watch(network, 'differentiate', () => 'other ops');
  const kernels = gradientKernels();
  for (const name of ['convFilterGradient', 'depthwiseFilterGradient'])
    meter.watch(kernels, name, () => 'filter gradients');
  meter.watch(engine(), 'runKernel', ((name: string) =>
    CONVOLUTION_KERNELS.has(name) ? 'input gradients' : null) as never);
  for (const method of ['finishGradients', 'weightParameters', 'settle', 'upload', 'addGradient'])
    meter.watch(TrainedConstants.prototype, method, () => 'weights: rounding, upload, gradients');
}

/** Trains a classifier on noise: what is measured does not depend on what is learnt. */
export async function measureTraining(
  host: TfjsHost,
  bytes: Uint8Array,
  { batchSize, steps, format }: { batchSize: number; steps: number; format: string },
): Promise<StepTimes> {
  await initBackend(host);
  const graph = normalize(readTflite(bytes, 'model.tflite'));
  const random = new Random(1);
  const draw = (id: TensorId): [TensorId, Float32Array] => {
    const count = elementCount(withBatch(tensorOf(graph, id).shape, batchSize));
    return [id, Float32Array.from({ length: count }, () => random.uniform(0, 255))];
  };
  const batch = { size: batchSize, inputs: new Map(graph.inputs.map(draw)) };
  const plan = planQuantization(graph, await calibratedOn(graph, batch), inFormat(format));
  const { tensor } = headOf(graph, graph.outputs[0]!);
  const trainer = Trainer.create(graph, plan, tensor, { optimizer: 'adam', ranges: 'learned', weightDecay: 0 });
  const labels = Array.from({ length: batchSize }, (_, i) => i % 10);
  const step = () => trainer.step(batch, (z) => crossEntropy(z, labels), { weights: 1e-5, ranges: 1e-5 });
  for (let i = 0; i < 3; i++) await step();

  const plain: number[] = [];
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    await step();
    plain.push(performance.now() - started);
  }
  const meter = new Meter();
  watchAll(meter);
  const parts: Record<string, number[]> = {};
  for (let i = 0; i < steps; i++) {
    meter.spent.clear();
    const started = performance.now();
    await step();
    const whole = performance.now() - started;
    let named = 0;
    for (const [part, took] of meter.spent) {
      (parts[part] ??= []).push(took);
      named += took;
    }
    (parts['optimizer and the rest'] ??= []).push(whole - named);
  }
  trainer.dispose();
  return { steps: plain, parts };
}
