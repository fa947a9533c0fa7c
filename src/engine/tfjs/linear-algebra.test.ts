import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { multiplyRows } from '../../core/algorithms/rounding';
import { testValues } from '../../testing/oracles/naive/compare';
import { initBackend } from './backend';
import { KeptMatrix, transposedProduct } from './linear-algebra';
import { nodeHost } from './node-host';

describe('matrix products', () => {
  beforeAll(() => initBackend(nodeHost()));

  it('equal the plain loops, and leave nothing behind', () => {
    const before = memory().numTensors;
    const [rows, columns] = [37, 9];
    const a = testValues(rows * columns, 1);
    const b = testValues(rows * columns, 2);
    const product = transposedProduct(a, b, rows);
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += a[r * columns + i] * b[r * columns + j];
        expect(product[i * columns + j]).toBeCloseTo(sum, 5);
      }
    const kept = new KeptMatrix(product, columns);
    const expected = multiplyRows(a, product, { groups: 1, columns });
    kept.multiply(a).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
    kept.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
