import {
  avgPool,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  grads,
  maxPool,
  memory,
  mul,
  setBackend,
  sum,
  tensor,
  tidy,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { initBackend } from '../backend';
import { nodeHost } from '../node-host';
import { registerWasmGradients } from './register';

type Shape4 = [number, number, number, number];
interface Case {
  /** Shapes of the differentiable inputs. */
  readonly shapes: readonly Shape4[];
  readonly run: (...inputs: Tensor4D[]) => Tensor;
  readonly what: string;
}

class Draw {
  constructor(private readonly random: Random) {}
  int(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }
  pair(low: number, high: number): [number, number] {
    return [this.int(low, high), this.int(low, high)];
  }
  get padding(): 'same' | 'valid' {
    return this.int(0, 1) ? 'same' : 'valid';
  }
  /** With "same", tfjs' wasm convolution computes zeros where strides exceed the kernel. */
  strides(kernel: readonly number[], padding: 'same' | 'valid'): [number, number] {
    const [h, w] = this.pair(1, 3);
    return padding === 'same' ? [Math.min(h, kernel[0]), Math.min(w, kernel[1])] : [h, w];
  }
}

function convolution(d: Draw): Case {
  const [padding, kernel, depth] = [d.padding, d.pair(1, 4), d.int(1, 5)];
  const strides = d.strides(kernel, padding);
  return {
    shapes: [
      [d.int(1, 3), ...d.pair(4, 9), depth],
      [...kernel, depth, d.int(1, 5)],
    ],
    run: (x, filter) => conv2d(x, filter, strides, padding),
    what: `conv2d ${kernel} strides ${strides} ${padding}`,
  };
}

function depthwise(d: Draw): Case {
  const [padding, [kh, kw], depth] = [d.padding, d.pair(1, 3), d.int(1, 5)];
  const stride = Math.min(...d.strides([kh, kw], padding));
  return {
    shapes: [
      [d.int(1, 3), ...d.pair(5, 9), depth],
      [kh, kw, depth, d.int(1, 3)],
    ],
    run: (x, filter) => depthwiseConv2d(x, filter, [stride, stride], padding),
    what: `depthwise ${kh}×${kw} stride ${stride} ${padding}`,
  };
}

function transposed(d: Draw): Case {
  const [padding, kernel, [h, w], filters] = [d.padding, d.pair(1, 4), d.pair(2, 5), d.int(1, 4)];
  const strides = d.strides(kernel, padding);
  const [batch, depth] = d.pair(1, 3);
  const size = (n: number, i: 0 | 1) => (padding === 'same' ? n * strides[i] : (n - 1) * strides[i] + kernel[i]);
  return {
    shapes: [
      [batch, h, w, depth],
      [...kernel, filters, depth],
    ],
    run: (x, filter) => conv2dTranspose(x, filter, [batch, size(h, 0), size(w, 1), filters], strides, padding),
    what: `transposed ${kernel} strides ${strides} ${padding}`,
  };
}

function pooling(pool: typeof maxPool | typeof avgPool): (d: Draw) => Case {
  return (d) => {
    const [filter, strides, padding] = [d.pair(2, 4), d.pair(1, 3), d.padding];
    return {
      shapes: [[d.int(1, 3), ...d.pair(4, 9), d.int(1, 4)]],
      run: (x) => pool(x, filter, strides, padding),
      what: `pool ${filter} strides ${strides} ${padding}`,
    };
  };
}

const CASES = { convolution, depthwise, transposed, maxPool: pooling(maxPool), avgPool: pooling(avgPool) };

/** Values of the gradients of Σ y · weight, on the backend that is set. */
function gradients({ shapes, run }: Case, values: readonly Float32Array[], weightSeed: number): Float32Array[] {
  return tidy(() => {
    const inputs = shapes.map((shape, i) => tensor(values[i], shape) as Tensor4D);
    const loss = (...x: Tensor[]) => {
      const y = run(...(x as Tensor4D[]));
      const random = new Random(weightSeed);
      const weight = Float32Array.from({ length: y.size }, () => random.uniform(-1, 1));
      return sum(mul(y, tensor(weight, y.shape)));
    };
    return grads(loss)(inputs).map((g) => g.dataSync() as Float32Array);
  });
}

const product = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

describe('gradients on wasm', () => {
  let tensors = 0;
  beforeAll(async () => {
    await initBackend(nodeHost(), 'cpu');
    await initBackend(nodeHost());
    registerWasmGradients();
  });
  beforeEach(() => {
    tensors = memory().numTensors;
  });
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  it.each(Object.entries(CASES))('%s: as on cpu', async (_name, draw) => {
    for (let round = 0; round < 40; round++) {
      const drawn = draw(new Draw(new Random(round)));
      const random = new Random(round, 1);
      // Negative only, now and then: a pooling window without a positive value.
      const high = round % 3 === 0 ? -0.1 : 1;
      const values = drawn.shapes.map((s) => Float32Array.from({ length: product(s) }, () => random.uniform(-1, high)));
      await setBackend('cpu');
      const expected = gradients(drawn, values, round);
      await setBackend('wasm');
      const actual = gradients(drawn, values, round);
      expected.forEach((gradient, i) => {
        const largest = gradient.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
        const error = gradient.reduce((m, v, j) => Math.max(m, Math.abs(v - actual[i][j])), 0);
        expect(error / largest, `round ${round}: ${drawn.what}, input ${i}`).toBeLessThan(1e-5);
      });
    }
  });

  it.each(Object.entries({ convolution, depthwise, transposed }))('%s: as finite differences', (_name, draw) => {
    for (let round = 0; round < 5; round++) {
      const drawn = draw(new Draw(new Random(round, 9)));
      const random = new Random(round, 2);
      const values = drawn.shapes.map((s) => Float32Array.from({ length: product(s) }, () => random.uniform(-1, 1)));
      const actual = gradients(drawn, values, round);
      const loss = () =>
        tidy(() => {
          const inputs = drawn.shapes.map((shape, i) => tensor(values[i], shape) as Tensor4D);
          const y = drawn.run(...inputs).dataSync() as Float32Array;
          const weights = new Random(round);
          return y.reduce((total, v) => total + v * weights.uniform(-1, 1), 0);
        });
      // Each output is linear in either input, so a difference over a wide step is exact but for float32's rounding.
      for (const [i, value] of values.entries())
        for (let k = 0; k < 4; k++) {
          const at = random.integer(value.length);
          const here = value[at];
          value[at] = here + 1;
          const above = loss();
          value[at] = here - 1;
          const difference = (above - loss()) / 2;
          value[at] = here;
          expect(actual[i][at], `round ${round}: ${drawn.what}, input ${i}`).toBeCloseTo(difference, 4);
        }
    }
  });
});
