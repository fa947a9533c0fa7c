import type { Kernel } from '../kernel';
import { codes } from '../kernel';
import { dotRuns, type Runs } from './dot';
import { foldZeroPoint, weightedOf } from './weights';

export const fullyConnected: Kernel<'fullyConnected'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 0);
  const [channels, depth] = shape;
  const folded = foldZeroPoint(weights, bias, depth, input.zeroPoint);
  const widened = Int16Array.from(weights);
  const accumulators = new Int32Array(channels);
  const run: Runs = { inputOffsets: new Int32Array(1), length: depth };
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    for (let row = 0; row * depth < source.length; row++) {
      dotRuns(source, row * depth, run, widened, folded, accumulators, 0, channels);
      requantize(accumulators, out.data as Int8Array, row * channels);
    }
  };
};
