import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../build';
import { RangefinderError } from '../../../base/errors';
import type { Shape } from '../graph';
import type { OpAttrs, OpKind } from './attrs';

/** Shapes of an op's outputs; constants are real numbers unless given as whole ones. */
function shapes<K extends OpKind>(kind: K, attrs: OpAttrs[K], x: Shape, ...others: (Shape | Int32Array)[]): Shape[] {
  const b = new GraphBuilder('one op');
  const inputs = others.map((other, i) =>
    other instanceof Int32Array
      ? b.constant(`c${i}`, other, [other.length])
      : other[0] === -1
        ? b.input(`y${i}`, other)
        : b.constant(`c${i}`, new Float32Array(other.reduce((n, d) => n * d, 1)), other),
  );
  return b.op(kind, 'op', [b.input('x', x), ...inputs], attrs).map((id) => b.shape(id));
}

function problem(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RangefinderError && error.code === 'invalid-graph') return error.message;
    throw error;
  }
  return expect.unreachable('was accepted');
}

const plain = { transposeX: false, transposeY: false };

// By the definitions of TensorFlow's operations of these names.
describe('shapes of products, lookups and stacks', () => {
  it('multiplies matrices, leading dimensions broadcast', () => {
    expect(shapes('batchMatMul', plain, [-1, 2, 3, 4], [4, 5])).toEqual([[-1, 2, 3, 5]]);
    expect(shapes('batchMatMul', { transposeX: true, transposeY: true }, [-1, 4, 3], [1, 5, 4])).toEqual([[-1, 3, 5]]);
    expect(problem(() => shapes('batchMatMul', plain, [-1, 3, 4], [3, 5]))).toContain('cannot be multiplied');
    expect(problem(() => shapes('batchMatMul', plain, [-1, 4], [4, 5]))).toContain('no matrices');
  });

  it('puts the dimensions of the indices in place of the axis', () => {
    expect(shapes('gather', { axis: -1 }, [-1, 3, 4], Int32Array.of(0, 3))).toEqual([[-1, 3, 2]]);
    expect(problem(() => shapes('gather', { axis: 1 }, [-1, 3], Int32Array.of(3)))).toContain(
      'outside the 3 of axis 1',
    );
    expect(problem(() => shapes('gather', { axis: 0 }, [-1, 3], Int32Array.of(0)))).toContain('along the batch');
    expect(problem(() => shapes('gather', { axis: 1 }, [-1, 3], [2]))).toContain('indices are of type float32');
  });

  it('stacks and takes apart', () => {
    expect(shapes('pack', { axis: 1 }, [-1, 3], [-1, 3])).toEqual([[-1, 2, 3]]);
    expect(shapes('pack', { axis: -1 }, [-1, 3], [-1, 3])).toEqual([[-1, 3, 2]]);
    expect(shapes('unpack', { axis: 1 }, [-1, 2, 3])).toEqual([
      [-1, 3],
      [-1, 3],
    ]);
    expect(problem(() => shapes('pack', { axis: 1 }, [-1, 3], [-1, 4]))).toContain('differ');
    expect(problem(() => shapes('pack', { axis: 0 }, [-1, 3], [-1, 3]))).toContain('along the batch');
    expect(() => shapes('unpack', { axis: 1 }, [-1, 2 ** 20])).toThrow('1048576 outputs');
  });

  it('repeats and mirrors', () => {
    expect(shapes('tile', { repeats: [1, 2, 3] }, [-1, 2, 3])).toEqual([[-1, 4, 9]]);
    expect(problem(() => shapes('tile', { repeats: [2, 1] }, [-1, 2]))).toContain('along the batch');
    const paddings = [
      [0, 0],
      [2, 0],
    ] as const;
    expect(shapes('mirrorPad', { paddings, mode: 'symmetric' }, [-1, 2])).toEqual([[-1, 4]]);
    expect(problem(() => shapes('mirrorPad', { paddings, mode: 'reflect' }, [-1, 2]))).toContain('mirrors');
  });

  it('picks by tuples, broadcasts, turns round', () => {
    const b = new GraphBuilder('tuples');
    const tuples = b.constant('i', Int32Array.of(1, 0, 2, 3), [2, 2]);
    expect(b.op('gatherNd', 'g', [b.input('x', [3, 4, 5]), tuples], {}).map((id) => b.shape(id))).toEqual([[2, 5]]);
    expect(problem(() => b.op('gatherNd', 'h', [b.input('y', [3, 3]), tuples], {}))).toContain('outside [3, 3]');
    expect(problem(() => b.op('gatherNd', 'k', [b.input('z', [-1, 4]), tuples], {}))).toContain('along the batch');
    expect(shapes('broadcastTo', { shape: [-1, 2, 3] }, [-1, 1, 3])).toEqual([[-1, 2, 3]]);
    expect(problem(() => shapes('broadcastTo', { shape: [-1, 2] }, [2]))).toContain('for each sample');
    expect(problem(() => shapes('broadcastTo', { shape: [2, 3] }, [2, 2]))).toContain('does not broadcast');
    expect(problem(() => shapes('reverse', { axes: [0] }, [-1, 3]))).toContain('along the batch');
  });

  it('orders and compares', () => {
    expect(shapes('argMax', { axis: -1, to: 'int32' }, [-1, 4, 5])).toEqual([[-1, 4]]);
    expect(shapes('topK', { k: 3 }, [-1, 4, 5])).toEqual([
      [-1, 4, 3],
      [-1, 4, 3],
    ]);
    expect(problem(() => shapes('topK', { k: 6 }, [-1, 4, 5]))).toContain('6 values of the 5');
    expect(problem(() => shapes('cumsum', { axis: 0, exclusive: false, reverse: false }, [-1, 3]))).toContain('batch');
    expect(shapes('less', {}, [-1, 4, 1], [5])).toEqual([[-1, 4, 5]]);
    expect(problem(() => shapes('select', {}, [-1, 4], [4], [4]))).toContain('of type float32, not bool');
  });

  it('moves pixels into the batch and back', () => {
    const paddings = [
      [0, 1],
      [0, 0],
    ] as const;
    expect(shapes('spaceToBatch', { block: [2, 3], paddings }, [2, 5, 6, 4])).toEqual([[12, 3, 2, 4]]);
    expect(shapes('batchToSpace', { block: [2, 3], crops: paddings }, [12, 3, 2, 4])).toEqual([[2, 5, 6, 4]]);
    expect(problem(() => shapes('spaceToBatch', { block: [2, 4], paddings }, [2, 5, 6, 4]))).toContain('do not tile');
    expect(problem(() => shapes('spaceToBatch', { block: [2, 3], paddings }, [-1, 5, 6, 4]))).toContain('the batch');
    expect(problem(() => shapes('batchToSpace', { block: [2, 3], crops: paddings }, [8, 3, 2, 4]))).toContain('fill');
  });
});
