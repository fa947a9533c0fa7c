/** Small networks as exporters write them, channels first, with repeatable weights. */
import type { OnnxModel } from './onnx-writer';
import { testValues } from './naive/compare';

type Weights = Record<string, readonly [readonly number[], Float32Array | BigInt64Array | Int8Array | Uint8Array]>;

let seed = 1;
function weight(dims: readonly number[], scale = 0.5): readonly [readonly number[], Float32Array] {
  const values = testValues(
    dims.reduce((n, d) => n * d, 1),
    seed++,
  );
  return [dims, values.map((v) => v * scale)];
}
const positive = (dims: readonly number[]): readonly [readonly number[], Float32Array] => {
  const [, values] = weight(dims);
  return [dims, values.map((v) => Math.abs(v) + 0.5)];
};
const ints = (...values: number[]): readonly [readonly number[], BigInt64Array] => [
  [values.length],
  BigInt64Array.from(values, BigInt),
];
const scalar = (value: number): readonly [readonly number[], Float32Array] => [[], Float32Array.of(value)];
const index = (value: number): readonly [readonly number[], BigInt64Array] => [[], BigInt64Array.of(BigInt(value))];
const norm = (name: string, channels: number): Weights => ({
  [`${name}.gamma`]: positive([channels]),
  [`${name}.beta`]: weight([channels]),
  [`${name}.mean`]: weight([channels]),
  [`${name}.var`]: positive([channels]),
});
const normInputs = (x: string, name: string) => `${x} ${name}.gamma ${name}.beta ${name}.mean ${name}.var`;
const k3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

export interface Network extends OnnxModel {
  /** Transposes that have to remain, for instance because the model itself asks for them. */
  readonly transposes?: number;
}

export const NETWORKS: Readonly<Record<string, Network>> = {
  'residual block with padded max pooling and a flattened head': {
    inputs: { x: [1, 3, 14, 14] },
    outputs: ['y'],
    weights: {
      w1: weight([8, 3, 7, 7], 0.2),
      ...norm('bn1', 8),
      w2: weight([8, 8, 3, 3]),
      ...norm('bn2', 8),
      w3: weight([8, 8, 3, 3]),
      fc: weight([5, 8 * 4 * 4], 0.2),
      fb: weight([5]),
    },
    nodes: [
      ['Conv', 'x w1', 'c1', { kernel_shape: [7, 7], pads: [3, 3, 3, 3], strides: [2, 2] }],
      ['BatchNormalization', normInputs('c1', 'bn1'), 'b1'],
      ['Relu', 'b1', 'r1'],
      ['MaxPool', 'r1', 'p1', { ...k3, strides: [2, 2] }],
      ['Conv', 'p1 w2', 'c2', k3],
      ['BatchNormalization', normInputs('c2', 'bn2'), 'b2'],
      ['Relu', 'b2', 'r2'],
      ['Conv', 'r2 w3', 'c3', k3],
      ['Add', 'c3 p1', 'a1'],
      ['Relu', 'a1', 'r3'],
      ['Flatten', 'r3', 'f'],
      ['Gemm', 'f fc fb', 'y', { transB: 1 }],
    ],
  },
  'inverted residual with clip, batch of any size': {
    inputs: { x: ['batch', 4, 9, 9] },
    outputs: ['y'],
    weights: {
      w1: weight([8, 4, 1, 1]),
      b1: weight([8]),
      w2: weight([8, 1, 3, 3]),
      w3: weight([4, 8, 1, 1]),
      low: scalar(0),
      high: scalar(6),
      fc: weight([4, 3]),
    },
    nodes: [
      ['Conv', 'x w1 b1', 'c1', { kernel_shape: [1, 1] }],
      ['Clip', 'c1 low high', 'r1'],
      ['Conv', 'r1 w2', 'c2', { ...k3, group: 8 }],
      ['Clip', 'c2 low high', 'r2'],
      ['Conv', 'r2 w3', 'c3', { kernel_shape: [1, 1] }],
      ['Add', 'x c3', 'a1'],
      ['GlobalAveragePool', 'a1', 'g'],
      ['Flatten', 'g', 'f'],
      ['MatMul', 'f fc', 'y'],
    ],
  },
  'squeeze and excitation through linear layers': {
    inputs: { x: [1, 6, 8, 8] },
    outputs: ['y'],
    weights: {
      w1: weight([6, 6, 3, 3]),
      f1: weight([6, 2]),
      f2: weight([2, 6]),
      axes: ints(2, 3),
    },
    nodes: [
      ['Conv', 'x w1', 'c', k3],
      ['ReduceMean', 'c', 'm', { axes: [2, 3], keepdims: 0 }],
      ['MatMul', 'm f1', 'h'],
      ['Relu', 'h', 'hr'],
      ['MatMul', 'hr f2', 'g'],
      ['HardSigmoid', 'g', 's', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
      ['Unsqueeze', 's axes', 'u'],
      ['Mul', 'c u', 'z'],
      ['HardSwish', 'z', 'y'],
    ],
  },
  'channel shuffle with split and concat': {
    inputs: { x: [1, 8, 6, 6] },
    outputs: ['y'],
    weights: {
      w: weight([4, 1, 3, 3]),
      apart: ints(1, 2, 4, 6, 6),
      together: ints(1, 8, 6, 6),
      w2: weight([4, 8, 1, 1]),
    },
    nodes: [
      ['Split', 'x', 'a b', { axis: 1 }],
      ['Conv', 'b w', 'c', { ...k3, group: 4 }],
      ['Concat', 'a c', 'd', { axis: 1 }],
      ['Reshape', 'd apart', 'e'],
      ['Transpose', 'e', 'f', { perm: [0, 2, 1, 3, 4] }],
      ['Reshape', 'f together', 'g'],
      ['Conv', 'g w2', 'y', { kernel_shape: [1, 1] }],
    ],
    transposes: 1,
  },
  'upsampling decoder with skip connection': {
    inputs: { x: [1, 3, 8, 10] },
    outputs: ['y'],
    weights: {
      w1: weight([6, 3, 3, 3]),
      w2: weight([6, 4, 2, 2]),
      w3: weight([6, 4, 4, 4]),
      w4: weight([2, 14, 3, 3]),
      scales: [[4], Float32Array.of(1, 1, 2, 2)],
    },
    nodes: [
      ['Conv', 'x w1', 'c1', k3],
      ['LeakyRelu', 'c1', 'r1', { alpha: { float: 0.1 } }],
      ['AveragePool', 'r1', 'p1', { kernel_shape: [2, 2], strides: [2, 2] }],
      ['ConvTranspose', 'p1 w2', 'u1', { kernel_shape: [2, 2], strides: [2, 2] }],
      ['ConvTranspose', 'p1 w3', 'u2', { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] }],
      ['Resize', 'p1 _ scales', 'u3', { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }],
      ['Concat', 'u1 u2 u3', 'k', { axis: 1 }],
      ['Conv', 'k w4', 'c4', k3],
      ['Softmax', 'c4', 'y', { axis: 1 }],
    ],
  },
  'one-dimensional network': {
    inputs: { x: [1, 2, 32] },
    outputs: ['y'],
    weights: { w1: weight([4, 2, 5]), ...norm('bn', 4), w2: weight([4, 4, 3]), fc: weight([4 * 8, 3]) },
    nodes: [
      ['Conv', 'x w1', 'c1', { kernel_shape: [5], pads: [2, 2] }],
      ['BatchNormalization', normInputs('c1', 'bn'), 'b1'],
      ['Relu', 'b1', 'r1'],
      ['MaxPool', 'r1', 'p1', { kernel_shape: [2], strides: [2] }],
      ['Conv', 'p1 w2', 'c2', { kernel_shape: [3], pads: [2, 2], dilations: [2] }],
      ['Tanh', 'c2', 't'],
      ['MaxPool', 't', 'p2', { kernel_shape: [2], strides: [2] }],
      ['Flatten', 'p2', 'f'],
      ['MatMul', 'f fc', 'y'],
    ],
    transposes: 1,
  },
  'attention block with layer normalization and GELU': {
    inputs: { x: [1, 5, 8] },
    outputs: ['y'],
    weights: {
      gamma: positive([8]),
      beta: weight([8]),
      wq: weight([8, 8]),
      wk: weight([8, 8]),
      wv: weight([8, 8]),
      heads: ints(1, 5, 2, 4),
      merged: ints(1, 5, 8),
      root: scalar(2),
      two: scalar(Math.SQRT2),
      one: scalar(1),
      half: scalar(0.5),
      w1: weight([8, 16]),
      w2: weight([16, 8]),
    },
    nodes: [
      ['LayerNormalization', 'x gamma beta', 'n', { axis: -1 }],
      ['MatMul', 'n wq', 'q0'],
      ['MatMul', 'n wk', 'k0'],
      ['MatMul', 'n wv', 'v0'],
      ['Reshape', 'q0 heads', 'q1'],
      ['Reshape', 'k0 heads', 'k1'],
      ['Reshape', 'v0 heads', 'v1'],
      ['Transpose', 'q1', 'q', { perm: [0, 2, 1, 3] }],
      ['Transpose', 'k1', 'k', { perm: [0, 2, 3, 1] }],
      ['Transpose', 'v1', 'v', { perm: [0, 2, 1, 3] }],
      ['MatMul', 'q k', 's0'],
      ['Div', 's0 root', 's1'],
      ['Softmax', 's1', 's', { axis: -1 }],
      ['MatMul', 's v', 'o0'],
      ['Transpose', 'o0', 'o1', { perm: [0, 2, 1, 3] }],
      ['Reshape', 'o1 merged', 'o2'],
      ['Add', 'o2 x', 'h'],
      ['MatMul', 'h w1', 'm1'],
      ['Div', 'm1 two', 'e0'],
      ['Erf', 'e0', 'e1'],
      ['Add', 'e1 one', 'e2'],
      ['Mul', 'm1 e2', 'e3'],
      ['Mul', 'e3 half', 'g'],
      ['MatMul', 'g w2', 'y'],
    ],
    transposes: 4,
  },
  'shape arithmetic before a reshape': {
    inputs: { x: ['N', 3, 6, 6] },
    outputs: ['y'],
    weights: { w: weight([4, 3, 3, 3]), zero: index(0), axes: ints(0), minus: ints(-1), fc: weight([4 * 36, 3], 0.2) },
    nodes: [
      ['Conv', 'x w', 'c', k3],
      ['Relu', 'c', 'r'],
      ['Shape', 'r', 's'],
      ['Gather', 's zero', 'n', { axis: 0 }],
      ['Unsqueeze', 'n axes', 'nu'],
      ['Concat', 'nu minus', 'target', { axis: 0 }],
      ['Reshape', 'r target', 'f'],
      ['Relu', 'f', 'fr'],
      ['MatMul', 'fr fc', 'y'],
    ],
  },
  'pixel shuffle, two outputs, one of them an image': {
    inputs: { x: [1, 2, 5, 6] },
    outputs: ['image', 'level'],
    weights: { w: weight([12, 2, 3, 3]), w2: weight([2, 3, 1, 1]) },
    nodes: [
      ['Conv', 'x w', 'c', k3],
      ['DepthToSpace', 'c', 'd', { blocksize: 2, mode: 'CRD' }],
      ['Conv', 'd w2', 'image', { kernel_shape: [1, 1] }],
      ['ReduceMax', 'd', 'level', { axes: [1, 2, 3], keepdims: 0 }],
    ],
    transposes: 1,
  },
  'pads, slices and reflections': {
    inputs: { x: [1, 3, 8, 8] },
    outputs: ['y'],
    weights: {
      w: weight([4, 3, 3, 3]),
      pads: ints(0, 0, 2, 1, 0, 0, 0, 3),
      around: ints(0, 0, 1, 1, 0, 0, 1, 1),
      starts: ints(1, -1),
      ends: ints(100, -100),
      axes: ints(1, 3),
      steps: ints(2, -1),
      w2: weight([2, 2, 3, 3]),
    },
    nodes: [
      ['Conv', 'x w', 'c', { ...k3, strides: [2, 2] }],
      ['Pad', 'c pads', 'p', { mode: 'constant' }],
      ['Slice', 'p starts ends axes steps', 's'],
      ['Pad', 's around', 'q', { mode: 'reflect' }],
      ['Pad', 'q around', 'e', { mode: 'edge' }],
      ['Conv', 'e w2', 'y', { kernel_shape: [3, 3] }],
    ],
  },
  'group and instance normalization between convolutions': {
    inputs: { x: [1, 3, 6, 6] },
    outputs: ['y'],
    weights: {
      w1: weight([4, 3, 3, 3]),
      scale: positive([4]),
      bias: weight([4]),
      groups: ints(1, 2, -1),
      gs: positive([2]),
      gb: weight([2]),
      back: ints(1, 4, 6, 6),
      slope: positive([4, 1, 1]),
      w2: weight([2, 4, 1, 1]),
    },
    nodes: [
      ['Conv', 'x w1', 'c', k3],
      ['InstanceNormalization', 'c scale bias', 'i'],
      ['PRelu', 'i slope', 'p'],
      ['Reshape', 'p groups', 'g'],
      ['InstanceNormalization', 'g gs gb', 'n'],
      ['Reshape', 'n back', 'm'],
      ['Conv', 'm w2', 'y', { kernel_shape: [1, 1] }],
    ],
    transposes: 2,
  },
  'pooling corners: ceil mode, padding that counts, padding that does not': {
    inputs: { x: [1, 2, 11, 10] },
    outputs: ['a', 'b', 'c', 'd'],
    nodes: [
      ['MaxPool', 'x', 'a', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
      ['MaxPool', 'x', 'b', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
      ['AveragePool', 'x', 'c', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }],
      ['AveragePool', 'x', 'd', { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] }],
    ],
  },
  'local response normalization and activations of older networks': {
    inputs: { x: [1, 6, 5, 5] },
    outputs: ['y'],
    weights: { w: weight([6, 6, 3, 3]) },
    opset: 9,
    nodes: [
      ['Conv', 'x w', 'c', { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] }],
      ['LRN', 'c', 'l', { size: 3, alpha: { float: 0.1 }, bias: { float: 1 } }],
      ['Elu', 'l', 'e', { alpha: { float: 0.7 } }],
      ['Selu', 'e', 's'],
      ['Softplus', 's', 'y'],
    ],
  },
  'quantized and dequantized': {
    inputs: { x: [1, 2, 6, 6] },
    outputs: ['y'],
    weights: {
      q: [[3, 2, 3, 3], Int8Array.from({ length: 54 }, (_, i) => ((i * 37) % 255) - 127)],
      ws: [[3], Float32Array.of(0.01, 0.02, 0.005)],
      wz: [[3], new Int8Array(3)],
      as: scalar(0.02),
      az: [[], Uint8Array.of(110)],
      bs: scalar(0.05),
      bz: [[], Int8Array.of(3)],
    },
    nodes: [
      ['QuantizeLinear', 'x as az', 'xq'],
      ['DequantizeLinear', 'xq as az', 'xd'],
      ['DequantizeLinear', 'q ws wz', 'w', { axis: 0 }],
      ['Conv', 'xd w', 'c', k3],
      ['Relu', 'c', 'r'],
      ['QuantizeLinear', 'r bs bz', 'rq'],
      ['DequantizeLinear', 'rq bs bz', 'y'],
    ],
  },
};
