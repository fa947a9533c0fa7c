/** A network of two dense layers to give diseases to, one at a time. */
import { Random } from '../../base/random';
import type { Examined, Finding } from '../../core/diagnosis/finding';
import { findAll } from '../../core/diagnosis/table';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import type { FusedActivation } from '../../core/graph/ops/attrs';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';

export const PER_TENSOR: Partial<QuantSettings> = {
  weights: { ...DEFAULT_SETTINGS.weights, granularity: 'tensor' },
};

/** Evenly in ±1. */
export function draw(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.uniform(-1, 1));
}

export function inputs(width = 16, samples = 1024): { values: Float32Array; samples: number } {
  return { values: draw(samples * width, 1), samples };
}

type Weight = (w: number, output: number, input: number) => number;

interface Options {
  readonly width?: number;
  readonly w1?: Weight;
  readonly w2?: Weight;
  readonly b1?: (b: number, output: number) => number;
  readonly activation?: FusedActivation;
  readonly softmax?: boolean;
}

const same = (w: number) => w;

/** x → dense h, with an activation → dense y → softmax, if asked for; weights evenly in ±1, changed as told. */
export function twoLayers(options: Options = {}): Graph {
  const { width = 16, w1 = same, w2 = same, b1 = same, activation = 'relu', softmax = false } = options;
  const b = new GraphBuilder('two layers');
  const x = b.input('x', [-1, width]);
  const weights = (name: string, seed: number, outputs: number, change: Weight) => {
    const values = draw(outputs * width, seed).map((w, i) => change(w, Math.floor(i / width), i % width));
    return b.constant(name, values, [outputs, width]);
  };
  const bias = draw(width, 4).map((value, i) => b1(value, i));
  const [h] = b.op(
    'fullyConnected',
    'h',
    [x, weights('w1', 2, width, w1), b.constant('b1', bias, [width])],
    { keepDims: false },
    { activation },
  );
  const y = b.op('fullyConnected', 'y', [h, weights('w2', 3, 8, w2), null], { keepDims: false });
  return b.build(softmax ? b.op('softmax', 'probabilities', [y[0]], { beta: 1 }) : y);
}

export function checksOf(examined: Examined): string[] {
  return findAll(examined).map(({ check }) => check);
}

/** The finding of one check, where no other check found anything. */
export function onlyFinding(examined: Examined, check: string): Finding {
  const found = findAll(examined);
  const names = found.map((finding) => finding.check);
  if (names.length !== 1 || names[0] !== check) throw new Error(`found ${names.join(', ') || 'nothing'}, not ${check}`);
  return found[0];
}
