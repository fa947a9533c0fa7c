/** Operations between layers, as Keras 3 and tf.keras save them; expected values are those of the formulas. */
import { describe, expect, it } from 'vitest';
import { runNaive } from '../../../../testing/oracles/naive-float';
import { toErrorInfo } from '../../../../base/errors';
import { parseModelConfig } from '../config';
import { configToGraph } from '../config-to-graph';

type Arg = 'x' | 'y' | number | null | readonly unknown[] | { readonly [key: string]: unknown };

const SHAPE = [2, 3];
const X = [1, -2, 3, 0.5, 5, -6];
const Y = [2, 4, -1, 8, 0.25, 3];

const input = (name: string) => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: [null, ...SHAPE] },
  inbound_nodes: [],
});

function model(layer: object) {
  const config = { name: 'm', layers: [input('x'), input('y'), layer] };
  return { class_name: 'Functional', config: { ...config, input_layers: [['x', 0, 0], ['y', 0, 0]], output_layers: [['z', 0, 0]] } }; // prettier-ignore
}

const slice = (start: number | null, stop: number | null, step: number | null = null) => ({ start, stop, step });

/** A call as Keras 3 writes it. */
function called(module: string, className: string, args: readonly Arg[], config: object = {}) {
  const saved = (arg: unknown): unknown => {
    if (arg === 'x' || arg === 'y') return { class_name: '__keras_tensor__', config: { keras_history: [arg, 0, 0] } };
    if (Array.isArray(arg)) return arg.map(saved);
    if (typeof arg === 'object' && arg !== null && 'start' in arg) return { class_name: '__slice__', config: arg };
    return arg;
  };
  const inbound_nodes = [{ args: args.map(saved), kwargs: {} }];
  return model({ module, class_name: className, name: 'z', config: { name: 'z', ...config }, inbound_nodes });
}

/** A call as tf.keras writes it. */
const ofTensorFlow = (name: string, node: unknown, className = 'TFOpLambda') =>
  model({ class_name: className, name: 'z', config: { name: 'z', function: name }, inbound_nodes: [node] });

function read(config: object) {
  return configToGraph({
    model: parseModelConfig(config),
    weights: { layer: () => [] },
    dialect: { framework: 'keras', major: 3 },
    provenance: { format: 'keras', fileName: 'a', fileBytes: 0, metadata: {}, notes: [] },
  });
}

/** Its result for one sample. */
function computed(config: object) {
  const graph = read(config);
  const inputs = new Map([['x', X], ['y', Y]].map(([id, values]) => [id as string, Float32Array.from(values as number[])])); // prettier-ignore
  return runNaive(graph, inputs, 1).get(graph.outputs[0])!;
}

function expectValues(config: object, values: readonly number[], shape: readonly number[] = [1, ...SHAPE]) {
  const { shape: got, data } = computed(config);
  expect(got).toEqual(shape);
  values.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
  expect(data).toHaveLength(values.length);
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const NUMPY = 'keras.src.ops.numpy';
const NN = 'keras.src.ops.nn';

describe('operations of Keras 3', () => {
  it.each<[what: string, config: object, values: readonly number[]]>([
    ['x + 3', called(NUMPY, 'Add', ['x', 3]), X.map((v) => v + 3)],
    ['x + y', called(NUMPY, 'Add', ['x', 'y']), X.map((v, i) => v + Y[i])],
    ['y − x', called(NUMPY, 'Subtract', ['y', 'x']), X.map((v, i) => Y[i] - v)],
    ['2 − x', called(NUMPY, 'Subtract', [2, 'x']), X.map((v) => 2 - v)],
    ['1 / y', called(NUMPY, 'TrueDivide', [1, 'y']), Y.map((v) => 1 / v)],
    [
      'x · an array',
      called(NUMPY, 'Multiply', ['x', { class_name: '__numpy__', config: { value: [1, 2, 3], dtype: 'float32' } }]),
      X.map((v, i) => v * ((i % 3) + 1)),
    ],
    ['max(x, 0.25)', called(NUMPY, 'Maximum', ['x', 0.25]), X.map((v) => Math.max(v, 0.25))],
    ['x²', called(NUMPY, 'Power', ['x', 2]), X.map((v) => v * v)],
    ['−x', called(NUMPY, 'Negative', ['x']), X.map((v) => -v)],
    ['clip', called(NUMPY, 'Clip', ['x'], { x_min: -1, x_max: 2 }), X.map((v) => Math.min(Math.max(v, -1), 2))],
    ['silu', called(NN, 'Silu', ['x']), X.map((v) => v * sigmoid(v))],
    ['relu6', called(NN, 'Relu6', ['x']), X.map((v) => Math.min(Math.max(v, 0), 6))],
  ])('%s', (_what, config, values) => expectValues(config, values));

  it('those that change shapes', () => {
    expectValues(called(NUMPY, 'Mean', ['x'], { axis: [1], keepdims: true }), [0.75, 1.5, -1.5], [1, 1, 3]);
    expectValues(called(NUMPY, 'Max', ['x'], { axis: -1, keepdims: false }), [3, 5], [1, 2]);
    expectValues(called(NUMPY, 'Reshape', ['x'], { newshape: [-1, 3, 2] }), X, [1, 3, 2]);
    expectValues(called(NUMPY, 'Transpose', ['x'], { axes: [0, 2, 1] }), [1, 0.5, -2, 5, 3, -6], [1, 3, 2]);
    expectValues(called(NUMPY, 'ExpandDims', ['x'], { axis: -1 }), X, [1, 2, 3, 1]);
    expectValues(called(NUMPY, 'Concatenate', [['x', 'y']], { axis: 1 }), [...X, ...Y], [1, 4, 3]);
    expectValues(called(NUMPY, 'Stack', [['x', 'y']], { axis: 1 }), [...X, ...Y], [1, 2, 2, 3]);
    const widths = { pad_width: [[0, 0], [1, 0], [0, 0]], mode: 'constant' }; // prettier-ignore
    expectValues(called(NUMPY, 'Pad', ['x'], widths), [0, 0, 0, ...X], [1, 3, 3]);
    expectValues(called(NUMPY, 'Split', ['x'], { indices_or_sections: 3, axis: -1 }), [1, 0.5], [1, 2, 1]);
  });

  it('slices as Python does', () => {
    const of = (...key: unknown[]) => called(NUMPY, 'GetItem', ['x', key]);
    const all = slice(null, null);
    expectValues(of(all, 1), [0.5, 5, -6], [1, 3]);
    expectValues(of(all, -1, slice(1, null)), [5, -6], [1, 2]);
    expectValues(of(all, all, slice(null, null, -1)), [3, -2, 1, -6, 5, 0.5], [1, 2, 3]);
    expectValues(of(all, all, slice(-2, 99, 2)), [-2, 5], [1, 2, 1]);
    expectValues(called(NUMPY, 'GetItem', ['x', all]), X);
  });

  it.each<[what: string, config: object, says: string]>([
    ['a mean over the batch', called(NUMPY, 'Mean', ['x'], { axis: null }), 'it reduces the batch, too'],
    ['one sample of the batch', called(NUMPY, 'GetItem', ['x', [0]]), 'it picks from the batch'],
    ['a reshape of the batch', called(NUMPY, 'Reshape', ['x'], { newshape: [-1, 3] }), 'it reshapes across the batch'],
    ['an operation that is not there', called(NUMPY, 'Kaiser', ['x']), 'no such operation is modelled'],
  ])('refuses %s by name', (_what, config, says) => {
    const error = (() => {
      try {
        return read(config);
      } catch (thrown) {
        return toErrorInfo(thrown);
      }
    })();
    expect(error).toMatchObject({ code: 'unsupported-op', details: [expect.stringContaining(says)] });
  });
});

describe('functions of TensorFlow', () => {
  it.each<[what: string, config: object, values: readonly number[]]>([
    ['x + 3', ofTensorFlow('__operators__.add', ['x', 0, 0, { y: 3, name: null }]), X.map((v) => v + 3)],
    ['2 − x', ofTensorFlow('math.subtract', ['_CONSTANT_VALUE', -1, 2, { y: ['x', 0, 0] }]), X.map((v) => 2 - v)],
    ['y · x', ofTensorFlow('math.multiply', ['y', 0, 0, { y: ['x', 0, 0] }]), X.map((v, i) => v * Y[i])],
    ['x · an array', ofTensorFlow('math.multiply', ['x', 0, 0, { y: [1, 2, 3] }]), X.map((v, i) => v * ((i % 3) + 1))],
  ])('%s', (_what, config, values) => expectValues(config, values));

  it('means, clips, concatenates, slices', () => {
    expectValues(ofTensorFlow('math.reduce_mean', ['x', 0, 0, { axis: [1], keepdims: true }]), [0.75, 1.5, -1.5], [1, 1, 3]); // prettier-ignore
    expectValues(ofTensorFlow('clip_by_value', ['x', 0, 0, { clip_value_min: -1, clip_value_max: 2 }]), [1, -1, 2, 0.5, 2, -1]); // prettier-ignore
    const both = [['x', 0, 0, { axis: 1 }], ['y', 0, 0, { axis: 1 }]]; // prettier-ignore
    expectValues(ofTensorFlow('concat', both), [...X, ...Y], [1, 4, 3]);
    const picked = ['x', 0, 0, { slice_spec: [slice(null, null), 0] }];
    expectValues(ofTensorFlow('__operators__.getitem', picked, 'SlicingOpLambda'), [1, -2, 3], [1, 3]);
  });

  it('refuses others by name', () => {
    expect(() => read(ofTensorFlow('signal.fft', ['x', 0, 0, {}]))).toThrow(/not modelled/);
  });
});
