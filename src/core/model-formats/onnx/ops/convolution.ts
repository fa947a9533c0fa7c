/** Convolutions. Filters are stored [O,I/groups,H,W], those of transposed ones [I,O/groups,H,W]. */
import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { dilatedLength, transposedCrop } from '../../../graph/spatial';
import type { Constant } from '../constant';
import { pair, planeOf, unplane, type Plane } from '../layouts';
import type { OnnxNode } from '../node';
import { convolutionOfVolume, isVolume } from '../volume';
import { padPairs, padPlane, paddingFor, windowOf } from '../window';
import type { OpRows } from './row';

/** A filter as [a, b, H, W] whatever its number of spatial dimensions. */
type Filter = Constant & { readonly values: Float32Array; readonly shape: Readonly<Shape4> };
type Shape4 = [number, number, number, number];

function filterOf(node: OnnxNode, plane: Plane): Filter {
  const filter = node.known(1, 'filter');
  const { shape, values } = filter;
  if (shape.length !== plane.spatial + 2) node.refuse(`its filter has ${shape.length} dimensions`);
  const [a, b, ...kernel] = shape;
  const size = pair(node, kernel, plane.spatial, 'filter size');
  return { ...filter, values: values as Float32Array, shape: [a, b, ...size] };
}

function laidOut(node: OnnxNode, filter: Constant, permutation: readonly number[]): TensorId {
  return node.laidOut(node.inputs[1], filter, permutation);
}

function biasOf(node: OnnxNode): TensorId | null {
  if (!node.has(2)) return null;
  node.known(2, 'bias');
  return node.tensor(2);
}

function conv(node: OnnxNode): TensorId {
  if (isVolume(node)) return convolutionOfVolume(node);
  const plane = planeOf(node);
  const filter = filterOf(node, plane);
  const [filters, depth, ...kernel] = filter.shape as Shape4;
  const groups = node.attrs.int('group', 1);
  if (depth * groups !== plane.channels) node.refuse(`its filter of depth ${depth} does not suit its input`);
  const window = windowOf(node, plane, kernel);
  const fitting = paddingFor(window, plane.size);
  const padding = fitting ?? 'valid';
  const x = fitting ? plane.tensor : padPlane(node, plane.tensor, window.pads, 0);
  const { strides, dilations } = window;
  const bias = biasOf(node);
  const y =
    groups > 1 && depth === 1
      ? node.op('depthwiseConv2d', [x, laidOut(node, filter, [1, 2, 3, 0]), bias], {
          strides,
          dilations,
          padding,
          multiplier: filters / groups,
        })
      : node.op('conv2d', [x, laidOut(node, filter, [0, 2, 3, 1]), bias], { strides, dilations, padding, groups });
  return unplane(node, y, plane.spatial);
}

interface Transposed {
  readonly strides: Pair;
  /** Length of the result along [H, W]. */
  readonly output: Pair;
  /** How much of the full result lies before it. */
  readonly before: Pair;
}

function transposedWindow(node: OnnxNode, plane: Plane, kernel: Pair): Transposed {
  const { attrs } = node;
  const { spatial, size } = plane;
  const zeros = Array<number>(spatial).fill(0);
  const strides = pair(node, attrs.ints('strides') ?? zeros.map(() => 1), spatial, 'strides');
  const extraList = attrs.ints('output_padding') ?? zeros;
  const extra: Pair = spatial === 2 ? pair(node, extraList, 2, 'output padding') : [0, extraList[0] ?? 0];
  const auto = attrs.text('auto_pad', 'NOTSET');
  const stated = padPairs(node, attrs.ints('pads') ?? [...zeros, ...zeros], spatial);
  const wanted = attrs.ints('output_shape');
  const outputs = wanted && pair(node, wanted.slice(-spatial), spatial, 'output shape');
  const along = (i: 0 | 1) => {
    const full = strides[i] * (size[i] - 1) + extra[i] + kernel[i];
    const given = outputs?.[i] ?? (auto.startsWith('SAME') ? size[i] * strides[i] : undefined);
    if (given === undefined) {
      const [before, after] = auto === 'VALID' ? [0, 0] : stated[i];
      return { output: full - before - after, before };
    }
    const total = Math.max(full - given, 0);
    const half = Math.floor(total / 2);
    return { output: given, before: auto === 'SAME_UPPER' ? half : total - half };
  };
  const [h, w] = [along(0), along(1)];
  if (!(h.output >= 1 && w.output >= 1)) node.refuse('its result is empty');
  return { strides, output: [h.output, w.output], before: [h.before, w.before] };
}

/** A filter [.,.,H,W] with gaps of zeros between its taps. */
function spread(node: OnnxNode, filter: Filter, dilations: Pair): Filter {
  if (dilations[0] === 1 && dilations[1] === 1) return filter;
  const [a, b, kh, kw] = filter.shape;
  const [height, width] = [dilatedLength(kh, dilations[0]), dilatedLength(kw, dilations[1])];
  const values = new Float32Array(node.checkCount([a, b, height, width]));
  filter.values.forEach((value, i) => {
    const [plane, row, column] = [Math.floor(i / (kh * kw)), Math.floor(i / kw) % kh, i % kw];
    values[(plane * height + row * dilations[0]) * width + column * dilations[1]] = value;
  });
  return { ...filter, values, shape: [a, b, height, width] };
}

/** One group: TensorFlow's rule for the crop where it is the same, otherwise the full result and a slice of it. */
function transposedGroup(
  node: OnnxNode,
  x: TensorId,
  filter: TensorId,
  bias: TensorId | null,
  { strides, output, before }: Transposed,
): TensorId {
  const [, height, width] = node.shapeOf(x);
  const [, kh, kw] = node.shapeOf(filter);
  const [size, kernel] = [
    [height, width],
    [kh, kw],
  ] as const;
  const axes = [0, 1] as const;
  for (const padding of ['valid', 'same'] as const) {
    const covered = (i: 0 | 1) => (padding === 'same' ? output[i] : output[i] - kernel[i] + 1);
    const fits = axes.every(
      (i) =>
        Math.ceil(covered(i) / strides[i]) === size[i] &&
        transposedCrop(size[i], output[i], kernel[i], strides[i], padding)[0] === before[i],
    );
    if (fits) return node.op('transposeConv2d', [x, filter, bias], { strides, padding, outputSize: output });
  }
  const reach = axes.map((i) => {
    const full = (size[i] - 1) * strides[i] + kernel[i];
    const reached = Math.max(full, before[i] + output[i]);
    if (reached - full >= strides[i]) node.refuse('its result reaches beyond what its input determines');
    return reached;
  });
  const full = node.step('full', 'transposeConv2d', [x, filter, bias], {
    strides,
    padding: 'valid',
    outputSize: [reach[0], reach[1]],
  });
  return node.op('slice', [full], {
    begin: [0, ...before, 0],
    size: [-1, ...output, -1],
  });
}

function convTranspose(node: OnnxNode): TensorId {
  const plane = planeOf(node);
  const stored = filterOf(node, plane);
  const ones = Array<number>(plane.spatial).fill(1);
  const filter = spread(node, stored, pair(node, node.attrs.ints('dilations') ?? ones, plane.spatial, 'dilations'));
  const [inputs, perGroup, ...kernel] = filter.shape as [number, number, number, number];
  const groups = node.attrs.int('group', 1);
  if (inputs !== plane.channels || !(groups >= 1) || inputs % groups !== 0)
    node.refuse(`its filter of depth ${inputs} does not suit its input`);
  const window = transposedWindow(node, plane, kernel);
  if (groups === 1) {
    const y = transposedGroup(node, plane.tensor, laidOut(node, filter, [1, 2, 3, 0]), biasOf(node), window);
    return unplane(node, y, plane.spatial);
  }
  const parts = node.ops(
    'split',
    [plane.tensor],
    { axis: 3, sizes: Array<number>(groups).fill(inputs / groups) },
    { outputs: [] },
  );
  const bias: Constant | undefined = node.has(2) ? node.known(2, 'bias') : undefined;
  const size = filter.values.length / groups;
  const results = parts.map((part, g) => {
    const values = filter.values.subarray(g * size, (g + 1) * size);
    const own: Constant = { type: 'FLOAT', values, shape: [inputs / groups, perGroup, ...kernel] };
    const weights = laidOut(node, own, [1, 2, 3, 0]);
    const slice = bias?.values.slice(g * perGroup, (g + 1) * perGroup);
    return transposedGroup(
      node,
      part,
      weights,
      slice ? node.fixed(node.inputs[2], slice as Float32Array, [perGroup]) : null,
      window,
    );
  });
  return unplane(node, node.op('concat', results, { axis: 3 }), plane.spatial);
}

export const CONVOLUTION_OPS: OpRows = {
  Conv: { layout: 'channels-first', translate: conv },
  ConvTranspose: { layout: 'channels-first', translate: convTranspose },
};
