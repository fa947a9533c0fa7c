import { broadcastShapes } from '../broadcast';
import { elementCount, type Shape } from '../graph';
import type { OpDefinition } from './definition';
import { inputShape, reject, show } from './rules';

/** [rows, columns] of the matrices, as they are multiplied. */
function matrix(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

export const batchMatMul: OpDefinition<'batchMatMul'> = {
  kind: 'batchMatMul',
  label: 'Batch MatMul',
  arity: [2, 2],
  weightInputs: [],
  shape: (op, context) => {
    const [x, y] = [inputShape(op, context, 0), inputShape(op, context, 1)];
    const { transposeX, transposeY } = op.attrs;
    if ([x, y].some((shape) => shape.length < 2 || shape.slice(-2).includes(-1)))
      reject(op, `its inputs ${show(x)} and ${show(y)} are no matrices`);
    const [[m, k], [l, n]] = [matrix(x, transposeX), matrix(y, transposeY)];
    const batch = broadcastShapes(x.slice(0, -2), y.slice(0, -2));
    if (!batch || k !== l) reject(op, `its inputs ${show(x)} and ${show(y)} cannot be multiplied`);
    return [[...batch, m, n]];
  },
  macs: (op, [x], [output]) => elementCount(output) * matrix(x!, op.attrs.transposeX)[1],
  quant: { kind: 'free' },
};
