import type { Kernel } from '../kernel';
import { codes } from '../kernel';
import { rowAccumulator } from './accumulate';
import type { Runs } from './dot';
import { foldZeroPoint, weightedOf } from './weights';

export const fullyConnected: Kernel<'fullyConnected'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 0);
  const [channels, depth] = shape;
  const folded = foldZeroPoint(weights, bias, depth, input.zeroPoint);
  const accumulators = rowAccumulator({ weights, bias: folded, groups: 1, depth });
  const run: Runs = { inputOffsets: new Int32Array(1), length: depth };
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const rows = source.length / depth;
    accumulators.open(source, run, rows);
    const all = accumulators.row(0, depth, rows);
    for (let row = 0; row < rows; row++)
      requantize(all.subarray(row * channels, (row + 1) * channels), out.data as Int8Array, row * channels);
  };
};
