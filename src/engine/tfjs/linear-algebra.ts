/** Matrix products on tfjs for algorithms of the core, whose own loops are some twenty times slower. */
import {
  conv2d,
  keep,
  matMul,
  tensor2d,
  tensor4d,
  tidy,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { viewSync } from './heap';

/** aᵀ·b of two row-major matrices of `rows` rows, summed over rows: [columns of a, columns of b]. */
export function transposedProduct(a: Float32Array, b: Float32Array, rows: number): Float32Array {
  return valuesOf(() => {
    const left = tensor2d(a, [rows, a.length / rows]);
    const right = a === b ? left : tensor2d(b, [rows, b.length / rows]);
    // wasm's matMul is ten times slower when it has to transpose itself.
    return matMul(transpose(left), right);
  });
}

/** tidy looks for tensors in all that it is given back, in each value of an array, too: only the tensor may leave it. */
function valuesOf(compute: () => Tensor): Float32Array {
  const result = tidy(compute);
  const values = viewSync(result).slice();
  result.dispose();
  return values;
}

/**
 * A square matrix that stays on the device to be multiplied by many times. It is a 1 × 1 convolution: that is where
 * wasm's XNNPACK keeps the packed matrix between calls.
 */
export class KeptMatrix {
  private readonly filter: Tensor4D;

  constructor(
    values: Float32Array,
    private readonly size: number,
  ) {
    this.filter = keep(tensor4d(values, [1, 1, size, size]));
  }

  /** rows · matrix, row-major. */
  multiply(rows: Float32Array): Float32Array {
    const { size, filter } = this;
    return valuesOf(() => conv2d(tensor4d(rows, [1, 1, rows.length / size, size]), filter, 1, 'valid'));
  }

  dispose(): void {
    this.filter.dispose();
  }
}
