import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import type { ErrorStages } from '../../core/metrics/error-split';
import { initBackend } from './backend';
import { TfjsModel } from './model';
import { nodeHost } from './node-host';
import { runSideBySide } from './side-by-side';
import { FLOAT, type Simulation } from './simulation';

const random = new Random(2);
const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1));
const W1 = draw(4 * 3);
const W2 = draw(2 * 4);
const BIAS = draw(4);

/** x [n,3] → dense with ReLU [n,4] → reshape → dense [n,2] */
function network() {
  const b = new GraphBuilder('two layers');
  const x = b.input('x', [-1, 3]);
  const [h] = b.op('fullyConnected', 'h', [x, b.constant('w1', W1, [4, 3]), b.constant('b1', BIAS, [4])], { keepDims: false }, { activation: 'relu' }); // prettier-ignore
  const [flat] = b.op('reshape', 'flat', [h], { shape: [-1, 4] });
  return b.build(b.op('fullyConnected', 'y', [flat, b.constant('w2', W2, [2, 4]), null], { keepDims: false }));
}

const grid = (scale: number) => ({ scale, zeroPoint: 0, qmin: -128, qmax: 127 });
const SIMULATION: Simulation = {
  activations: new Map([
    ['x', grid(0.1)],
    ['h', grid(0.125)],
    ['flat', grid(0.125)],
    ['y', { ...grid(0.25), qmin: -2, qmax: 2 }], // narrow: clips
  ]),
  weights: new Map(
    ['w1', 'w2'].map((id) => [id, { ...grid(0.2), scale: Float32Array.of(0.2), quantizedDimension: 0 }]),
  ),
  biases: new Map(),
};

/** Plain loops in float64. */
function dense(x: readonly number[], w: ArrayLike<number>, bias: ArrayLike<number> | null, out: number): number[] {
  const size = w.length / out;
  const rows = x.length / size;
  return Array.from({ length: rows * out }, (_, i) => {
    const [row, o] = [Math.floor(i / out), i % out];
    let sum = bias ? bias[o] : 0;
    for (let k = 0; k < size; k++) sum += x[row * size + k] * w[o * size + k];
    return sum;
  });
}
const relu = (x: readonly number[]) => x.map((v) => Math.max(0, v));
const onGrid = (x: ArrayLike<number>, scale: number, qmin = -128, qmax = 127) =>
  Array.from(x, (v) => scale * Math.min(qmax, Math.max(qmin, Math.round(v / scale))));
const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((v, i) => expect(actual[i]).toBeCloseTo(v, 5));
};

describe('float and quantized side by side', () => {
  const graph = network();
  const x = draw(5 * 3);
  const batch = { size: 5, inputs: new Map([['x', x]]) };
  let tensors = 0;
  beforeAll(() => initBackend(nodeHost()));
  beforeEach(() => (tensors = memory().numTensors));
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  function run(want: readonly string[], visitor?: () => never): Map<string, ErrorStages> {
    const seen = new Map<string, ErrorStages>();
    const float = TfjsModel.load(graph, { simulate: FLOAT });
    const quantized = TfjsModel.load(graph, { simulate: SIMULATION });
    try {
      runSideBySide(float, quantized, SIMULATION, batch, new Set(want), (id, stages) => {
        visitor?.();
        const copy = (values: ArrayLike<number>) => Array.from(values);
        seen.set(id, {
          float: copy(stages.float),
          carried: copy(stages.carried),
          unrounded: copy(stages.unrounded),
          rounded: copy(stages.rounded),
        });
      });
    } finally {
      float.dispose();
      quantized.dispose();
    }
    return seen;
  }

  it('shows each layer in float, from quantized inputs, with quantized constants, and rounded', () => {
    const stages = run(['x', 'h', 'flat', 'y']);
    const [exact, seen] = [[...x], onGrid(x, 0.1)];
    close(stages.get('x')!.float, exact);
    close(stages.get('x')!.carried, exact);
    close(stages.get('x')!.unrounded, exact);
    close(stages.get('x')!.rounded, seen);

    const w1 = onGrid(W1, 0.2);
    const h = stages.get('h')!;
    close(h.float, relu(dense(exact, W1, BIAS, 4)));
    close(h.carried, relu(dense(seen, W1, BIAS, 4)));
    close(h.unrounded, relu(dense(seen, w1, BIAS, 4)));
    close(h.rounded, onGrid(h.unrounded, 0.125));

    // A reshape of rounded values: nothing of its own.
    const flat = stages.get('flat')!;
    close(flat.float, [...h.float as number[]]); // prettier-ignore
    for (const stage of ['carried', 'unrounded', 'rounded'] as const) close(flat[stage], h.rounded as number[]);

    const y = stages.get('y')!;
    close(y.float, dense(h.float as number[], W2, null, 2));
    close(y.carried, dense(h.rounded as number[], W2, null, 2));
    close(y.unrounded, dense(h.rounded as number[], onGrid(W2, 0.2), null, 2));
    close(y.rounded, onGrid(y.unrounded, 0.25, -2, 2));
    expect(Math.max(...Array.from(y.unrounded, Math.abs))).toBeGreaterThan(0.6); // else nothing was clipped
  });

  it('shows no more than is wanted, and frees all where the visitor throws', () => {
    expect([...run(['h']).keys()]).toEqual(['h']);
    const stop = () => {
      throw new Error('enough');
    };
    expect(() => run(['flat'], stop)).toThrow('enough');
  });
});
