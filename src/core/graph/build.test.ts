import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './build';
import { BATCH } from './graph';
import type { Padding } from './ops/attrs';

const convAttrs = (padding: Padding, stride = 1) =>
  ({ strides: [stride, stride], padding, dilations: [1, 1], groups: 1 }) as const;

describe('GraphBuilder', () => {
  it('infers shapes and spells out absent inputs', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [BATCH, 32, 32, 3]);
    const w = b.constant('w', new Float32Array(16 * 3 * 3 * 3), [16, 3, 3, 3]);
    const [y] = b.op('conv2d', 'conv', [x, w], convAttrs('same', 2), { activation: 'relu' });
    const graph = b.build([y]);
    expect(graph.tensors.get('conv')).toEqual({ id: 'conv', dtype: 'float32', shape: [-1, 16, 16, 16] });
    expect(graph.ops[0]).toEqual({
      id: 'conv',
      kind: 'conv2d',
      attrs: convAttrs('same', 2),
      inputs: ['x', 'w', null],
      outputs: ['conv'],
      activation: 'relu',
      sourceName: 'conv',
    });
    expect(graph.provenance.format).toBe('built');
  });

  it('keeps names unique and returns the id that became of a name', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [BATCH, 4]);
    const ids = [b.op('relu', 'x', [x], {})[0], b.op('relu', 'x', [x], {})[0], b.op('tanh', 'x_1', [x], {})[0]];
    expect(ids).toEqual(['x_1', 'x_2', 'x_1_1']);
    const graph = b.build(ids);
    expect(graph.ops.map((op) => op.id)).toEqual(['x', 'x_1', 'x_1_1']);
    expect(graph.ops.map((op) => op.sourceName)).toEqual(['x', 'x', 'x_1']);
  });

  it('returns every output of a split, counting its axis from the front', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [BATCH, 2, 6]);
    const parts = b.op('split', 's', [x], { axis: -1, sizes: [1, 2, 3] }, { outputs: ['a', 'b'] });
    expect(parts).toEqual(['a', 'b', 's:2']);
    expect(parts.map((id) => b.shape(id))).toEqual([
      [-1, 2, 1],
      [-1, 2, 2],
      [-1, 2, 3],
    ]);
    expect(b.build(parts).ops[0].attrs).toEqual({ axis: 2, sizes: [1, 2, 3] });
  });

  it('gives quantize and dequantize the type they compute', () => {
    const b = new GraphBuilder('net');
    const quant = { scale: Float32Array.of(0.5), zeroPoint: Int32Array.of(3), quantizedDimension: 0 };
    const [q] = b.op('quantize', 'q', [b.input('x', [BATCH, 4])], {}, { quant });
    const [y] = b.op('dequantize', 'y', [q], {});
    const graph = b.build([y]);
    expect(graph.tensors.get('q')).toMatchObject({ dtype: 'int8', quant });
    expect(graph.tensors.get('y')).toMatchObject({ dtype: 'float32' });
    expect(graph.tensors.get('y')!.quant).toBeUndefined();
  });

  it('refuses a constant whose data does not fill its shape, and tensors it does not know', () => {
    const b = new GraphBuilder('net');
    expect(() => b.constant('w', [1, 2, 3], [2, 2])).toThrow('Constant "w" has 3 values for a shape of [2, 2].');
    expect(() => b.op('relu', 'r', ['nowhere'], {})).toThrow('There is no tensor "nowhere" to read.');
  });

  it('refuses an op where it is added, naming it', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [BATCH, 8, 8, 3]);
    const w = b.constant('w', new Float32Array(4 * 9 * 2), [4, 3, 3, 2]);
    expect(() => b.op('conv2d', 'stem', [x, w], convAttrs('same'))).toThrow(
      'conv2d "stem": 4 filters of depth 2 in 1 group(s) do not fit 3 channels.',
    );
  });
});
