import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../build';
import { normalize } from './normalize';
import { wholeInputs } from './whole-inputs';

/** x → cast → rows of a table; `also` adds what else reads x. */
function lookUp(also?: (b: GraphBuilder, x: string) => string) {
  const b = new GraphBuilder('words');
  const x = b.input('x', [-1, 3]);
  const [indices] = b.op('cast', 'whole', [x], { to: 'int32' });
  const rows = b.op('gather', 'rows', [b.constant('table', [1, 2, 3, 4], [2, 2]), indices], { axis: 0 });
  return b.build([...rows, ...(also ? [also(b, x)] : [])]);
}

describe('wholeInputs', () => {
  it('makes an input of whole numbers of one that is only cast to them, and drops the cast', () => {
    const graph = normalize(lookUp());
    expect(graph.tensors.get('x')!.dtype).toBe('int32');
    expect(graph.ops.map(({ kind, inputs }) => [kind, inputs])).toEqual([['gather', ['table', 'x']]]);
  });

  it('leaves an input alone whose real values are read, too', () => {
    const graph = lookUp((b, x) => b.op('relu', 'relu', [x], {})[0]);
    expect(wholeInputs(graph)).toBe(graph);
    expect(normalize(graph).tensors.get('x')!.dtype).toBe('float32');
  });
});
