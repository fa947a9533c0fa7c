/** Writes a Graph as a GraphModel of TensorFlow.js, its larger weights stored in a byte each. */
import { zipSync } from 'fflate';
import { BATCH, tensorOf, type Graph, type Shape, type TensorId } from '../../graph/graph';
import { UniqueNames } from '../../graph/names';
import type { Op, OpKind } from '../../graph/ops/attrs';
import { permutedData, permutedShape } from '../../graph/permute';

/** Smaller constants, biases among them, stay float32: bytes would cost more accuracy than they save. */
const SMALLEST_STORED = 256;
const SHARD = 'group1-shard1of1.bin';

type Attribute = Readonly<Record<string, unknown>>;

const type = (name: 'DT_FLOAT' | 'DT_INT32' = 'DT_FLOAT'): Attribute => ({ type: name });
const ints = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });
const int = (value: number): Attribute => ({ i: String(value) });
const flag = (b: boolean): Attribute => ({ b });
/** Texts are bytes there, which JSON holds in base 64. */
const text = (s: string): Attribute => ({ s: btoa(s) });
const sizes = (shape: Shape): Attribute => ({ shape: { dim: shape.map((d) => ({ size: String(d) })) } });

interface Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
  readonly quantization?: { readonly dtype: 'uint8'; readonly scale: number; readonly min: number };
}

class GraphModelWriter {
  readonly nodes: object[] = [];
  readonly manifest: Weight[] = [];
  readonly shards: Uint8Array[] = [];
  private readonly names: UniqueNames;
  private readonly nodeNames = new Map<TensorId, string>();
  private readonly made = new Map<string, string>();

  constructor(readonly graph: Graph) {
    this.names = new UniqueNames();
    for (const id of graph.tensors.keys()) this.nodeNames.set(id, this.names.take(plainName(id)));
  }

  /** The name of the node that computes a tensor. */
  name(id: TensorId): string {
    return this.nodeNames.get(id)!;
  }

  node(op: string, name: string, input: readonly string[], attr: Readonly<Record<string, Attribute>>): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  step(op: string, like: string, input: readonly string[], attr: Readonly<Record<string, Attribute>>): string {
    return this.node(op, this.names.take(plainName(`${like}/${op}`)), input, attr);
  }

  integers(values: readonly number[], shape: Shape = [values.length]): string {
    return this.once(`integers ${shape.join()} ${values.join()}`, () => {
      const name = this.constant('integers', shape, 'int32');
      this.manifest.push({ name, shape, dtype: 'int32' });
      this.shards.push(bytesOf(Int32Array.from(values)));
      return name;
    });
  }

  /** A float constant, its values stored as bytes where there are many. */
  reals(id: string, values: Float32Array, shape: Shape): string {
    return this.once(`reals ${id} ${shape.join()}`, () => {
      const name = this.constant(id, shape, 'float32');
      if (values.length < SMALLEST_STORED) {
        this.manifest.push({ name, shape, dtype: 'float32' });
        this.shards.push(bytesOf(values));
        return name;
      }
      let [min, max] = [Infinity, -Infinity];
      for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)];
      const scale = (max - min) / 255 || 1;
      this.manifest.push({ name, shape, dtype: 'float32', quantization: { dtype: 'uint8', scale, min } });
      this.shards.push(Uint8Array.from(values, (value) => Math.round((value - min) / scale)));
      return name;
    });
  }

  input(id: TensorId): string {
    const { data, shape } = tensorOf(this.graph, id);
    if (!data) return this.name(id);
    return data instanceof Float32Array ? this.reals(id, data, shape) : this.integers(Array.from(data, Number), shape);
  }

  private constant(wanted: string, shape: Shape, dtype: Weight['dtype']): string {
    const attr = type(dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT');
    const value = { tensor: { dtype: attr.type, tensorShape: { dim: shape.map((d) => ({ size: String(d) })) } } };
    return this.node('Const', this.names.take(plainName(`${wanted}/const`)), [], { dtype: attr, value });
  }

  private once(key: string, make: () => string): string {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.made.set(key, name);
    return name;
  }
}

/** A colon counts outputs, and a caret orders nodes: TensorFlow's names have neither. */
const plainName = (name: string) => name.replace(/[^A-Za-z0-9_./-]/g, '_').replace(/^[^A-Za-z0-9.]/, 'x$&');

const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Adds the op's nodes; returns the name of the last, before a fused activation. */
type Row<K extends OpKind> = (w: GraphModelWriter, op: Op<K>, x: (index: number) => string) => string;
type Rows = { readonly [K in OpKind]?: Row<K> };

const FLOAT = { T: type() };
const IMAGES = { data_format: text('NHWC') };

const plain =
  (name: string): Row<OpKind> =>
  (w, op, x) =>
    w.step(
      name,
      op.outputs[0]!,
      op.inputs.map((_, i) => x(i)),
      FLOAT,
    );

const square = ([height, width]: readonly [number, number]) => ints([1, height, width, 1]);

function withBias(w: GraphModelWriter, op: Op, product: string, x: (index: number) => string): string {
  return op.inputs[2] ? w.step('BiasAdd', op.outputs[0]!, [product, x(2)], { ...FLOAT, ...IMAGES }) : product;
}

const filterOf = (w: GraphModelWriter, id: TensorId, permutation: readonly number[]) => {
  const { data, shape } = tensorOf(w.graph, id);
  return w.reals(
    `${id}_moved`,
    permutedData(data as Float32Array, shape, permutation),
    permutedShape(shape, permutation),
  );
};

const window = (padding: string) => ({ padding: text(padding.toUpperCase()), ...IMAGES, ...FLOAT });

const conv2d: Row<'conv2d'> = (w, op, x) => {
  const { strides, dilations, padding } = op.attrs;
  const attr = { strides: square(strides), dilations: square(dilations), ...window(padding) };
  const filter = filterOf(w, op.inputs[1]!, [1, 2, 3, 0]);
  return withBias(w, op, w.step('Conv2D', op.outputs[0]!, [x(0), filter], attr), x);
};

const depthwise: Row<'depthwiseConv2d'> = (w, op, x) => {
  const { strides, dilations, padding, multiplier } = op.attrs;
  const { data, shape } = tensorOf(w.graph, op.inputs[1]!);
  const [, height, width, channels] = shape as readonly [number, number, number, number];
  const filter = w.reals(`${op.inputs[1]!}_split`, data as Float32Array, [
    height,
    width,
    channels / multiplier,
    multiplier,
  ]);
  const attr = { strides: square(strides), dilations: square(dilations), ...window(padding) };
  return withBias(w, op, w.step('DepthwiseConv2dNative', op.outputs[0]!, [x(0), filter], attr), x);
};

const dense: Row<'fullyConnected'> = (w, op, x) => {
  const [output] = op.outputs;
  const [units, inputs] = w.graph.tensors.get(op.inputs[1]!)!.shape as readonly [number, number];
  const rank = tensorOf(w.graph, op.inputs[0]!).shape.length;
  const reshaped = (from: string, shape: readonly number[]) =>
    w.step('Reshape', output!, [from, w.integers(shape)], { ...FLOAT, Tshape: type('DT_INT32') });
  const matrix = rank === 2 ? x(0) : reshaped(x(0), [-1, inputs]);
  const weights = filterOf(w, op.inputs[1]!, [1, 0]);
  const attr = { transpose_a: flag(false), transpose_b: flag(false), ...FLOAT };
  const product = withBias(w, op, w.step('MatMul', output!, [matrix, weights], attr), x);
  if (rank === 2 || !op.attrs.keepDims) return product;
  return reshaped(product, [...tensorOf(w.graph, op.inputs[0]!).shape.slice(0, -1), units]);
};

const pool =
  (name: 'MaxPool' | 'AvgPool'): Row<'maxPool2d' | 'averagePool2d'> =>
  (w, op, x) =>
    w.step(name, op.outputs[0]!, [x(0)], {
      ksize: square(op.attrs.filter),
      strides: square(op.attrs.strides),
      ...window(op.attrs.padding),
    });

const reduction =
  (name: string): Row<'mean' | 'sum' | 'reduceMax' | 'reduceMin'> =>
  (w, op, x) =>
    w.step(name, op.outputs[0]!, [x(0), w.integers(op.attrs.axes)], {
      keep_dims: flag(op.attrs.keepDims),
      Tidx: type('DT_INT32'),
      ...FLOAT,
    });

const ROWS: Rows = {
  conv2d,
  depthwiseConv2d: depthwise,
  fullyConnected: dense,
  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  maximum: plain('Maximum'),
  minimum: plain('Minimum'),
  relu: plain('Relu'),
  relu6: plain('Relu6'),
  elu: plain('Elu'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  rsqrt: plain('Rsqrt'),
  square: plain('Square'),
  abs: plain('Abs'),
  neg: plain('Neg'),
  leakyRelu: (w, op, x) => w.step('LeakyRelu', op.outputs[0]!, [x(0)], { alpha: { f: op.attrs.alpha }, ...FLOAT }),
  prelu: plain('Prelu'),
  softmax: (w, op, x) => {
    const { beta } = op.attrs;
    const scale = () => w.reals(`beta ${beta}`, Float32Array.of(beta), []);
    const scaled = beta === 1 ? x(0) : w.step('Mul', op.outputs[0]!, [x(0), scale()], FLOAT);
    return w.step('Softmax', op.outputs[0]!, [scaled], FLOAT);
  },
  maxPool2d: pool('MaxPool'),
  averagePool2d: pool('AvgPool'),
  mean: reduction('Mean'),
  sum: reduction('Sum'),
  reduceMax: reduction('Max'),
  reduceMin: reduction('Min'),
  reshape: (w, op, x) =>
    w.step('Reshape', op.outputs[0]!, [x(0), w.integers(op.attrs.shape)], { ...FLOAT, Tshape: type('DT_INT32') }),
  transpose: (w, op, x) =>
    w.step('Transpose', op.outputs[0]!, [x(0), w.integers(op.attrs.permutation)], {
      ...FLOAT,
      Tperm: type('DT_INT32'),
    }),
  concat: (w, op, x) =>
    w.step('ConcatV2', op.outputs[0]!, [...op.inputs.map((_, i) => x(i)), w.integers([op.attrs.axis], [])], {
      N: int(op.inputs.length),
      Tidx: type('DT_INT32'),
      ...FLOAT,
    }),
  pad: (w, op, x) => {
    const { paddings, value } = op.attrs;
    const filled = w.reals(`pad ${value}`, Float32Array.of(value), []);
    const inputs = [x(0), w.integers(paddings.flat(), [paddings.length, 2]), filled];
    return w.step('PadV2', op.outputs[0]!, inputs, { ...FLOAT, Tpaddings: type('DT_INT32') });
  },
  slice: (w, op, x) =>
    w.step('Slice', op.outputs[0]!, [x(0), w.integers(op.attrs.begin), w.integers(op.attrs.size)], {
      ...FLOAT,
      Index: type('DT_INT32'),
    }),
};

/** Why an op has no form in a GraphModel here; undefined where it has. */
export function whyNotInGraphModel(op: Op): string | undefined {
  if (!ROWS[op.kind]) return `${op.kind} has no row among the operations of TensorFlow.js written here`;
  if (op.kind === 'conv2d' && op.attrs.groups > 1) return 'TensorFlow.js has no grouped convolution';
  return op.activation === 'reluN1To1' ? 'TensorFlow.js has no activation between −1 and 1' : undefined;
}

/** A zip of model.json and its weights. Every op has to have a form: see {@link whyNotInGraphModel}. */
export function writeGraphModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const w = new GraphModelWriter(graph);
  for (const id of graph.inputs) {
    const { shape, dtype } = tensorOf(graph, id);
    w.node('Placeholder', w.name(id), [], {
      dtype: type(dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT'),
      shape: sizes(shape),
    });
  }
  for (const op of graph.ops) {
    const row = ROWS[op.kind] as unknown as Row<OpKind>;
    const name = row(w, op, (index) => w.input(op.inputs[index]!));
    const activated =
      op.activation === 'none' ? name : w.step(op.activation === 'relu' ? 'Relu' : 'Relu6', name, [name], FLOAT);
    w.node('Identity', w.name(op.outputs[0]!), [activated], FLOAT);
  }
  const described = (ids: readonly TensorId[]) =>
    Object.fromEntries(
      ids.map((id) => {
        const { shape } = tensorOf(graph, id);
        const dim = shape.map((d) => ({ size: String(d === BATCH ? -1 : d) }));
        return [id, { name: `${w.name(id)}:0`, dtype: 'DT_FLOAT', tensorShape: { dim } }];
      }),
    );
  const json = {
    format: 'graph-model',
    generatedBy: 'Rangefinder',
    convertedBy: null,
    signature: { inputs: described(graph.inputs), outputs: described(graph.outputs) },
    modelTopology: { node: w.nodes, library: {}, versions: { producer: 1 } },
    weightsManifest: [{ paths: [SHARD], weights: w.manifest }],
  };
  const bytes = new Uint8Array(w.shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of w.shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return zipSync({ 'model.json': new TextEncoder().encode(JSON.stringify(json)), [SHARD]: bytes }).slice();
}
