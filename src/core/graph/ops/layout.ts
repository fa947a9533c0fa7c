import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, inputShape4, noMacs, reject, show } from './rules';

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
    return [permutation.map((axis) => x[axis]!)];
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
