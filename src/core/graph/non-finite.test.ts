import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './build';
import { nonFiniteConstants, nonFiniteInWords } from './non-finite';

describe('nonFiniteConstants', () => {
  it('counts NaN and both infinities by tensor, and nothing else', () => {
    const builder = new GraphBuilder('net');
    const x = builder.input('x', [-1, 4]);
    const odd = builder.constant('odd', [NaN, 1, -Infinity, Infinity], [4]);
    const sound = builder.constant('sound', [3.4e38, -0, 1e-45, 2], [4]);
    const [a] = builder.op('add', 'a', [x, odd], {});
    const [b] = builder.op('mul', 'b', [a, sound], {});
    const found = nonFiniteConstants(builder.build([b]));
    expect(found).toEqual([{ tensor: 'odd', count: 3, values: 4 }]);
    expect(nonFiniteInWords(found)).toBe('NaN or infinity in one constant: odd (3 of 4 values).');
    expect(nonFiniteInWords([])).toBeUndefined();
  });
});
