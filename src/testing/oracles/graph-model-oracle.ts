/**
 * Runs a TensorFlow.js GraphModel node by node with tfjs-core's own ops, straight from its JSON: a second opinion on the
 * reader, of which it uses nothing. Only the operations that the fixtures and the tests' own graphs hold.
 */
import * as tf from '@tensorflow/tfjs-core';

export interface SavedNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type T4 = tf.Tensor4D;

function pairOf(node: SavedNode, key: string): [number, number] {
  const list = (node.attr?.[key]?.list as { i?: unknown[] } | undefined)?.i ?? [1, 1, 1, 1];
  return [Number(list[1]), Number(list[2])];
}

const textOf = (value: unknown) => (typeof value === 'string' ? atob(value) : '');

function padOf(node: SavedNode): 'same' | 'valid' {
  return textOf(node.attr?.padding?.s).toLowerCase() as 'same' | 'valid';
}

function fuse(node: SavedNode, result: tf.Tensor, rest: readonly tf.Tensor[]): tf.Tensor {
  const fused = ((node.attr?.fused_ops?.list as { s?: unknown[] } | undefined)?.s ?? []).map(textOf);
  return fused.reduce((x, name) => {
    if (name === 'BiasAdd') return tf.add(x, rest[0]);
    if (name === 'Relu') return tf.relu(x);
    if (name === 'Relu6') return tf.relu6(x);
    if (name === 'Prelu') return tf.prelu(x, rest[1]);
    throw new Error(`fused ${name}`);
  }, result);
}

function depthwise(node: SavedNode, [x, filter, ...rest]: readonly tf.Tensor[]): tf.Tensor {
  const [strides, dilations] = [pairOf(node, 'strides'), pairOf(node, 'dilations')];
  return fuse(node, tf.depthwiseConv2d(x as T4, filter as T4, strides, padOf(node), 'NHWC', dilations), rest);
}

function conv2d(node: SavedNode, [x, filter, ...rest]: readonly tf.Tensor[]): tf.Tensor {
  const [strides, dilations] = [pairOf(node, 'strides'), pairOf(node, 'dilations')];
  return fuse(node, tf.conv2d(x as T4, filter as T4, strides, padOf(node), 'NHWC', dilations), rest);
}

const flag = (node: SavedNode, key: string) => node.attr?.[key]?.b === true;
const ints = (tensor: tf.Tensor) => Array.from(tensor.dataSync(), Number);

const OPS: Readonly<Record<string, (node: SavedNode, x: readonly tf.Tensor[]) => tf.Tensor | tf.Tensor[]>> = {
  Identity: (_, [x]) => x.clone(),
  Conv2D: conv2d,
  _FusedConv2D: conv2d,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: (node, [size, filter, x]) =>
    tf.conv2dTranspose(
      x as T4,
      filter as T4,
      [x.shape[0], ...ints(size).slice(1)] as [number, number, number, number],
      pairOf(node, 'strides'),
      padOf(node),
    ),
  MatMul: (node, [a, b]) => tf.matMul(a, b, flag(node, 'transpose_a'), flag(node, 'transpose_b')),
  _FusedMatMul: (node, [a, b, ...rest]) =>
    fuse(node, tf.matMul(a, b, flag(node, 'transpose_a'), flag(node, 'transpose_b')), rest),
  FusedBatchNormV3: (node, [x, scale, offset, mean, variance]) =>
    tf.batchNorm(x, mean, variance, offset, scale, Number(node.attr?.epsilon?.f)),
  BiasAdd: (_, [a, b]) => tf.add(a, b),
  Add: (_, [a, b]) => tf.add(a, b),
  AddV2: (_, [a, b]) => tf.add(a, b),
  AddN: (_, x) => tf.addN([...x]),
  Sub: (_, [a, b]) => tf.sub(a, b),
  Mul: (_, [a, b]) => tf.mul(a, b),
  Maximum: (_, [a, b]) => tf.maximum(a, b),
  Relu: (_, [x]) => tf.relu(x),
  Relu6: (_, [x]) => tf.relu6(x),
  Sigmoid: (_, [x]) => tf.sigmoid(x),
  Tanh: (_, [x]) => tf.tanh(x),
  Softplus: (_, [x]) => tf.softplus(x),
  ClipByValue: (_, [x, low, high]) => tf.clipByValue(x, ints(low)[0], ints(high)[0]),
  Softmax: (_, [x]) => tf.softmax(x),
  MaxPool: (node, [x]) => tf.maxPool(x as T4, pairOf(node, 'ksize'), pairOf(node, 'strides'), padOf(node)),
  AvgPool: (node, [x]) => tf.avgPool(x as T4, pairOf(node, 'ksize'), pairOf(node, 'strides'), padOf(node)),
  Mean: (node, [x, axes]) => tf.mean(x, ints(axes), flag(node, 'keep_dims')),
  Pad: (_, [x, pads]) => {
    const flat = ints(pads);
    return tf.pad(
      x,
      x.shape.map((_d, i): [number, number] => [flat[2 * i], flat[2 * i + 1]]),
    );
  },
  Reshape: (_, [x, shape]) => tf.reshape(x, ints(shape)),
  Shape: (_, [x]) => tf.tensor1d(x.shape, 'int32'),
  Pack: (node, x) => tf.stack([...x], Number(node.attr?.axis?.i ?? 0)),
  ExpandDims: (_, [x, axis]) => tf.expandDims(x, ints(axis)[0]),
  Squeeze: (node, [x]) => tf.squeeze(x, ((node.attr?.squeeze_dims?.list as { i?: unknown[] })?.i ?? []).map(Number)),
  Transpose: (_, [x, permutation]) => tf.transpose(x, ints(permutation)),
  ConcatV2: (_, x) => tf.concat(x.slice(0, -1), ints(x.at(-1)!)[0]),
  Split: (node, [axis, x]) => tf.split(x, Number(node.attr?.num_split?.i), ints(axis)[0]),
  GatherV2: (_, [x, indices, axis]) => tf.gather(x, tf.cast(indices, 'int32'), ints(axis)[0]),
  Cast: (node, [x]) => tf.cast(x, node.attr?.DstT?.type === 'DT_INT32' ? 'int32' : 'float32'),
  ResizeBilinear: (node, [x, size]) =>
    tf.image.resizeBilinear(
      x as T4,
      ints(size) as [number, number],
      flag(node, 'align_corners'),
      flag(node, 'half_pixel_centers'),
    ),
  StridedSlice: (node, [x, begin, end, strides]) => {
    const mask = (key: string) => Number(node.attr?.[key]?.i ?? 0);
    return tf.stridedSlice(
      x,
      ints(begin),
      ints(end),
      ints(strides),
      mask('begin_mask'),
      mask('end_mask'),
      mask('ellipsis_mask'),
      mask('new_axis_mask'),
      mask('shrink_axis_mask'),
    );
  },
  SpaceToBatchND: (_, [x, block, pads]) => {
    const flat = ints(pads);
    return tf.spaceToBatchND(x, ints(block), [flat.slice(0, 2), flat.slice(2)]);
  },
  BatchToSpaceND: (_, [x, block, crops]) => {
    const flat = ints(crops);
    return tf.batchToSpaceND(x, ints(block), [flat.slice(0, 2), flat.slice(2)]);
  },
};

/** Values of `outputs`, each "node" or "node:1"; `given` holds placeholders and constants by name. Call within tf.tidy. */
export function runGraphModel(
  nodes: readonly SavedNode[],
  given: ReadonlyMap<string, tf.Tensor>,
  outputs: readonly string[],
): tf.Tensor[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Map<string, tf.Tensor[]>();
  const value = (ref: string): tf.Tensor => {
    const [name, output = '0'] = ref.split(':') as [string, string?];
    const known = given.get(name);
    if (known) return known;
    let results = done.get(name);
    if (!results) {
      const node = byName.get(name)!;
      const run = OPS[node.op];
      if (!run) throw new Error(`the oracle has no ${node.op}`);
      const inputs = (node.input ?? []).filter((input) => !input.startsWith('^')).map(value);
      done.set(name, (results = [run(node, inputs)].flat()));
    }
    return results[Number(output)];
  };
  return outputs.map(value);
}
