import type { Range } from '../calibration/types';
import type { QuantParams } from '../graph/graph';

/** LiteRT's tanh takes cells of 0 to 6 integer bits. */
const MOST_INTEGER_BITS = 6;

/**
 * Of an LSTM's cell: the finest power of two at which 16 bits reach all of the range, as TensorFlow's converter chooses. What lies
 * beyond 64 is cut off, where a hyperbolic tangent sees nothing.
 */
export function cellParams({ min, max }: Range): QuantParams {
  const reach = Math.max(Math.abs(min), Math.abs(max), 2 ** -20);
  const integerBits = Math.min(MOST_INTEGER_BITS, Math.max(0, Math.ceil(Math.log2(reach))));
  return {
    scale: Float32Array.of(2 ** (integerBits - 15)),
    zeroPoint: new Int32Array(1),
    quantizedDimension: 0,
  };
}
