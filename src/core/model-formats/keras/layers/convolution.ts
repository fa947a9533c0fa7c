import type { TensorId } from '../../../graph/graph';
import type { Padding, Pair } from '../../../graph/ops/attrs';
import { hwimToDepthwise, hwioToOhwi, hwoiToOhwi, type Laid } from '../layout';
import type { Settings } from '../settings';
import { activate } from './activations';
import type { LayerCall, LayerTable } from './layer';
import { line, unline } from './lines';

export function paddingOf(settings: Settings): Padding {
  const padding = settings.text('padding', 'valid').toLowerCase();
  if (padding !== 'same' && padding !== 'valid') throw settings.bad('padding', '"same" or "valid"');
  return padding;
}

const hasBias = (s: Settings) => s.flag('use_bias', true);
const kernelAndBias = (s: Settings) => (hasBias(s) ? ['kernel', 'bias'] : ['kernel']);

function bias(layer: LayerCall, size: number): TensorId | null {
  return hasBias(layer.settings) ? layer.weight('bias', [size]) : null;
}

function channels(layer: LayerCall, x: TensorId): number {
  return layer.shape(x).at(-1)!;
}

function window(settings: Settings) {
  return {
    strides: settings.pair('strides', [1, 1]),
    padding: paddingOf(settings),
    dilations: settings.pair('dilation_rate', [1, 1]),
  };
}

/** TensorFlow.js forgets the multiplier of separable layers when it saves them: then the kernel tells. */
function depthwise(layer: LayerCall, x: TensorId, bias: (size: number) => TensorId | null): TensorId {
  const { settings } = layer;
  const [kh, kw] = settings.pair('kernel_size');
  const inputs = channels(layer, x);
  const stated = settings.has('depth_multiplier') ? settings.int('depth_multiplier') : null;
  const filter = layer.weight('depthwise_kernel', [kh, kw, inputs, stated], hwimToDepthwise);
  const outputs = channels(layer, filter);
  const attrs = { ...window(settings), multiplier: outputs / inputs };
  return layer.op('depthwiseConv2d', [x, filter, bias(outputs)], attrs);
}

/** The filter of a one-dimensional convolution, one row high. */
function asLine({ data, shape }: Laid): Laid {
  return hwioToOhwi({ data, shape: [1, ...shape] });
}

/** [N,L,C] as a row, padded before its start where the layer looks into the past only. */
function causalLine(layer: LayerCall, x: TensorId): TensorId {
  const { settings } = layer;
  const row = line(layer, x);
  if (settings.text('padding', 'valid') !== 'causal') return row;
  const past = (settings.single('kernel_size') - 1) * settings.single('dilation_rate', 1);
  const paddings: Pair[] = [
    [0, 0],
    [0, 0],
    [past, 0],
    [0, 0],
  ];
  return layer.op('pad', [row], { paddings, value: 0 });
}

function depthwiseLine(layer: LayerCall, bias: (size: number) => TensorId | null): TensorId {
  const { settings } = layer;
  const size = settings.single('kernel_size');
  const row = causalLine(layer, layer.input);
  const inputs = channels(layer, row);
  const stated = settings.has('depth_multiplier') ? settings.int('depth_multiplier') : null;
  const filter = layer.weight('depthwise_kernel', [size, inputs, stated], ({ data, shape }) =>
    hwimToDepthwise({ data, shape: [1, ...shape] }),
  );
  const outputs = channels(layer, filter);
  const stride = settings.single('strides', 1);
  return layer.op('depthwiseConv2d', [row, filter, bias(outputs)], {
    // TensorFlow wants equal strides of a depthwise convolution; along a single row the other one does not matter.
    strides: [stride, stride],
    dilations: [1, settings.single('dilation_rate', 1)],
    padding: settings.text('padding', 'valid') === 'causal' ? 'valid' : paddingOf(settings),
    multiplier: outputs / inputs,
  });
}

/** Output length of a transposed convolution along one axis, as Keras computes it. */
function transposedLength(length: number, kernel: number, stride: number, padding: Padding, extra?: number): number {
  if (extra === undefined) return padding === 'same' ? length * stride : length * stride + Math.max(kernel - stride, 0);
  const cropped = padding === 'same' ? Math.floor(kernel / 2) : 0;
  return (length - 1) * stride + kernel - 2 * cropped + extra;
}

/** Convolutions. Kernels are stored [H,W,I,O] and turned to the Graph's [O,H,W,I]. */
export const CONVOLUTION_LAYERS: LayerTable = {
  Conv2D: {
    weights: kernelAndBias,
    translate: (layer) => {
      const { settings, input } = layer;
      const [kh, kw] = settings.pair('kernel_size');
      const filters = settings.int('filters');
      const groups = settings.int('groups', 1);
      const filter = layer.weight('kernel', [kh, kw, channels(layer, input) / groups, filters], hwioToOhwi);
      return activate(
        layer,
        layer.op('conv2d', [input, filter, bias(layer, filters)], { ...window(settings), groups }),
      );
    },
  },
  /** As a Conv2D over an image one row high. */
  Conv1D: {
    weights: kernelAndBias,
    translate: (layer) => {
      const { settings, input } = layer;
      const size = settings.single('kernel_size');
      const stride = settings.single('strides', 1);
      const dilation = settings.single('dilation_rate', 1);
      const filters = settings.int('filters');
      const groups = settings.int('groups', 1);
      const causal = settings.text('padding', 'valid') === 'causal';
      const inputs = channels(layer, input);
      const row = causalLine(layer, input);
      const filter = layer.weight('kernel', [size, inputs / groups, filters], asLine);
      const convolved = layer.op('conv2d', [row, filter, bias(layer, filters)], {
        strides: [1, stride],
        padding: causal ? 'valid' : paddingOf(settings),
        dilations: [1, dilation],
        groups,
      });
      return activate(layer, unline(layer, convolved));
    },
  },
  DepthwiseConv1D: {
    weights: (s) => (hasBias(s) ? ['depthwise_kernel', 'bias'] : ['depthwise_kernel']),
    translate: (layer) => {
      const spatial = depthwiseLine(layer, (size) => bias(layer, size));
      return activate(layer, unline(layer, spatial));
    },
  },
  SeparableConv1D: {
    weights: (s) => ['depthwise_kernel', 'pointwise_kernel', ...(hasBias(s) ? ['bias'] : [])],
    translate: (layer) => {
      const spatial = depthwiseLine(layer, () => null);
      const filters = layer.settings.int('filters');
      const filter = layer.weight('pointwise_kernel', [1, channels(layer, spatial), filters], asLine);
      const attrs = { strides: [1, 1], padding: 'valid', dilations: [1, 1], groups: 1 } as const;
      return activate(layer, unline(layer, layer.op('conv2d', [spatial, filter, bias(layer, filters)], attrs)));
    },
  },
  Conv1DTranspose: {
    weights: kernelAndBias,
    problems: (s) => (s.single('dilation_rate', 1) === 1 ? [] : ['dilated transposed convolution']),
    translate: (layer) => {
      const { settings, input } = layer;
      const [size, stride] = [settings.single('kernel_size'), settings.single('strides', 1)];
      const padding = paddingOf(settings);
      const extra = settings.has('output_padding') ? settings.single('output_padding') : undefined;
      const row = line(layer, input);
      const [, , length, inputs] = layer.shape(row) as [number, number, number, number];
      const filters = settings.int('filters');
      const filter = layer.weight('kernel', [size, filters, inputs], ({ data, shape }) =>
        hwoiToOhwi({ data, shape: [1, ...shape] }),
      );
      const outputSize: Pair = [1, transposedLength(length, size, stride, padding, extra)];
      const attrs = { strides: [1, stride] as Pair, padding, outputSize };
      return activate(layer, unline(layer, layer.op('transposeConv2d', [row, filter, bias(layer, filters)], attrs)));
    },
  },
  DepthwiseConv2D: {
    weights: (s) => (hasBias(s) ? ['depthwise_kernel', 'bias'] : ['depthwise_kernel']),
    translate: (layer) =>
      activate(
        layer,
        depthwise(layer, layer.input, (size) => bias(layer, size)),
      ),
  },
  SeparableConv2D: {
    weights: (s) => ['depthwise_kernel', 'pointwise_kernel', ...(hasBias(s) ? ['bias'] : [])],
    translate: (layer) => {
      const spatial = depthwise(layer, layer.input, () => null);
      const filters = layer.settings.int('filters');
      const filter = layer.weight('pointwise_kernel', [1, 1, channels(layer, spatial), filters], hwioToOhwi);
      const unit: Pair = [1, 1];
      const attrs = { strides: unit, padding: 'valid', dilations: unit, groups: 1 } as const;
      return activate(layer, layer.op('conv2d', [spatial, filter, bias(layer, filters)], attrs));
    },
  },
  Conv2DTranspose: {
    weights: kernelAndBias,
    problems: (s) => {
      const problems: string[] = [];
      if (s.pair('dilation_rate', [1, 1]).some((d) => d !== 1)) problems.push('dilated transposed convolution');
      if (s.int('groups', 1) !== 1) problems.push('grouped transposed convolution');
      return problems;
    },
    translate: (layer) => {
      const { settings, input } = layer;
      const kernel = settings.pair('kernel_size');
      const strides = settings.pair('strides', [1, 1]);
      const padding = paddingOf(settings);
      const extra = settings.has('output_padding') ? settings.pair('output_padding') : undefined;
      const [, height, width, inputs] = layer.shape(input) as [number, number, number, number];
      const length = (axis: 0 | 1, size: number) =>
        transposedLength(size, kernel[axis], strides[axis], padding, extra?.[axis]);
      const filters = settings.int('filters');
      const filter = layer.weight('kernel', [...kernel, filters, inputs], hwoiToOhwi);
      const outputSize: Pair = [length(0, height), length(1, width)];
      return activate(
        layer,
        layer.op('transposeConv2d', [input, filter, bias(layer, filters)], { strides, padding, outputSize }),
      );
    },
  },
};
