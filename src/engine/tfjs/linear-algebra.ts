/** Matrix products on tfjs for algorithms of the core, whose own loops are some ten times slower. */
import { keep, matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { viewSync } from './heap';

/** aᵀ·b of two row-major matrices of `rows` rows, summed over rows: [columns of a, columns of b]. */
export function transposedProduct(a: Float32Array, b: Float32Array, rows: number): Float32Array {
  return tidy(() => {
    const left = tensor2d(a, [rows, a.length / rows]);
    const right = a === b ? left : tensor2d(b, [rows, b.length / rows]);
    return viewSync(matMul(left, right, true, false)).slice();
  });
}

/** A square matrix that stays on the device to be multiplied by many times. */
export class KeptMatrix {
  private readonly matrix;

  constructor(
    values: Float32Array,
    private readonly size: number,
  ) {
    this.matrix = keep(tensor2d(values, [size, size]));
  }

  /** rows · matrix, row-major. */
  multiply(rows: Float32Array): Float32Array {
    const { size, matrix } = this;
    return tidy(() => viewSync(matMul(tensor2d(rows, [rows.length / size, size]), matrix)).slice());
  }

  dispose(): void {
    this.matrix.dispose();
  }
}
