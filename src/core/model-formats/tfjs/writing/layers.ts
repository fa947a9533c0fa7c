/** Layers with weights, as operations of TensorFlow. */
import { elementCount, tensorOf, type TensorId } from '../../../graph/graph';
import type { Op } from '../../../graph/ops/attrs';
import { permutedData, permutedShape } from '../../../graph/permute';
import { flag, type, type GraphModelWriter } from './nodes';
import { cut, FLOAT, IMAGES, joined, square, WHOLE, window, type GraphModelRow } from './steps';

/** From filters [O,KH,KW,I] to TensorFlow's [KH,KW,I,O]. */
const OUTPUTS_LAST = [1, 2, 3, 0];

function withBias(w: GraphModelWriter, op: Op, product: string, x: (index: number) => string): string {
  return op.inputs[2] ? w.step('BiasAdd', op.outputs[0], [product, x(2)], { ...FLOAT, ...IMAGES }) : product;
}

const filterOf = (w: GraphModelWriter, id: TensorId, permutation: readonly number[]) => {
  const { data, shape } = tensorOf(w.graph, id);
  return w.reals(
    `${id}_moved`,
    permutedData(data as Float32Array, shape, permutation),
    permutedShape(shape, permutation),
  );
};

/** TensorFlow.js convolves without groups: each is cut out, convolved, and joined with the others. */
export const conv2d: GraphModelRow<'conv2d'> = (w, op, x) => {
  const { strides, dilations, padding, groups } = op.attrs;
  const attr = { strides: square(strides), dilations: square(dilations), ...window(padding) };
  const [output] = op.outputs as [TensorId];
  if (groups === 1) {
    const filter = filterOf(w, op.inputs[1]!, [1, 2, 3, 0]);
    return withBias(w, op, w.step('Conv2D', output, [x(0), filter], attr), x);
  }
  const { data, shape } = tensorOf(w.graph, op.inputs[1]!);
  const [channels, height, width, depth] = shape as readonly [number, number, number, number];
  const each = [channels / groups, height, width, depth];
  const parts = cut(w, output, x(0), Array<number>(groups).fill(depth), 3).map((part, group) => {
    const values = (data as Float32Array).subarray(group * elementCount(each), (group + 1) * elementCount(each));
    const turned = permutedData(values, each, OUTPUTS_LAST);
    const filter = w.reals(`${op.inputs[1]!}_group${group}`, turned, permutedShape(each, OUTPUTS_LAST));
    return w.step('Conv2D', output, [part, filter], attr);
  });
  return withBias(w, op, joined(w, output, parts, 3), x);
};

/** The batch is known when the model runs, and so is the shape that the output is to have. */
export const transposed: GraphModelRow<'transposeConv2d'> = (w, op, x) => {
  const { strides, padding, outputSize } = op.attrs;
  const [output] = op.outputs as [TensorId];
  const [channels] = tensorOf(w.graph, op.inputs[1]!).shape as readonly [number];
  const shape = w.step('Shape', output, [x(0)], { ...FLOAT, out_type: type('DT_INT32') });
  const batch = w.step('Slice', output, [shape, w.integers([0]), w.integers([1])], WHOLE);
  const sizes = joined(w, output, [batch, w.integers([...outputSize, channels])], 0);
  const attr = { strides: square(strides), dilations: square([1, 1]), ...window(padding) };
  const filter = filterOf(w, op.inputs[1]!, [1, 2, 0, 3]);
  return withBias(w, op, w.step('Conv2DBackpropInput', output, [sizes, filter, x(0)], attr), x);
};

export const depthwise: GraphModelRow<'depthwiseConv2d'> = (w, op, x) => {
  const { strides, dilations, padding, multiplier } = op.attrs;
  const { data, shape } = tensorOf(w.graph, op.inputs[1]!);
  const [, height, width, channels] = shape as readonly [number, number, number, number];
  const filter = w.reals(`${op.inputs[1]!}_split`, data as Float32Array, [
    height,
    width,
    channels / multiplier,
    multiplier,
  ]);
  const attr = { strides: square(strides), dilations: square(dilations), ...window(padding) };
  return withBias(w, op, w.step('DepthwiseConv2dNative', op.outputs[0], [x(0), filter], attr), x);
};

export const dense: GraphModelRow<'fullyConnected'> = (w, op, x) => {
  const [output] = op.outputs;
  const [units, inputs] = w.graph.tensors.get(op.inputs[1]!)!.shape as readonly [number, number];
  const rank = tensorOf(w.graph, op.inputs[0]!).shape.length;
  const reshaped = (from: string, shape: readonly number[]) =>
    w.step('Reshape', output, [from, w.integers(shape)], { ...FLOAT, Tshape: type('DT_INT32') });
  const matrix = rank === 2 ? x(0) : reshaped(x(0), [-1, inputs]);
  const weights = filterOf(w, op.inputs[1]!, [1, 0]);
  const attr = { transpose_a: flag(false), transpose_b: flag(false), ...FLOAT };
  const product = withBias(w, op, w.step('MatMul', output, [matrix, weights], attr), x);
  if (rank === 2 || !op.attrs.keepDims) return product;
  return reshaped(product, [...tensorOf(w.graph, op.inputs[0]!).shape.slice(0, -1), units]);
};
