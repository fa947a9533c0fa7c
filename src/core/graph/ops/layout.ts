import type { Shape } from '../graph';
import type { Op, Pair } from './attrs';
import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, inputShape4, keepBatch, noMacs, reject, show } from './rules';

export const transpose: OpDefinition<'transpose'> = {
  kind: 'transpose',
  label: 'Transpose',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => {
    const rank = inputShape(op, context).length;
    return { permutation: op.attrs.permutation.map((axis) => axisOf(op, axis, rank)) };
  },
  shape: (op, context) => {
    const x = inputShape(op, context);
    const permutation = op.attrs.permutation.map((axis) => axisOf(op, axis, x.length));
    if (permutation.length !== x.length || new Set(permutation).size !== x.length)
      reject(op, `${show(op.attrs.permutation)} is no permutation of ${x.length} dimensions`);
    if (x[0] === -1 && permutation[0] !== 0) reject(op, 'it moves the batch away from the front');
    return [permutation.map((axis) => x[axis])];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const spaceToDepth: OpDefinition<'spaceToDepth'> = {
  kind: 'spaceToDepth',
  label: 'Space to depth',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const [n, h, w, channels] = inputShape4(op, context);
    const { blockSize } = op.attrs;
    checkCounts(op, 'block size', [blockSize]);
    if (h % blockSize !== 0 || w % blockSize !== 0) reject(op, `blocks of ${blockSize} do not tile ${show([h, w])}`);
    return [[n, h / blockSize, w / blockSize, channels * blockSize * blockSize]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const depthToSpace: OpDefinition<'depthToSpace'> = {
  kind: 'depthToSpace',
  label: 'Depth to space',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const [n, h, w, channels] = inputShape4(op, context);
    const { blockSize } = op.attrs;
    checkCounts(op, 'block size', [blockSize]);
    if (channels % (blockSize * blockSize) !== 0)
      reject(op, `${channels} channels do not fill blocks of ${blockSize}×${blockSize}`);
    return [[n, h * blockSize, w * blockSize, channels / (blockSize * blockSize)]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

/** Checks a block and what is added or taken around it, for the dimensions behind the first. */
function checkBlock(op: Op, x: Shape, block: readonly number[], edges: readonly Pair[]): void {
  keepBatch(op, x, 0);
  checkCounts(op, 'block', block);
  for (const pair of edges) checkCounts(op, 'edge', pair, 0);
  if (block.length < 1 || edges.length !== block.length || x.length < block.length + 1)
    reject(op, `a block ${show(block)} with ${edges.length} edges does not fit ${show(x)}`);
}

export const spaceToBatch: OpDefinition<'spaceToBatch'> = {
  kind: 'spaceToBatch',
  label: 'Space to batch',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { block, paddings } = op.attrs;
    checkBlock(op, x, block, paddings);
    const sizes = block.map((size, i) => {
      const padded = x[i + 1] + paddings[i][0] + paddings[i][1];
      return padded % size === 0 ? padded / size : reject(op, `blocks of ${size} do not tile ${padded} pixels`);
    });
    return [[block.reduce((n, size) => n * size, x[0]), ...sizes, ...x.slice(block.length + 1)]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const batchToSpace: OpDefinition<'batchToSpace'> = {
  kind: 'batchToSpace',
  label: 'Batch to space',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { block, crops } = op.attrs;
    checkBlock(op, x, block, crops);
    const images = block.reduce((n, size) => n * size, 1);
    if (x[0] % images !== 0) reject(op, `${x[0]} images do not fill blocks of ${show(block)}`);
    const sizes = block.map((size, i) => {
      const left = x[i + 1] * size - crops[i][0] - crops[i][1];
      return left > 0 ? left : reject(op, `it crops all of ${show(x)}`);
    });
    return [[x[0] / images, ...sizes, ...x.slice(block.length + 1)]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
