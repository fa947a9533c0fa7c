/** Convolutions and pools of three spatial dimensions, [N,C,D,H,W] in the file. */
import type { TensorId } from '../../graph/graph';
import { permutedData } from '../../graph/permute';
import { convolveVolume, MOST_DEPTH_STEPS, poolVolume, type Triple, type VolumeWindow } from '../../graph/volumes';
import { transposed } from './layouts';
import { NodeSink } from './node-sink';
import type { OnnxNode } from './node';
import { alongAxis } from './window';

const TO_NDHWC = [0, 2, 3, 4, 1];
const TO_NCDHW = [0, 4, 1, 2, 3];

/** Whether the node works on volumes. */
export function isVolume(node: OnnxNode): boolean {
  return node.shape(0).length === 5;
}

function triple(node: OnnxNode, values: readonly number[], what: string): Triple {
  const [depth, height, width] = values;
  if (values.length !== 3 || values.some((v) => !(v >= 1))) node.refuse(`its ${what} is [${values.join(', ')}]`);
  return [depth, height, width];
}

function windowOf(node: OnnxNode, size: readonly number[], kernel: Triple): VolumeWindow {
  const { attrs } = node;
  const strides = triple(node, attrs.ints('strides') ?? [1, 1, 1], 'strides');
  const dilations = triple(node, attrs.ints('dilations') ?? [1, 1, 1], 'dilations');
  const pads = attrs.ints('pads') ?? [0, 0, 0, 0, 0, 0];
  if (pads.length !== 6 || pads.some((p) => !(p >= 0))) node.refuse(`its pads are [${pads.join(', ')}]`);
  const along = (i: 0 | 1 | 2) =>
    alongAxis(node, {
      length: size[i],
      kernel: kernel[i],
      stride: strides[i],
      dilation: dilations[i],
      stated: [pads[i], pads[i + 3]],
    });
  const axes = [along(0), along(1), along(2)] as const;
  const output: Triple = [axes[0].output, axes[1].output, axes[2].output];
  if (output.some((n) => n < 1)) node.refuse('its window is larger than its input');
  if (output[0] > MOST_DEPTH_STEPS)
    node.refuse(`its result has ${output[0]} steps of depth; up to ${MOST_DEPTH_STEPS} are modelled`);
  return { kernel, strides, dilations, output, pads: [axes[0].pads, axes[1].pads, axes[2].pads] };
}

export function convolutionOfVolume(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const [, channels, ...size] = node.shapeOf(x);
  const { shape, values } = node.known(1, 'filter');
  const [outputs = 0, depth = 0, ...kernelShape] = shape;
  const kernel = triple(node, kernelShape, 'filter size');
  const groups = node.attrs.int('group', 1);
  if (depth * groups !== channels) node.refuse(`its filter of depth ${depth} does not suit its input`);
  const window = windowOf(node, size, kernel);
  const filter = {
    values: permutedData(values as Float32Array, shape, [0, 2, 3, 4, 1]),
    outputs,
    bias: node.has(2) ? Float32Array.from(node.known(2, 'bias').values) : null,
    groups,
  };
  const y = convolveVolume(new NodeSink(node), transposed(node, x, TO_NDHWC, 'ndhwc'), filter, window);
  return transposed(node, y, TO_NCDHW, 'ncdhw');
}

export function poolOfVolume(node: OnnxNode, kind: 'max' | 'average'): TensorId {
  const x = node.tensor(0);
  const [, , ...size] = node.shapeOf(x);
  const window = windowOf(node, size, triple(node, node.attrs.ints('kernel_shape') ?? [], 'kernel shape'));
  const counts = node.attrs.flag('count_include_pad');
  const y = poolVolume(new NodeSink(node), transposed(node, x, TO_NDHWC, 'ndhwc'), kind, window, counts);
  return transposed(node, y ?? node.refuse('its windows lie as those of TensorFlow Lite cannot'), TO_NCDHW, 'ncdhw');
}
