/**
 * Convolutions and pools over volumes [N,D,H,W,C], in ops on planes: the steps of depth stand beside each other as
 * channels, each step of the result is a two-dimensional convolution of those that it sees. So they run in int8, for which
 * TensorFlow Lite has no kernels of three dimensions.
 */
import type { TensorId } from './graph';
import type { Pair } from './ops/attrs';
import { outputLength, padLengths } from './spatial';
import type { OpSink } from './unroll';

export type Triple = readonly [number, number, number];

/** Steps of depth a result may have: each is a convolution of its own. */
export const MOST_DEPTH_STEPS = 64;

/** A window along [D, H, W]. */
export interface VolumeWindow {
  readonly kernel: Triple;
  readonly strides: Triple;
  readonly dilations: Triple;
  /** [before, after] along each. */
  readonly pads: readonly [Pair, Pair, Pair];
  /** Number of window positions along each. */
  readonly output: Triple;
}

/** The window of TensorFlow's padding. */
export function volumeWindow(
  size: Triple,
  kernel: Triple,
  strides: Triple,
  dilations: Triple,
  padding: 'same' | 'valid',
): VolumeWindow {
  const along = <T>(f: (i: number) => T): [T, T, T] => [f(0), f(1), f(2)];
  return {
    kernel,
    strides,
    dilations,
    pads: along((i) => padLengths(size[i], kernel[i], strides[i], dilations[i], padding)),
    output: along((i) => outputLength(size[i], kernel[i], strides[i], dilations[i], padding)),
  };
}

/** [N,D,H,W,C] as [N,H,W,D·C]. */
function stacked(sink: OpSink, x: TensorId): TensorId {
  const [n, depth, height, width, channels] = sink.shape(x) as [number, number, number, number, number];
  const moved = sink.op('transpose', [x], { permutation: [0, 2, 3, 1, 4] });
  return sink.op('reshape', [moved], { shape: [n, height, width, depth * channels] });
}

/** The steps of a result, [N,H,W,C] each, as a volume. */
function unstacked(sink: OpSink, steps: readonly TensorId[]): TensorId {
  const [n, height, width, channels] = sink.shape(steps[0]) as [number, number, number, number];
  const joined = steps.length > 1 ? sink.op('concat', steps, { axis: 3 }) : steps[0];
  const split = sink.op('reshape', [joined], { shape: [n, height, width, steps.length, channels] });
  return sink.op('transpose', [split], { permutation: [0, 3, 1, 2, 4] });
}

/** Steps `first` and on, `count` of them, as channels. */
function slab(sink: OpSink, x: TensorId, first: number, count: number, channels: number): TensorId {
  if (first === 0 && count * channels === sink.shape(x)[3]) return x;
  return sink.op('slice', [x], { begin: [0, 0, 0, first * channels], size: [-1, -1, -1, count * channels] });
}

/** TensorFlow's padding of the plane that comes to the window's; null where none does. */
function planePadding(
  { kernel, strides, dilations, pads, output }: VolumeWindow,
  size: Triple,
): 'same' | 'valid' | null {
  const fits = (padding: 'same' | 'valid') =>
    [1, 2].every((i) => {
      const own = padLengths(size[i], kernel[i], strides[i], dilations[i], padding);
      const count = outputLength(size[i], kernel[i], strides[i], dilations[i], padding);
      return count === output[i] && own.join() === pads[i].join();
    });
  return fits('valid') ? 'valid' : fits('same') ? 'same' : null;
}

export interface VolumeFilter {
  /** [O,KD,KH,KW,I/groups] */
  readonly values: Float32Array;
  readonly outputs: number;
  readonly bias: Float32Array | null;
  readonly groups: number;
}

/** @param x [N,D,H,W,C] */
export function convolveVolume(sink: OpSink, x: TensorId, filter: VolumeFilter, window: VolumeWindow): TensorId {
  const [, depth, height, width, channels] = sink.shape(x) as [number, number, number, number, number];
  const { kernel, strides, dilations, pads } = window;
  const padding = planePadding(window, [depth, height, width]) ?? 'valid';
  const around =
    padding === 'same' ||
    pads
      .slice(1)
      .flat()
      .every((p) => p === 0);
  const [front, back] = pads[0];
  const paddings: Pair[] = [
    [0, 0],
    ...(around
      ? ([
          [0, 0],
          [0, 0],
        ] as const)
      : [pads[1], pads[2]]),
    [front * channels, back * channels],
  ];
  const steps = stacked(sink, x);
  const padded = paddings.flat().some((p) => p > 0) ? sink.op('pad', [steps], { paddings, value: 0 }) : steps;
  const attrs = {
    strides: [strides[1], strides[2]] as Pair,
    dilations: [dilations[1], dilations[2]] as Pair,
    padding,
  };
  const bias = filter.bias && sink.constant('bias', filter.bias, [filter.outputs]);
  const at = (step: number) => Array.from({ length: kernel[0] }, (_, tap) => step * strides[0] + tap * dilations[0]);
  const results = Array.from({ length: window.output[0] }, (_, step) => {
    const taps = at(step);
    if (filter.groups > 1) return sumOfTaps(sink, padded, taps, channels, filter, kernel, attrs, bias);
    const seen =
      dilations[0] === 1 || taps.length === 1
        ? slab(sink, padded, taps[0], taps.length, channels)
        : sink.op(
            'concat',
            taps.map((tap) => slab(sink, padded, tap, 1, channels)),
            { axis: 3 },
          );
    const weights = sink.constant('filter', tapsAsChannels(filter, kernel, channels), [
      filter.outputs,
      kernel[1],
      kernel[2],
      kernel[0] * channels,
    ]);
    return sink.op('conv2d', [seen, weights, bias], { ...attrs, groups: 1 });
  });
  return unstacked(sink, results);
}

/** [O,KD,KH,KW,I] as [O,KH,KW,KD·I]. */
function tapsAsChannels({ values, outputs }: VolumeFilter, [kd, kh, kw]: Triple, inputs: number): Float32Array {
  const moved = new Float32Array(values.length);
  for (let o = 0, from = 0; o < outputs; o++)
    for (let d = 0; d < kd; d++)
      for (let plane = 0; plane < kh * kw; plane++)
        for (let i = 0; i < inputs; i++) moved[((o * kh * kw + plane) * kd + d) * inputs + i] = values[from++]!;
  return moved;
}

/** Channels of one group lie apart in different steps, so that each tap is a convolution, and their sum the result. */
function sumOfTaps(
  sink: OpSink,
  x: TensorId,
  taps: readonly number[],
  channels: number,
  { values, outputs, groups }: VolumeFilter,
  [kd, kh, kw]: Triple,
  attrs: { readonly strides: Pair; readonly dilations: Pair; readonly padding: 'same' | 'valid' },
  bias: TensorId | null,
): TensorId {
  const inputs = channels / groups;
  const plane = kh * kw * inputs;
  const parts = taps.map((tap, t) => {
    const seen = slab(sink, x, tap, 1, channels);
    const own = new Float32Array(outputs * plane);
    for (let o = 0; o < outputs; o++)
      own.set(values.subarray((o * kd + t) * plane, (o * kd + t + 1) * plane), o * plane);
    const first = t === 0 ? bias : null;
    if (inputs > 1) {
      const weights = sink.constant(`filter ${t}`, own, [outputs, kh, kw, inputs]);
      return sink.op('conv2d', [seen, weights, first], { ...attrs, groups });
    }
    const depthwise = new Float32Array(own.length);
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < kh * kw; i++) depthwise[i * outputs + o] = own[o * kh * kw + i]!;
    const weights = sink.constant(`filter ${t}`, depthwise, [1, kh, kw, outputs]);
    return sink.op('depthwiseConv2d', [seen, weights, first], { ...attrs, multiplier: outputs / channels });
  });
  return parts.reduce((sum, part) => sink.op('add', [sum, part], {}));
}

/**
 * The plane with its outermost rows and columns again around it: each window that sees one of these sees the edge, too, so
 * that no largest value changes.
 */
function withEdges(sink: OpSink, x: TensorId, pads: readonly [Pair, Pair]): TensorId {
  return pads.reduce((plane, [before, after], i) => {
    if (before + after === 0) return plane;
    const axis = i + 1;
    const edge = (position: number) =>
      sink.op('slice', [plane], { begin: [0, 0, 0, 0].with(axis, position), size: [-1, -1, -1, -1].with(axis, 1) });
    const first = Array<TensorId>(before).fill(before > 0 ? edge(0) : plane);
    const last = Array<TensorId>(after).fill(after > 0 ? edge(sink.shape(plane)[axis] - 1) : plane);
    return sink.op('concat', [...first, plane, ...last], { axis });
  }, x);
}

/**
 * Largest values, or averages, of windows. What an average pads does not count, unless `countsPads`; null where neither of
 * TensorFlow's paddings places the windows in the plane so.
 * @param x [N,D,H,W,C]
 */
export function poolVolume(
  sink: OpSink,
  x: TensorId,
  kind: 'max' | 'average',
  window: VolumeWindow,
  countsPads = false,
): TensorId | null {
  const [, depth, height, width, channels] = sink.shape(x) as [number, number, number, number, number];
  const { kernel, strides, dilations, pads, output } = window;
  if (dilations.some((d) => d > 1)) return null;
  const filled =
    kind === 'average' &&
    countsPads &&
    pads
      .slice(1)
      .flat()
      .some((p) => p > 0);
  const fitting = filled ? 'valid' : planePadding(window, [depth, height, width]);
  const repeats = kind === 'max' && [1, 2].every((i) => pads[i].every((p) => p < kernel[i]));
  if (!fitting && !repeats) return null;
  const padding = fitting ?? 'valid';
  const steps = fitting ? stacked(sink, x) : withEdges(sink, stacked(sink, x), [pads[1], pads[2]]);
  const padded = filled ? sink.op('pad', [steps], { paddings: [[0, 0], pads[1], pads[2], [0, 0]], value: 0 }) : steps;
  const filter: Pair = [kernel[1], kernel[2]];
  const attrs = { filter, strides: [strides[1], strides[2]] as Pair, padding };
  const planes = sink.op(kind === 'max' ? 'maxPool2d' : 'averagePool2d', [padded], attrs);
  const results = Array.from({ length: output[0] }, (_, step) => {
    const taps = Array.from({ length: kernel[0] }, (_, tap) => step * strides[0] + tap - pads[0][0]).filter(
      (at) => at >= 0 && at < depth,
    );
    const parts = taps.map((at) => slab(sink, planes, at, 1, channels));
    if (kind === 'max') return parts.reduce((most, part) => sink.op('maximum', [most, part], {}));
    const counted = countsPads ? kernel[0] : taps.length;
    const sum = parts.reduce((total, part) => sink.op('add', [total, part], {}));
    if (counted === 1) return sum;
    return sink.op('mul', [sum, sink.constant(`1 of ${counted}`, Float32Array.of(1 / counted), [])], {});
  });
  return unstacked(sink, results);
}
