import { elementCount } from '../../../core/graph/graph';
import { broadcastStrides } from '../../../core/graph/broadcast';
import { affineOf, codes, required, type Kernel } from '../kernel';

export const batchMatMul: Kernel<'batchMatMul'> = (op, tensors, profile) => {
  const { transposeX, transposeY } = op.attrs;
  const [x, y] = [affineOf(required(tensors.inputs, 0)), affineOf(required(tensors.inputs, 1))];
  const output = affineOf(tensors.outputs[0]);
  const columns = tensors.outputs[0].shape.at(-1)!;
  const requantize = profile.requantizer({
    op: 'batchMatMul',
    inputScale: x.scale,
    weightScales: Float32Array.of(y.scale),
    channels: columns,
    output,
    range: profile.activationRange(op, output),
  });
  const accumulators = new Int32Array(columns);
  return (inputs, [out]) => {
    const [a, b] = [codes(inputs, 0), codes(inputs, 1)];
    const [shapeX, shapeY] = [required(inputs, 0).shape, required(inputs, 1).shape];
    const rows = out.shape.at(-2)!;
    const depth = shapeX.at(transposeX ? -2 : -1)!;
    // Steps to the next row and the next column of a factor as it is multiplied.
    const [rowX, depthX] = transposeX ? [1, rows] : [depth, 1];
    const [depthY, columnY] = transposeY ? [1, depth] : [columns, 1];
    const batch = out.shape.slice(0, -2);
    const [stepsX, stepsY] = [shapeX, shapeY].map((shape) => broadcastStrides(shape.slice(0, -2), batch));
    const index = batch.map(() => 0);
    for (let matrix = 0; matrix < elementCount(batch); matrix++) {
      const from = (steps: number[], size: number) => index.reduce((at, i, d) => at + i * steps[d], 0) * size;
      const [startX, startY] = [from(stepsX, rows * depth), from(stepsY, depth * columns)];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let k = 0; k < depth; k++) {
            const left = a[startX + row * rowX + k * depthX] - x.zeroPoint;
            sum = (sum + left * (b[startY + k * depthY + column * columnY] - y.zeroPoint)) | 0;
          }
          accumulators[column] = sum;
        }
        requantize(accumulators, out.data as Int8Array, (matrix * rows + row) * columns);
      }
      for (let d = index.length - 1; d >= 0 && ++index[d] === batch[d]; d--) index[d] = 0;
    }
  };
};
