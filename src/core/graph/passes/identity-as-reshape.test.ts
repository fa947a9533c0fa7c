import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../build';
import { normalize } from './normalize';

describe('identityAsReshape', () => {
  it('gives an input that is handed out an op that a file can hold', () => {
    const builder = new GraphBuilder('net');
    const x = builder.input('x', [-1, 2, 3]);
    const [y] = builder.op('identity', 'y', [x], {});
    const graph = normalize(builder.build([y]));
    expect(graph.ops).toMatchObject([{ kind: 'reshape', attrs: { shape: [-1, 2, 3] }, inputs: ['x'], outputs: ['y'] }]);
  });
});
