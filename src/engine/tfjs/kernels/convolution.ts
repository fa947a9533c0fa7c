/**
 * Convolutions, through tfjs' fused kernels: on wasm these are XNNPACK's with bias and clamping built in. The kernels are
 * called directly because the ops around them refuse strides together with dilations, which the kernels do run.
 */
import {
  add,
  concat,
  engine,
  FusedConv2D,
  FusedDepthwiseConv2D,
  reshape,
  split,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Op } from '../../../core/graph/ops/attrs';
import { padLengths } from '../../../core/graph/spatial';
import { conv2dInputGradient } from '../gradients/conv2d-input';
import { undilated } from '../gradients/convolve';
import { onWasm } from '../heap';
import { activate, activateRest, FUSED_NAME } from './activation';
import { present, type Kernel } from './kernel';

function fusedKernel(
  kernel: typeof FusedConv2D | typeof FusedDepthwiseConv2D,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  { attrs, activation }: Op<'conv2d'> | Op<'depthwiseConv2d'>,
): Tensor {
  // Other backends than wasm refuse strides together with dilations.
  const spread = !onWasm() && Math.max(...attrs.strides) > 1 && Math.max(...attrs.dilations) > 1;
  const [taken, dilations] = spread ? [undilated(filter, attrs.dilations), [1, 1]] : [filter, attrs.dilations];
  // Padding in numbers: told "same", XNNPACK underflows and computes nothing where strides leave gaps between windows.
  const pads = ([0, 1] as const).map((i): [number, number] => {
    const [length, taps] = [x.shape.slice(1, 3)[i], filter.shape.slice(0, 2)[i]];
    return [...padLengths(length, taps, attrs.strides[i], attrs.dilations[i], attrs.padding)];
  });
  const y = engine().runKernel<Tensor>(kernel, bias ? { x, filter: taken, bias } : { x, filter: taken }, {
    strides: [...attrs.strides],
    pad: [[0, 0], ...pads, [0, 0]],
    dataFormat: 'NHWC',
    dilations: [...dilations],
    activation: FUSED_NAME[activation],
  });
  return activateRest(y, activation);
}

export const conv2d: Kernel<'conv2d'> = {
  activates: true,
  // OHWI → HWIO
  arrange: { 1: (filter) => transpose(filter, [1, 2, 3, 0]) },
  run(inputs, op) {
    const [x, filter, bias] = [present(inputs, 0), present(inputs, 1), inputs[2] ?? null];
    const { groups } = op.attrs;
    if (groups === 1) return fusedKernel(FusedConv2D, x, filter, bias, op);
    // tfjs has no groups: each group is a convolution of its own channels.
    const xs = split(x, groups, 3);
    const filters = split(filter, groups, 3);
    const biases = bias ? split(bias, groups) : null;
    return concat(
      xs.map((part, g) => fusedKernel(FusedConv2D, part, filters[g], biases?.[g] ?? null, op)),
      3,
    );
  },
};

export const depthwiseConv2d: Kernel<'depthwiseConv2d'> = {
  activates: true,
  // [1,H,W,I·multiplier] → [H,W,I,multiplier]
  arrange: {
    1: (filter, { attrs: { multiplier } }) => {
      const [, height, width, channels] = filter.shape;
      return reshape(filter, [height, width, channels / multiplier, multiplier]);
    },
  },
  run: (inputs, op) => fusedKernel(FusedDepthwiseConv2D, present(inputs, 0), present(inputs, 1), inputs[2] ?? null, op),
};

/** By definition the gradient of a convolution with respect to its input. */
export const transposeConv2d: Kernel<'transposeConv2d'> = {
  activates: true,
  // OHWI → HWOI
  arrange: { 1: (filter) => transpose(filter, [1, 2, 0, 3]) },
  run(inputs, { attrs, activation }) {
    const [x, filter, bias] = [present(inputs, 0), present(inputs, 1) as Tensor4D, inputs[2] ?? null];
    const outputShape = [x.shape[0], ...attrs.outputSize, filter.shape[2]] as number[];
    const y = conv2dInputGradient(x, filter, outputShape, { strides: [...attrs.strides], pad: attrs.padding });
    return activate(bias ? add(y, bias) : y, activation);
  },
};
