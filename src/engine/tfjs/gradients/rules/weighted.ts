/** Convolutions and dense layers: the inputs' gradients are convolutions again, the filters' are kernels of our own. */
import { concat, Conv2D, matMul, reshape, slice, split, transpose, type Tensor } from '@tensorflow/tfjs-core';
import type { Op } from '../../../../core/graph/ops/attrs';
import { padLengths } from '../../../../core/graph/spatial';
import { conv2dInputGradient } from '../conv2d-input';
import { both, convolve, geometry, undilated, type Pads, type Pair } from '../convolve';
import { depthwiseInputGradient } from '../depthwise-input';
import { conv2dFilterGradient, depthwiseFilterGradient, type Sliding } from '../filter';
import { sumTo } from '../sums';
import type { Rule } from './rule';

function slidingOf(
  x: Tensor,
  filter: Tensor,
  { attrs }: Op<'conv2d'> | Op<'depthwiseConv2d'>,
): Sliding & { pads: Pads } {
  const { strides, dilations, padding } = attrs;
  const kernel = filter.shape.slice(0, 2) as [number, number];
  const pads = both((i): Pair => padLengths(x.shape[i + 1], kernel[i], strides[i], dilations[i], padding));
  return { kernel, strides, dilations, before: both((i) => pads[i][0]), pads };
}

function inputAttrs({ strides, pads }: { strides: Pair; pads: Pads }) {
  const pad: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [...pads[0]],
    [...pads[1]],
    [0, 0],
  ];
  return { strides: [...strides] as [number, number], pad };
}

const biasGradient = (dy: Tensor, wanted: boolean | undefined) => (wanted ? sumTo(dy, [dy.shape.at(-1)!]) : null);

export const conv2d: Rule<'conv2d'> = ({ op, dys, inputs, wanted }) => {
  const [dy, x, filter] = [dys[0]!, inputs[0]!, inputs[1]!];
  const { groups } = op.attrs;
  const sliding = slidingOf(x, filter, op);
  const inputGradient = () => {
    const whole = undilated(filter, op.attrs.dilations);
    const shape = [...x.shape.slice(0, 3), x.shape[3]! / groups];
    const attrs = inputAttrs(sliding);
    if (groups === 1) return conv2dInputGradient(dy, whole, shape, attrs);
    const filters = split(whole, groups, 3);
    return concat(
      split(dy, groups, 3).map((part, g) => conv2dInputGradient(part, filters[g], shape, attrs)),
      3,
    );
  };
  return [
    wanted[0] ? inputGradient() : null,
    wanted[1] ? transpose(conv2dFilterGradient(x, dy, sliding, groups), [3, 0, 1, 2]) : null, // HWIO → OHWI
    biasGradient(dy, wanted[2]),
  ];
};

export const depthwiseConv2d: Rule<'depthwiseConv2d'> = ({ op, dys, inputs, wanted }) => {
  const [dy, x, filter] = [dys[0]!, inputs[0]!, inputs[1]!];
  const sliding = slidingOf(x, filter, op);
  const whole = () => undilated(filter, op.attrs.dilations);
  return [
    wanted[0] ? depthwiseInputGradient(dy, whole(), x.shape, inputAttrs(sliding)) : null,
    wanted[1] ? reshape(depthwiseFilterGradient(x, dy, sliding), [1, ...sliding.kernel, dy.shape[3]!]) : null,
    biasGradient(dy, wanted[2]),
  ];
};

/** The gradient of a convolution's input gradient: the convolution itself, and the filter gradient with roles exchanged. */
export const transposeConv2d: Rule<'transposeConv2d'> = ({ op, dys, inputs, wanted }) => {
  const [dy, x, filter] = [dys[0]!, inputs[0]!, inputs[1]!]; // filter: HWOI
  const attrs = { strides: [...op.attrs.strides] as [number, number], pad: op.attrs.padding };
  const { kernel, strides, before, input, output } = geometry(dy.shape, filter.shape, attrs);
  const after = (i: 0 | 1) => (output[i] - 1) * strides[i] + kernel[i] - before[i] - input[i];
  const inputGradient = () => {
    const reached = both((i) => input[i] + Math.min(0, after(i)));
    const seen = slice(dy, [0, 0, 0, 0], [dy.shape[0], ...reached, dy.shape[3]!]);
    return convolve(Conv2D, seen, filter, { pads: both((i): Pair => [before[i], Math.max(0, after(i))]), strides });
  };
  const filterGradient = () => conv2dFilterGradient(dy, x, { kernel, strides, dilations: [1, 1], before });
  return [
    wanted[0] ? inputGradient() : null,
    wanted[1] ? transpose(filterGradient(), [2, 0, 1, 3]) : null, // HWOI → OHWI
    biasGradient(dy, wanted[2]),
  ];
};

export const fullyConnected: Rule<'fullyConnected'> = ({ dys, inputs, wanted }) => {
  const [x, weights] = [inputs[0]!, inputs[1]!]; // weights: IO
  const [depth, units] = weights.shape as [number, number];
  const dy = reshape(dys[0]!, [-1, units]);
  const rows = dy.shape[0];
  const asPixels = (values: Tensor, channels: number) => reshape(values, [1, 1, rows, channels]);
  // Roles exchanged, so that it comes out as [O, I].
  const filterGradient = () =>
    conv2dFilterGradient(asPixels(dy, units), asPixels(x, depth), {
      kernel: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      before: [0, 0],
    });
  return [
    wanted[0] ? reshape(matMul(dy, transpose(weights)), x.shape) : null,
    wanted[1] ? reshape(filterGradient(), [units, depth]) : null,
    biasGradient(dy, wanted[2]),
  ];
};
