import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import type { Graph } from '../graph/graph';
import { ownTensors } from './own-tensors';
import type { ActivationPlan, QuantPlan } from './plan';

const CONV = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
const POOL = { filter: [2, 2], strides: [2, 2], padding: 'valid' } as const;
const PADS = [[0, 0], [1, 1], [1, 1], [0, 0]] as const; // prettier-ignore

/** Everything an op reads or writes is planned; those of `shared` take `with`'s parameters. */
function planOf(graph: Graph, shared: Readonly<Record<string, string>> = {}): QuantPlan {
  const activations: Record<string, ActivationPlan> = {};
  for (const { id, data } of graph.tensors.values())
    if (!data)
      activations[id] = {
        tensor: id,
        range: { min: 0, max: 1 },
        params: { scale: Float32Array.of(1), zeroPoint: Int32Array.of(0), quantizedDimension: 0 },
        origin: shared[id] ? 'shared' : 'estimated',
        ...(shared[id] && { sharedWith: shared[id] }),
      };
  return { activations, weights: {}, keptFloat: [], notes: [] };
}

describe('tensors of a layer', () => {
  it('are its output and what pooling and reshaping make of it; the first layer’s are the padded input, too', () => {
    const b = new GraphBuilder('chain');
    const x = b.input('x', [-1, 4, 4, 1]);
    const [padded] = b.op('pad', 'padded', [x], { paddings: PADS, value: 0 });
    const filter = b.constant('f', new Float32Array(9 * 2), [2, 3, 3, 1]);
    const [conv] = b.op('conv2d', 'conv', [padded, filter, null], { ...CONV, padding: 'valid' });
    const [pool] = b.op('averagePool2d', 'pool', [conv], POOL);
    const [flat] = b.op('reshape', 'flat', [pool], { shape: [-1, 8] });
    const dense = b.op('fullyConnected', 'dense', [flat, b.constant('w', new Float32Array(16), [2, 8]), null], { keepDims: false }); // prettier-ignore
    const graph = b.build(dense);
    const own = ownTensors(graph, planOf(graph));
    expect([...own.keys()]).toEqual(['conv', 'dense']);
    expect([...own.get('conv')!].sort()).toEqual(['conv', 'flat', 'padded', 'pool', 'x']);
    expect(own.get('dense')).toEqual(['dense']);
  });

  it('of a concatenation are the inputs that have its scale, and no others', () => {
    const b = new GraphBuilder('join');
    const x = b.input('x', [-1, 4]);
    const [left] = b.op('relu', 'left', [x], {});
    const [right] = b.op('tanh', 'right', [x], {});
    const [joined] = b.op('concat', 'joined', [left, right], { axis: 1 });
    const graph = b.build(b.op('sigmoid', 'out', [joined], {}));
    const own = ownTensors(graph, planOf(graph, { left: 'joined' }));
    expect(own.get('joined')).toEqual(['joined', 'left']);
    expect(own.get('left')).toEqual(['left', 'x']);
    expect(own.get('right')).toEqual(['right', 'x']);
  });

  it('are none where nothing is planned: what stays in float is no layer here', () => {
    const b = new GraphBuilder('float');
    const graph = b.build(b.op('elu', 'y', [b.input('x', [-1, 2])], {}));
    expect(ownTensors(graph, { activations: {}, weights: {}, keptFloat: [], notes: [] }).size).toBe(0);
  });
});
