import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import { correctedBias, expectedRelu, expectedRelu6, meanShift } from './correct-bias';
import { weightedLayers } from './layer';

describe('expectations of a rectified normal variable', () => {
  it.each([
    [0, 1, 0.398942],
    [1, 1, 1.083315],
    [-1, 1, 0.083315],
    [0.5, 2, 1.072689],
  ])('E[ReLU(N(%d, %d²))] = %d', (mean, std, expected) => expect(expectedRelu(mean, std)).toBeCloseTo(expected, 6));

  it.each([
    [3, 2, 3.0],
    [5, 3, 4.296771],
  ])('E[ReLU6(N(%d, %d²))] = %d', (mean, std, expected) => expect(expectedRelu6(mean, std)).toBeCloseTo(expected, 6));

  it('is what integrating says', () => {
    for (const [mean, std] of [[-3, 1], [0.3, 0.05], [-0.2, 4], [20, 1], [-20, 1], [7, 2]] as const) {
      let sum = 0;
      const h = std / 500;
      for (let x = mean - 10 * std; x < mean + 10 * std; x += h)
        sum += (Math.max(0, x) * h * Math.exp(-0.5 * ((x - mean) / std) ** 2)) / (std * Math.sqrt(2 * Math.PI));
      expect(expectedRelu(mean, std)).toBeCloseTo(sum, 4);
    } // prettier-ignore
    expect(expectedRelu(3, 0)).toBe(3);
    expect(expectedRelu(-3, 0)).toBe(0);
  });
});

describe('analytic bias correction', () => {
  it('takes back what rounding does to the mean, channels of a flattened input included', () => {
    const b = new GraphBuilder('dense');
    const x = b.input('x', [-1, 4]);
    const w = b.constant('w', [0.4, 1, -0.3, 2, 1, 1, 1, 1.5], [2, 4]);
    const [y] = b.op('fullyConnected', 'y', [x, w, b.constant('b', [1, 2], [2])], { keepDims: false });
    const [layer] = weightedLayers(b.build([y]));
    const rounded = Float32Array.of(0, 1, 0, 2, 1, 1, 1, 2);
    // Two channels at two positions: E[x] = [10, 1, 10, 1].
    const shift = meanShift(layer, rounded, [10, 1]);
    expect(shift[0]).toBeCloseTo(-4 + 3, 5);
    expect(shift[1]).toBeCloseTo(0.5, 5);
    const bias = correctedBias(layer, shift);
    expect(bias[0]).toBeCloseTo(2, 5);
    expect(bias[1]).toBeCloseTo(1.5, 5);
  });
});
