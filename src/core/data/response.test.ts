import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import { firstResponse, isPlausibleResponse, responseDeviation } from './response';

describe('responseDeviation', () => {
  it('is the deviation within channels, not between them', () => {
    expect(responseDeviation([Float32Array.of(1, 100, 1, 100), Float32Array.of(1, 100)], 2)).toBe(0);
    // channel 0: −1, 1 (σ = 1); channel 1: 0, 6 (σ = 3); √((1 + 9) / 2)
    expect(responseDeviation([Float32Array.of(-1, 0), Float32Array.of(1, 6)], 2)).toBeCloseTo(Math.sqrt(5), 12);
    expect([0.003, 0.2, 1, 50].map(isPlausibleResponse)).toEqual([false, true, true, false]);
  });
});

describe('firstResponse', () => {
  it('is the first layer with weights, past ops without', () => {
    const builder = new GraphBuilder('n');
    const x = builder.input('x', [-1, 4, 4, 2]);
    const [padded] = builder.op('pad', 'pad', [x], {
      paddings: [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      value: 0,
    });
    const filter = builder.constant('w', new Float32Array(3 * 2), [3, 1, 1, 2]);
    const attrs = { strides: [1, 1], padding: 'valid', dilations: [1, 1], groups: 1 } as const;
    const [y] = builder.op('conv2d', 'conv', [padded, filter, null], attrs);
    const [z] = builder.op('relu', 'relu', [y], {});
    expect(firstResponse(builder.build([z]))).toEqual({ tensor: y, channels: 3 });
  });

  it('is none where the input branches or meets no weights', () => {
    const plain = new GraphBuilder('n');
    const x = plain.input('x', [-1, 4]);
    const [a] = plain.op('relu', 'a', [x], {});
    expect(firstResponse(plain.build([a]))).toBeUndefined();
    const branched = new GraphBuilder('n');
    const input = branched.input('x', [-1, 4]);
    const outputs = ['a', 'b'].map((name) => branched.op('relu', name, [input], {})[0]);
    expect(firstResponse(branched.build(outputs))).toBeUndefined();
  });
});
