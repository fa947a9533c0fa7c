import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import { rescalesInside } from './rescales-inside';

/** x → times a factor → dense layer. */
function model(kind: 'mul' | 'div', factor: number) {
  const b = new GraphBuilder('rescaled');
  const x = b.input('x', [-1, 4]);
  const [small] = b.op(kind, 'small', [x, b.constant('factor', Float32Array.of(factor), [1])], {});
  const w = b.constant('w', new Float32Array(8), [2, 4]);
  return b.build(b.op('fullyConnected', 'y', [small, w, null], { keepDims: false }));
}

describe('a model that rescales inside', () => {
  it('takes bytes, multiplied or divided', () => {
    expect(rescalesInside(model('mul', 1 / 255))).toBe(true);
    expect(rescalesInside(model('div', 127.5))).toBe(true);
  });

  it('is none that multiplies by about one', () => {
    expect(rescalesInside(model('mul', 0.8))).toBe(false);
    expect(rescalesInside(model('div', 2))).toBe(false);
  });
});
