import { elementCount } from '../graph';
import { outputLength } from '../spatial';
import type { OpDefinition } from './definition';
import { checkCounts, checkVector, inputShape4, reject, show, slide } from './rules';

export const conv2d: OpDefinition<'conv2d'> = {
  kind: 'conv2d',
  label: 'Conv 2D',
  arity: [2, 3],
  weightInputs: [1, 2],
  shape: (op, context) => {
    const { strides, dilations, padding, groups } = op.attrs;
    const [n, h, w, channels] = inputShape4(op, context);
    const [filters, kh, kw, depth] = inputShape4(op, context, 1);
    checkCounts(op, 'groups', [groups]);
    if (depth * groups !== channels || filters % groups !== 0)
      reject(op, `${filters} filters of depth ${depth} in ${groups} group(s) do not fit ${channels} channels`);
    checkVector(op, context, 2, filters, 'its bias');
    return [[n, ...slide(op, [h, w], [kh, kw], strides, dilations, padding), filters]];
  },
  macs: (_op, [, filter], [output]) => elementCount(output) * elementCount(filter!.slice(1)),
  quant: { kind: 'weighted', weightInput: 1, biasInput: 2, axis: 0 },
};

export const depthwiseConv2d: OpDefinition<'depthwiseConv2d'> = {
  kind: 'depthwiseConv2d',
  label: 'Depthwise Conv 2D',
  arity: [2, 3],
  weightInputs: [1, 2],
  shape: (op, context) => {
    const { strides, dilations, padding, multiplier } = op.attrs;
    const [n, h, w, channels] = inputShape4(op, context);
    const [one, kh, kw, filters] = inputShape4(op, context, 1);
    checkCounts(op, 'multiplier', [multiplier]);
    if (one !== 1 || filters !== channels * multiplier)
      reject(op, `its filter ${show([one, kh, kw, filters])} does not fit ${channels} channels times ${multiplier}`);
    checkVector(op, context, 2, filters, 'its bias');
    return [[n, ...slide(op, [h, w], [kh, kw], strides, dilations, padding), filters]];
  },
  macs: (_op, [, filter], [output]) => elementCount(output) * filter![1] * filter![2],
  quant: { kind: 'weighted', weightInput: 1, biasInput: 2, axis: 3 },
};

export const transposeConv2d: OpDefinition<'transposeConv2d'> = {
  kind: 'transposeConv2d',
  label: 'Transpose conv',
  arity: [2, 3],
  weightInputs: [1, 2],
  /** The convolution of the same filter, strides and padding must map outputSize back to the input. */
  shape: (op, context) => {
    const { strides, padding, outputSize } = op.attrs;
    const [n, h, w, channels] = inputShape4(op, context);
    const [filters, kh, kw, depth] = inputShape4(op, context, 1);
    if (depth !== channels) reject(op, `filters of depth ${depth} do not fit ${channels} channels`);
    checkVector(op, context, 2, filters, 'its bias');
    checkCounts(op, 'strides', strides);
    checkCounts(op, 'output size', outputSize);
    const back = (i: 0 | 1, kernel: number) => outputLength(outputSize[i], kernel, strides[i], 1, padding);
    if (back(0, kh) !== h || back(1, kw) !== w)
      reject(op, `its output size ${show(outputSize)} cannot come from an input of ${show([h, w])}`);
    return [[n, ...outputSize, filters]];
  },
  macs: (_op, [input, filter]) => elementCount(input!) * elementCount(filter!.slice(0, 3)),
  quant: { kind: 'weighted', weightInput: 1, biasInput: 2, axis: 0 },
};
