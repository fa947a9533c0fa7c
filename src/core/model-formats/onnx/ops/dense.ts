/** Matrix products with trained weights. */
import type { TensorId } from '../../../graph/graph';
import { isReal } from '../constant';
import { transposed } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

/** A matrix of the file as weights [O,I], times `factor`. */
function weightsOf(node: OnnxNode, index: number, stored: 'io' | 'oi', factor = 1): TensorId {
  const matrix = node.known(index, 'matrix');
  if (matrix.shape.length !== 2) node.refuse(`its matrix has ${matrix.shape.length} dimensions`);
  const { storedAs: _, ...plain } = matrix;
  const scaled = factor === 1 ? matrix : { ...plain, values: matrix.values.map((v) => v * factor) };
  return node.laidOut(node.inputs[index], scaled, stored === 'io' ? [1, 0] : [0, 1]);
}

function computedGemm(node: OnnxNode, alpha: number, beta: number): TensorId {
  const scaled = (x: TensorId, factor: number, name: string) =>
    factor === 1 ? x : node.step(name, 'mul', [x, node.number(factor)], {});
  const matrices = [scaled(node.tensor(0), alpha, 'scaled'), node.tensor(1)];
  const attrs = { transposeX: node.attrs.flag('transA'), transposeY: node.attrs.flag('transB') };
  if (!node.has(2) || beta === 0) return node.op('batchMatMul', matrices, attrs);
  const product = node.step('product', 'batchMatMul', matrices, attrs);
  return node.op('add', [product, scaled(node.tensor(2), beta, 'c')], {});
}

/** Two matrices the model computes; vectors become matrices of one row or column. */
function computedMatMul(node: OnnxNode): TensorId {
  const [a, b] = [node.tensor(0), node.tensor(1)];
  const [left, right] = [node.shapeOf(a), node.shapeOf(b)];
  const attrs = { transposeX: false, transposeY: false };
  if (left.length > 1 && right.length > 1) return node.op('batchMatMul', [a, b], attrs);
  const x = left.length > 1 ? a : node.step('row', 'reshape', [a], { shape: [1, ...left] });
  const y = right.length > 1 ? b : node.step('column', 'reshape', [b], { shape: [...right, 1] });
  const product = node.step('product', 'batchMatMul', [x, y], attrs);
  const shape = [...node.shapeOf(product)];
  if (right.length === 1) shape.splice(-1, 1);
  if (left.length === 1) shape.splice(right.length === 1 ? -1 : -2, 1);
  return node.op('reshape', [product], { shape });
}

/** α · A · B + β · C, any of A and B transposed. */
function gemm(node: OnnxNode): TensorId {
  const { attrs } = node;
  const [alpha, beta] = [attrs.float('alpha', 1), attrs.float('beta', 1)];
  if (node.constant(1) === undefined) return computedGemm(node, alpha, beta);
  const a = node.tensor(0);
  const x = attrs.flag('transA') ? transposed(node, a, [1, 0], 'transposed') : a;
  const weights = weightsOf(node, 1, attrs.flag('transB') ? 'oi' : 'io', alpha);
  const units = node.shapeOf(weights)[0];
  if (!node.has(2) || beta === 0) return node.op('fullyConnected', [x, weights, null], { keepDims: true });
  const c = node.constant(2);
  const values = c?.values ?? [];
  const perUnit = c && (values.length === 1 || (values.length === units && c.shape.at(-1) === units));
  if (perUnit) {
    const bias = Float32Array.from({ length: units }, (_, i) => beta * values[values.length === 1 ? 0 : i]);
    return node.op('fullyConnected', [x, weights, node.fixed(node.inputs[2], bias, [units])], { keepDims: true });
  }
  const product = node.step('product', 'fullyConnected', [x, weights, null], { keepDims: true });
  const summand = beta === 1 ? node.tensor(2) : node.step('c', 'mul', [node.tensor(2), node.number(beta)], {});
  return node.op('add', [product, summand], {});
}

function matMul(node: OnnxNode): TensorId {
  const [a, b] = [node.constant(0), node.constant(1)];
  if (b ? b.shape.length > 2 : a?.shape.length !== 2) return computedMatMul(node);
  if (b) {
    const x = node.tensor(0);
    const rank = node.shapeOf(x).length;
    if (b.shape.length === 1) {
      const weights = node.fixed(node.inputs[1], b.values as Float32Array, [1, b.shape[0]]);
      if (rank < 2) node.refuse('it multiplies two vectors');
      const y = node.step('column', 'fullyConnected', [x, weights, null], { keepDims: true });
      return node.op('reshape', [y], { shape: node.shapeOf(y).slice(0, -1) });
    }
    if (rank === 1) {
      const row = node.step('row', 'reshape', [x], { shape: [1, ...node.shapeOf(x)] });
      const y = node.step('product', 'fullyConnected', [row, weightsOf(node, 1, 'io'), null], { keepDims: true });
      return node.op('reshape', [y], { shape: node.shapeOf(y).slice(1) });
    }
    return node.op('fullyConnected', [x, weightsOf(node, 1, 'io'), null], { keepDims: true });
  }
  // A fixed matrix from the left: (Bᵀ Aᵀ)ᵀ.
  const x = node.tensor(1);
  const rank = node.shapeOf(x).length;
  if (rank < 2) node.refuse('it multiplies a matrix by a vector');
  const swap = Array.from({ length: rank }, (_, i) => i);
  [swap[rank - 2], swap[rank - 1]] = [rank - 1, rank - 2];
  const weights = weightsOf(node, 0, 'oi');
  const y = node.op('fullyConnected', [transposed(node, x, swap, 'transposed'), weights, null], { keepDims: true });
  return transposed(node, y, swap, 'back');
}

/**
 * onnxruntime's product with a matrix in blocks of few bits: codes [N, blocks, bytes], the first of a byte lowest, a scale
 * for each block, and zero points in the middle of the codes where none are given.
 */
function blockwiseMatMul(node: OnnxNode): TensorId {
  const { attrs } = node;
  const [inputs, units] = [attrs.int('K', 0), attrs.int('N', 0)];
  const [bits, size] = [attrs.int('bits', 4), attrs.int('block_size', 0)];
  const blocks = Math.ceil(inputs / size);
  if (![2, 4, 8].includes(bits) || !(size > 0 && inputs > 0 && units > 0)) node.refuse(`it has ${bits}-bit codes`);
  if (node.has(4)) node.refuse('its rows are in another order (g_idx)');
  const codes = node.known(1, 'codes').values;
  const scales = node.known(2, 'scales').values;
  const zeros = node.has(3) ? node.known(3, 'zero points') : undefined;
  const perByte = 8 / bits;
  const bytes = size / perByte;
  if (codes.length !== units * blocks * bytes || scales.length !== units * blocks)
    node.refuse('its codes and scales do not fit its sizes');
  const field = (packed: ArrayLike<number>, at: number) =>
    (packed[Math.floor(at / perByte)] >> (bits * (at % perByte))) & (2 ** bits - 1);
  const zeroBytes = Math.ceil(blocks / perByte);
  const zeroOf = (unit: number, block: number) => {
    if (!zeros) return 2 ** (bits - 1);
    if (isReal(zeros.type)) return zeros.values[unit * blocks + block];
    return field(zeros.values.subarray(unit * zeroBytes, (unit + 1) * zeroBytes), block);
  };
  const weights = new Float32Array(node.checkCount([units, inputs]));
  for (let unit = 0; unit < units; unit++)
    for (let block = 0; block < blocks; block++) {
      const [scale, zero] = [scales[unit * blocks + block], zeroOf(unit, block)];
      const first = (unit * blocks + block) * size;
      for (let k = block * size; k < Math.min((block + 1) * size, inputs); k++)
        weights[unit * inputs + k] = (field(codes, first + k - block * size) - zero) * scale;
    }
  node.note('quantized weights turned into float32');
  const bias = node.has(5) ? node.tensor(5) : null;
  return node.op('fullyConnected', [node.tensor(0), node.fixed(node.inputs[1], weights, [units, inputs]), bias], {
    keepDims: true,
  });
}

export const DENSE_OPS: OpRows = {
  Gemm: { translate: gemm },
  MatMul: { translate: matMul },
  MatMulNBits: { translate: blockwiseMatMul },
};
