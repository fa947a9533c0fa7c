import { expect, it } from 'vitest';
import { outputDifference } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type Graph } from '../graph';
import { validateGraph } from '../validate';
import { dropIdentity } from './drop-identity';

function dropped(graph: Graph): Graph {
  const result = validateGraph(dropIdentity(graph));
  expect(result.outputs).toEqual(graph.outputs);
  expect(outputDifference(graph, result)).toBe(0);
  return result;
}
const summary = (graph: Graph) => graph.ops.map(({ kind, inputs, outputs }) => [kind, ...inputs, ...outputs].join(' '));

it('drops whatever hands its input on, in chains too', () => {
  const b = new GraphBuilder('net');
  let y = b.input('x', [BATCH, 2, 3]);
  y = b.op('identity', 'i1', [y], {})[0]!;
  y = b.op('reshape', 'r', [y], { shape: [-1, 2, 3] })[0]!;
  y = b.op('relu', 'relu', [y], {})[0]!;
  y = b.op('transpose', 't', [y], { permutation: [0, 1, 2] })[0]!;
  y = b.op('pad', 'p', [y], {
    paddings: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    value: 1,
  })[0]!;
  y = b.op('slice', 's', [y], { begin: [0, 0, 0], size: [-1, 2, -1] })[0]!;
  y = b.op('concat', 'c', [y], { axis: 1 })[0]!;
  y = b.op('tanh', 'tanh', [y], {})[0]!;
  const result = dropped(b.build([y]));
  expect(summary(result)).toEqual(['relu x relu', 'tanh relu tanh']);
  expect([...result.tensors.keys()]).toEqual(['x', 'relu', 'tanh']);
});

it('keeps what does change something', () => {
  const b = new GraphBuilder('net');
  const x = b.input('x', [BATCH, 3, 3]);
  const quant = (scale: number) => ({
    scale: Float32Array.of(scale),
    zeroPoint: Int32Array.of(0),
    quantizedDimension: 0,
  });
  const [q] = b.op('quantize', 'q', [x], {}, { quant: quant(1) });
  const outputs = [
    b.op('transpose', 't', [x], { permutation: [0, 2, 1] })[0],
    b.op('tanh', 'after', [b.op('identity', 'clamped', [x], {}, { activation: 'relu' })[0]], {})[0],
    b.op('dequantize', 'd', [b.op('reshape', 'rescaled', [q], { shape: [-1, 3, 3] }, { quant: quant(2) })[0]], {})[0],
  ];
  const graph = b.build(outputs);
  expect(dropIdentity(graph)).toBe(graph);
});

it('writes the graph output under its own name', () => {
  const b = new GraphBuilder('net');
  const [relu] = b.op('relu', 'relu', [b.input('x', [BATCH, 3])], {});
  const [y] = b.op('identity', 'y', [relu], {});
  const [more] = b.op('tanh', 'more', [relu], {});
  const [after] = b.op('tanh', 'after', [y], {});
  expect(summary(dropped(b.build([y, more, after])))).toEqual(['relu x y', 'tanh y more', 'tanh y after']);
});

it('keeps an identity between two tensors that both keep their names', () => {
  const b = new GraphBuilder('net');
  const x = b.input('x', [BATCH, 3]);
  const [a] = b.op('identity', 'a', [x], {});
  const [relu] = b.op('relu', 'relu', [x], {});
  const [c] = b.op('identity', 'c', [relu], {});
  const [d] = b.op('identity', 'd', [c], {});
  expect(summary(dropped(b.build([a, c, d])))).toEqual(['identity x a', 'relu x c', 'identity c d']);
});
