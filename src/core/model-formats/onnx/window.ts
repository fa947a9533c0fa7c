/** Sliding windows as ONNX describes them: explicit pads, auto_pad, ceil_mode. */
import type { TensorId } from '../../graph/graph';
import type { Padding, Pair } from '../../graph/ops/attrs';
import { dilatedLength, outputLength, padLengths } from '../../graph/spatial';
import { pair, type Plane } from './layouts';
import type { OnnxNode } from './node';

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Number of window positions [H, W]. */
  readonly output: Pair;
  /** [before, after] that windows reach beyond the plane along [H, W]: what the file pads, less what no window sees. */
  readonly pads: readonly [Pair, Pair];
  /** [before, after] as the file says, along [H, W]. */
  readonly statedPads: readonly [Pair, Pair];
}

/** The four or two numbers of a `pads` attribute, all beginnings first, by dimension. */
export function padPairs(node: OnnxNode, pads: readonly number[], spatial: 1 | 2): [Pair, Pair] {
  if (pads.length !== 2 * spatial || pads.some((p) => !(p >= 0))) node.refuse(`its pads are [${pads.join(', ')}]`);
  return spatial === 2
    ? [
        [pads[0], pads[2]],
        [pads[1], pads[3]],
      ]
    : [
        [0, 0],
        [pads[0], pads[1]],
      ];
}

export function windowOf(node: OnnxNode, plane: Plane, kernel: Pair): Window {
  const { attrs } = node;
  const { spatial, size } = plane;
  const ones = Array<number>(spatial).fill(1);
  const strides = pair(node, attrs.ints('strides') ?? ones, spatial, 'strides');
  const dilations = pair(node, attrs.ints('dilations') ?? ones, spatial, 'dilations');
  if ([...kernel, ...strides, ...dilations].some((v) => !(v >= 1))) node.refuse('its window has no size');
  const stated = padPairs(node, attrs.ints('pads') ?? Array<number>(2 * spatial).fill(0), spatial);
  const along = (i: 0 | 1) =>
    alongAxis(node, {
      length: size[i],
      kernel: kernel[i],
      stride: strides[i],
      dilation: dilations[i],
      stated: stated[i],
    });
  const [h, w] = [along(0), along(1)];
  if (h.output < 1 || w.output < 1) node.refuse(`its window is larger than its input of [${size.join(', ')}]`);
  return {
    kernel,
    strides,
    dilations,
    output: [h.output, w.output],
    pads: [h.pads, w.pads],
    statedPads: [h.statedPads, w.statedPads],
  };
}

interface Axis {
  readonly length: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** The attribute `pads`, [before, after]. */
  readonly stated: Pair;
}

/** Where the windows lie along one axis, by the node's auto_pad and ceil_mode. */
export function alongAxis({ attrs }: OnnxNode, { length, kernel, stride, dilation, stated }: Axis) {
  const auto = attrs.text('auto_pad', 'NOTSET');
  const roundUp = attrs.flag('ceil_mode');
  const reach = dilatedLength(kernel, dilation);
  let statedPads: Pair = auto === 'NOTSET' ? stated : [0, 0];
  if (auto.startsWith('SAME')) {
    const [less, more] = padLengths(length, kernel, stride, dilation, 'same');
    statedPads = auto === 'SAME_LOWER' ? [more, less] : [less, more];
  }
  const room = length + statedPads[0] + statedPads[1] - reach;
  let output = (roundUp ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // A window that would begin in the padding behind the plane is left out.
  if (roundUp && (output - 1) * stride >= length + statedPads[0]) output--;
  const after = Math.max((output - 1) * stride + reach - length - statedPads[0], 0);
  return { output, statedPads, pads: [statedPads[0], after] as Pair };
}

/** TensorFlow's padding that places the windows alike, or null where it takes a pad of its own. */
export function paddingFor(window: Window, size: Pair): Padding | null {
  const { kernel, strides, dilations, output, pads } = window;
  const fits = (padding: Padding) =>
    ([0, 1] as const).every((i) => {
      const own = padLengths(size[i], kernel[i], strides[i], dilations[i], padding);
      const count = outputLength(size[i], kernel[i], strides[i], dilations[i], padding);
      return count === output[i] && own[0] === pads[i][0] && own[1] === pads[i][1];
    });
  return fits('valid') ? 'valid' : fits('same') ? 'same' : null;
}

/** The plane with `pads` around it, filled with `value`. */
export function padPlane(node: OnnxNode, x: TensorId, pads: readonly [Pair, Pair], value: number): TensorId {
  return node.step('padded', 'pad', [x], { paddings: [[0, 0], ...pads, [0, 0]], value });
}
