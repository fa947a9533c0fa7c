/** One small image network with the same weights, written in every format that is read, for tests that compare them. */
import { zipSync } from 'fflate';
import h5wasm, { type Group } from 'h5wasm';
import { writeTflite } from '../../core/model-formats/tflite/write';
import type { SourceFile } from '../../core/data/types';
import { GraphBuilder } from '../../core/graph/build';
import { elementCount, type Graph } from '../../core/graph/graph';
import { hwimToDepthwise, hwioToOhwi, ioToOi } from '../../core/model-formats/keras/layout';
import { testValues } from '../oracles/naive/compare';
import { writeOnnx } from './onnx-writer';

const noise = (seed: number, ...shape: number[]) => ({
  shape,
  data: testValues(elementCount(shape), seed).map((v) => v * 0.6),
});

/** In Keras' layouts: [H,W,I,O], [H,W,I,M], [I,O]. */
const WEIGHTS = {
  conv: { kernel: noise(1, 3, 3, 3, 4), bias: noise(2, 4) },
  depth: { kernel: noise(3, 3, 3, 4, 1), bias: noise(4, 4) },
  dense: { kernel: noise(5, 4, 5), bias: noise(6, 5) },
};
const LAYERS = ['conv', 'depth', 'dense'] as const;

const text = (content: unknown) => new TextEncoder().encode(JSON.stringify(content));

/** Built op by op: what the others are compared with. */
export function built(): Graph {
  const b = new GraphBuilder('one network');
  const { conv, depth, dense } = WEIGHTS;
  const constant = (name: string, { data, shape }: { data: Float32Array; shape: readonly number[] }) =>
    b.constant(name, data, shape);
  const x = b.input('x', [-1, 8, 8, 3]);
  const window = { padding: 'same', dilations: [1, 1] } as const;
  const [y] = b.op(
    'conv2d',
    'conv',
    [x, constant('w', hwioToOhwi(conv.kernel)), constant('b', conv.bias)],
    { ...window, strides: [2, 2], groups: 1 },
    { activation: 'relu' },
  );
  const [z] = b.op(
    'depthwiseConv2d',
    'depth',
    [y, constant('w', hwimToDepthwise(depth.kernel)), constant('b', depth.bias)],
    { ...window, strides: [1, 1], multiplier: 1 },
    { activation: 'relu6' },
  );
  const [pooled] = b.op('mean', 'pool', [z], { axes: [1, 2], keepDims: false });
  const [logits] = b.op(
    'fullyConnected',
    'dense',
    [pooled, constant('w', ioToOi(dense.kernel)), constant('b', dense.bias)],
    { keepDims: false },
  );
  return b.build(b.op('softmax', 'y', [logits], { beta: 1 }));
}

function kerasConfig(kerasMajor: 2 | 3) {
  const batchShape = [null, 8, 8, 3];
  const input = kerasMajor === 3 ? { batch_shape: batchShape } : { batch_input_shape: batchShape };
  const window = { kernel_size: [3, 3], padding: 'same', data_format: 'channels_last', dilation_rate: [1, 1] };
  const layers = [
    { class_name: 'InputLayer', config: { name: 'x', dtype: 'float32', ...input } },
    {
      class_name: 'Conv2D',
      config: { name: 'conv', filters: 4, strides: [2, 2], use_bias: true, activation: 'relu', ...window },
    },
    {
      class_name: 'DepthwiseConv2D',
      config: { name: 'depth', depth_multiplier: 1, strides: [1, 1], use_bias: true, activation: 'relu6', ...window },
    },
    { class_name: 'GlobalAveragePooling2D', config: { name: 'pool', data_format: 'channels_last' } },
    { class_name: 'Dense', config: { name: 'dense', units: 5, use_bias: true, activation: 'softmax' } },
  ];
  return { class_name: 'Sequential', config: { name: 'one_network', layers } };
}

/** Keras' own names of a layer's weights. */
const weightNames = (layer: (typeof LAYERS)[number]) => [layer === 'depth' ? 'depthwise_kernel' : 'kernel', 'bias'];

async function h5(fill: (root: Group) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('one-network.h5', 'w');
  fill(file);
  file.close();
  const bytes = FS.readFile('one-network.h5');
  FS.unlink('one-network.h5');
  return bytes;
}

async function kerasH5(): Promise<SourceFile[]> {
  const bytes = await h5((root) => {
    root.create_attribute('model_config', JSON.stringify(kerasConfig(2)));
    root.create_attribute('keras_version', '2.15.0');
    const weights = root.create_group('model_weights');
    for (const layer of LAYERS) {
      const group = weights.create_group(layer);
      const names = weightNames(layer).map((name) => `${layer}/${name}:0`);
      group.create_attribute('weight_names', names);
      const inner = group.create_group(layer);
      const { kernel, bias } = WEIGHTS[layer];
      [kernel, bias].forEach(({ data, shape }, i) => {
        inner.create_dataset({ name: `${weightNames(layer)[i]}:0`, data, shape: [...shape] });
      });
    }
  });
  return [{ path: 'net.h5', bytes }];
}

async function kerasArchive(): Promise<SourceFile[]> {
  const weights = await h5((root) => {
    const layers = root.create_group('layers');
    const classes = { conv: 'conv2d', depth: 'depthwise_conv2d', dense: 'dense' };
    for (const layer of LAYERS) {
      const vars = layers.create_group(classes[layer]).create_group('vars');
      const { kernel, bias } = WEIGHTS[layer];
      [kernel, bias].forEach(({ data, shape }, i) => vars.create_dataset({ name: `${i}`, data, shape: [...shape] }));
    }
  });
  const entries = {
    'metadata.json': text({ keras_version: '3.5.0' }),
    'config.json': text({ module: 'keras', ...kerasConfig(3) }),
    'model.weights.h5': weights,
  };
  return [{ path: 'net.keras', bytes: zipSync(entries) }];
}

interface Stored {
  readonly name: string;
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** model.json and one shard. */
function tfjs(json: object, weights: readonly Stored[]): SourceFile[] {
  const manifest = [
    {
      paths: ['weights.bin'],
      weights: weights.map(({ name, shape, data }) => ({
        name,
        shape,
        dtype: data instanceof Int32Array ? 'int32' : 'float32',
      })),
    },
  ];
  const bytes = Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  return [
    { path: 'model.json', bytes: text({ ...json, weightsManifest: manifest }) },
    { path: 'weights.bin', bytes: new Uint8Array(bytes) },
  ];
}

function tfjsLayers(): SourceFile[] {
  const weights = LAYERS.flatMap((layer) =>
    weightNames(layer).map((name, i): Stored => ({
      name: `${layer}/${name}`,
      ...[WEIGHTS[layer].kernel, WEIGHTS[layer].bias][i],
    })),
  );
  return tfjs(
    { format: 'layers-model', modelTopology: { keras_version: '2.15.0', model_config: kerasConfig(2) } },
    weights,
  );
}

function tfjsGraph(): SourceFile[] {
  const s = (value: string) => ({ s: btoa(value) });
  const attrs = (stride: number, ...fused: string[]) => ({
    strides: { list: { i: ['1', `${stride}`, `${stride}`, '1'] } },
    dilations: { list: { i: ['1', '1', '1', '1'] } },
    padding: s('SAME'),
    data_format: s('NHWC'),
    fused_ops: { list: { s: fused.map((name) => btoa(name)) } },
  });
  const dims = [-1, 8, 8, 3].map((size) => ({ size: `${size}` }));
  const weights: Stored[] = [
    ...LAYERS.flatMap((layer) => [
      { name: `${layer}/w`, ...WEIGHTS[layer].kernel },
      { name: `${layer}/b`, ...WEIGHTS[layer].bias },
    ]),
    { name: 'axes', shape: [2], data: Int32Array.of(1, 2) },
  ];
  const node = [
    { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: dims } } } },
    ...weights.map(({ name }) => ({ name, op: 'Const', attr: {} })),
    { name: 'conv', op: '_FusedConv2D', input: ['x', 'conv/w', 'conv/b'], attr: attrs(2, 'BiasAdd', 'Relu') },
    {
      name: 'depth',
      op: 'FusedDepthwiseConv2dNative',
      input: ['conv', 'depth/w', 'depth/b'],
      attr: attrs(1, 'BiasAdd', 'Relu6'),
    },
    { name: 'pool', op: 'Mean', input: ['depth', 'axes'], attr: { keep_dims: { b: false } } },
    { name: 'dense', op: '_FusedMatMul', input: ['pool', 'dense/w', 'dense/b'], attr: attrs(1, 'BiasAdd') },
    { name: 'y', op: 'Softmax', input: ['dense'], attr: {} },
  ];
  return tfjs({ format: 'graph-model', modelTopology: { node } }, weights);
}

/** Kernels outermost by output channel, then by input channel: [H,W,I,O] → [O,I,H,W]. */
function toOihw({ data, shape }: { data: Float32Array; shape: readonly number[] }): [number[], Float32Array] {
  const [h, w, i, o] = shape as [number, number, number, number];
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from++) {
    const [y, x, ci, co] = [
      Math.floor(from / (w * i * o)),
      Math.floor(from / (i * o)) % w,
      Math.floor(from / o) % i,
      from % o,
    ];
    out[((co * i + ci) * h + y) * w + x] = data[from]!;
  }
  return [[o, i, h, w], out];
}

function onnx(): SourceFile[] {
  const { conv, depth, dense } = WEIGHTS;
  // A depthwise kernel [H,W,I,1] is one of I groups: [I,1,H,W].
  const perChannel = { data: depth.kernel.data, shape: [3, 3, 1, 4] };
  const bytes = writeOnnx({
    inputs: { x: ['N', 3, 8, 8] },
    outputs: ['y'],
    weights: {
      cw: toOihw(conv.kernel),
      cb: [[4], conv.bias.data],
      dw: toOihw(perChannel),
      db: [[4], depth.bias.data],
      fw: [[4, 5], dense.kernel.data],
      fb: [[5], dense.bias.data],
      low: [[], [0]],
      high: [[], [6]],
    },
    nodes: [
      ['Conv', 'x cw cb', 'c', { auto_pad: 'SAME_UPPER', strides: [2, 2] }],
      ['Relu', 'c', 'r', {}],
      ['Conv', 'r dw db', 'd', { auto_pad: 'SAME_UPPER', group: 4 }],
      ['Clip', 'd low high', 'e', {}],
      ['GlobalAveragePool', 'e', 'g', {}],
      ['Flatten', 'g', 'f', {}],
      ['Gemm', 'f fw fb', 'l', {}],
      ['Softmax', 'l', 'y', {}],
    ],
  });
  return [{ path: 'net.onnx', bytes }];
}

/** Format → its files. */
export const FORMS: Readonly<Record<string, () => SourceFile[] | Promise<SourceFile[]>>> = {
  tflite: () => [{ path: 'net.tflite', bytes: writeTflite(built()) }],
  'keras-h5': kerasH5,
  keras: kerasArchive,
  'tfjs-layers': tfjsLayers,
  'tfjs-graph': tfjsGraph,
  onnx,
};
