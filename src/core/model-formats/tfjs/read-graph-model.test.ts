import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { initBackend } from '../../../engine/tfjs/backend';
import { nodeHost } from '../../../engine/tfjs/node-host';
import { fixturePath, haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { runGraphModel, type SavedNode } from '../../../testing/oracles/graph-model-oracle';
import { expectClose, outputsOf } from '../../../testing/fixtures/keras-goldens';
import { testValues } from '../../../testing/oracles/naive/compare';
import type { SourceFile } from '../../data/types';
import { RangefinderError, toErrorInfo } from '../../../base/errors';
import { BATCH, elementCount, withBatch } from '../../graph/graph';
import { normalize } from '../../graph/passes/normalize';
import { readModel } from '../read-model';
import { openShards } from './weights';
import { parseModelJson } from './model-json';

const text = (content: string) => new TextEncoder().encode(content);

interface Weight {
  readonly shape: readonly number[];
  readonly values: readonly number[] | Float32Array;
  readonly dtype?: 'float32' | 'int32';
}

const s = (value: string) => ({ s: btoa(value) });
const list = (...values: number[]) => ({ list: { i: values.map(String) } });

/** A GraphModel made here: nodes beside their constants. */
function model(
  nodes: readonly SavedNode[],
  weights: Readonly<Record<string, Weight>>,
  inputs: Readonly<Record<string, readonly number[]>>,
): SourceFile[] {
  const dim = (shape: readonly number[]) => ({ shape: { dim: shape.map((size) => ({ size: String(size) })) } });
  const bytes = Object.values(weights).map(({ values, dtype = 'float32' }) =>
    dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
  );
  const json = {
    format: 'graph-model',
    modelTopology: {
      node: [
        ...Object.entries(inputs).map(([name, shape]) => ({
          name,
          op: 'Placeholder',
          attr: { dtype: { type: 'DT_FLOAT' }, shape: dim(shape) },
        })),
        ...Object.keys(weights).map((name) => ({ name, op: 'Const', attr: {} })),
        ...nodes,
      ],
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: Object.entries(weights).map(([name, { shape, dtype = 'float32' }]) => ({ name, shape, dtype })),
      },
    ],
  };
  return [
    { path: 'model.json', bytes: text(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: new Uint8Array(Buffer.concat(bytes.map((b) => Buffer.from(b.buffer)))) },
  ];
}

function folder(path: string): SourceFile[] {
  return readdirSync(fixturePath(path)).map((name) => ({
    path: `${path}/${name}`,
    bytes: readFixture(`${path}/${name}`),
  }));
}

/** Runs the model by our Graph and node by node with tfjs' ops, on the same noise. */
async function expectSame(files: readonly SourceFile[], batch: number, scale = 1): Promise<void> {
  const graph = await readModel(files);
  const file = files.find(({ path }) => path.endsWith('.json'))!;
  const json = parseModelJson(JSON.parse(new TextDecoder().decode(file.bytes)), file);
  const shapes = graph.inputs.map((id) => withBatch(graph.tensors.get(id)!.shape, batch));
  const inputs = shapes.map((shape, i) =>
    testValues(elementCount(shape), i + 1).map((v) =>
      graph.tensors.get(graph.inputs[i])!.dtype === 'int32' ? Math.floor((v + 1) * scale) : v * scale,
    ),
  );
  const before = tf.memory().numTensors;
  const expected = tf.tidy(() => {
    const given = new Map<string, tf.Tensor>();
    for (const { name, shape, dtype, read } of openShards(json.weightsManifest, files, file.path).arrays)
      given.set(name, tf.tensor(read(), [...shape], dtype === 'int32' ? 'int32' : 'float32'));
    graph.inputs.forEach((id, i) => given.set(id, tf.tensor(inputs[i], shapes[i])));
    const names = Object.values(graph.provenance.signatures[0].outputs);
    return runGraphModel(json.modelTopology.node as SavedNode[], given, names).map((t) => t.dataSync().slice());
  });
  expect(tf.memory().numTensors).toBe(before);
  for (const form of [graph, normalize(graph)]) {
    const actual = await outputsOf(form, inputs, batch);
    expect(actual).toHaveLength(expected.length);
    expected.forEach((values, i) => expectClose(actual[i], values as Float32Array, 1e-4));
  }
}

const noise = (shape: readonly number[], seed = 9): Weight => ({
  shape,
  values: testValues(elementCount(shape), seed),
});
const whole = (values: readonly number[], shape: readonly number[] = [values.length]): Weight => ({
  shape,
  values,
  dtype: 'int32',
});
const conv = { strides: list(1, 1, 1, 1), padding: s('SAME'), data_format: s('NHWC') };

describe('readTfjsGraph', () => {
  beforeAll(() => initBackend(nodeHost()));

  it('computes fused and plain convolutions, batch normalization and pooling', () =>
    expectSame(
      model(
        [
          {
            name: 'fused',
            op: '_FusedConv2D',
            input: ['x', 'w', 'b'],
            attr: { ...conv, strides: list(1, 2, 2, 1), fused_ops: { list: { s: [btoa('BiasAdd'), btoa('Relu6')] } } },
          },
          {
            name: 'prelu',
            op: 'FusedDepthwiseConv2dNative',
            input: ['fused', 'd', 'b', 'alpha'],
            attr: { ...conv, padding: s('VALID'), fused_ops: { list: { s: [btoa('BiasAdd'), btoa('Prelu')] } } },
          },
          {
            name: 'norm',
            op: 'FusedBatchNormV3',
            input: ['prelu', 'b', 'beta', 'mean', 'variance'],
            attr: { epsilon: { f: 0.001 }, is_training: { b: false } },
          },
          {
            name: 'up',
            op: 'Conv2DBackpropInput',
            input: ['size', 't', 'norm'],
            attr: { ...conv, strides: list(1, 2, 2, 1) },
          },
          { name: 'bias', op: 'BiasAdd', input: ['up', 'c'], attr: {} },
          { name: 'pool', op: 'AvgPool', input: ['bias'], attr: { ...conv, ksize: list(1, 2, 2, 1) } },
        ],
        {
          w: noise([3, 3, 3, 4]),
          b: noise([4]),
          d: noise([3, 3, 4, 1]),
          alpha: noise([1, 1, 4]),
          beta: noise([4], 3),
          mean: noise([4], 4),
          variance: { shape: [4], values: [0.5, 1, 2, 0.25] },
          size: whole([1, 4, 4, 2]),
          t: noise([3, 3, 2, 4]),
          c: noise([2]),
        },
        { x: [-1, 8, 8, 3] },
      ),
      2,
    ));

  it('takes gathered images of a dilated convolution for what they stand for', async () => {
    const files = model(
      [
        { name: 'apart', op: 'SpaceToBatchND', input: ['x', 'block', 'pads'], attr: {} },
        { name: 'conv', op: 'Conv2D', input: ['apart', 'w'], attr: { ...conv, padding: s('VALID') } },
        { name: 'together', op: 'BatchToSpaceND', input: ['conv', 'block', 'crops'], attr: {} },
        { name: 'y', op: 'BiasAdd', input: ['together', 'b'], attr: {} },
      ],
      // SAME padding of a 3 × 3 filter dilated by 2 over 7 × 8 pixels: 2 on every side, and 1 more row to fill the blocks.
      {
        block: whole([2, 2]),
        pads: whole([2, 3, 2, 2], [2, 2]),
        crops: whole([0, 1, 0, 0], [2, 2]),
        w: noise([3, 3, 2, 3]),
        b: noise([3]),
      },
      { x: [-1, 7, 8, 2] },
    );
    const { ops } = await readModel(files);
    expect(ops[0]).toMatchObject({ kind: 'conv2d', attrs: { dilations: [2, 2], padding: 'same' } });
    await expectSame(files, 2);
  });

  it('follows arithmetic on shapes, slices, splits and stacks', () =>
    expectSame(
      model(
        [
          { name: 'shape', op: 'Shape', input: ['x'], attr: {} },
          {
            name: 'batch',
            op: 'StridedSlice',
            input: ['shape', 'zero', 'one', 'one'],
            attr: { shrink_axis_mask: { i: '1' } },
          },
          { name: 'target', op: 'Pack', input: ['batch', 'twelve', 'two'], attr: { axis: { i: '0' } } },
          { name: 'rows', op: 'Reshape', input: ['x', 'target'], attr: {} },
          { name: 'parts', op: 'Split', input: ['axis', 'rows'], attr: { num_split: { i: '3' } } },
          { name: 'sum', op: 'AddV2', input: ['parts', 'parts:2'], attr: {} },
          {
            name: 'picked',
            op: 'StridedSlice',
            input: ['sum', 'from', 'to', 'by'],
            attr: { begin_mask: { i: '1' }, end_mask: { i: '3' }, new_axis_mask: { i: '4' } },
          },
          { name: 'turned', op: 'Transpose', input: ['picked', 'order'], attr: {} },
          { name: 'joined', op: 'ConcatV2', input: ['turned', 'turned', 'axis'], attr: {} },
          { name: 'soft', op: 'Softplus', input: ['joined'], attr: {} },
          { name: 'y', op: 'ClipByValue', input: ['soft', 'low', 'high'], attr: {} },
        ],
        {
          zero: whole([0]),
          one: whole([1]),
          twelve: whole([12], []),
          two: whole([2], []),
          axis: whole([1], []),
          from: whole([0, 1, 0]),
          to: whole([0, 0, 0]),
          by: whole([1, 2, 1]),
          order: whole([0, 2, 1, 3]),
          low: { shape: [], values: [0.2] },
          high: { shape: [], values: [1.5] },
        },
        { x: [-1, 4, 6] },
      ),
      3,
    ));

  it('lists every node that is not modelled, in what the outputs need', async () => {
    const files = model(
      [
        { name: 'a', op: 'LRN', input: ['x'] },
        { name: 'b', op: 'NonMaxSuppressionV5', input: ['a'] },
        { name: 'c', op: 'LRN', input: ['b'] },
      ],
      {},
      { x: [-1, 4] },
    );
    expect(await readModel(files).catch(toErrorInfo)).toMatchObject({
      code: 'unsupported-op',
      message: 'The model uses operations Rangefinder does not model: LRN, NonMaxSuppressionV5.',
      details: ['LRN "c"', 'NonMaxSuppressionV5 "b"', 'LRN "a"'],
    });
  });

  it.each([
    [
      'a circle',
      [
        { name: 'a', op: 'AddV2', input: ['x', 'b'] },
        { name: 'b', op: 'Relu', input: ['a'] },
        { name: 'c', op: 'Relu', input: ['b'] },
      ],
      'corrupt-file',
      /depends on itself/,
    ],
    ['a missing node', [{ name: 'a', op: 'Relu', input: ['nowhere'] }], 'corrupt-file', /"nowhere"/],
    ['a missing input', [{ name: 'a', op: 'AddV2', input: ['x'] }], 'corrupt-file', /has 1 inputs/],
    ['a missing output', [{ name: 'a', op: 'Relu', input: ['x:3'] }], 'corrupt-file', /no output 3/],
    [
      'channels first',
      [{ name: 'a', op: 'MaxPool', input: ['x'], attr: { data_format: s('NCHW'), padding: s('SAME') } }],
      'unsupported-feature',
      /NCHW/,
    ],
  ])('refuses %s', async (_, nodes, code, message) => {
    const error = await readModel(model(nodes, {}, { x: [-1, 4, 4, 1] })).catch(toErrorInfo);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('opens an input of open size only with one', async () => {
    const files = model([{ name: 'a', op: 'Relu', input: ['x'] }], {}, { x: [-1, -1, -1, 3] });
    expect(await readModel(files).catch(toErrorInfo)).toMatchObject({
      code: 'unsupported-feature',
      message: 'An input leaves sizes open: "x": [N, x[1], x[2], 3].',
    });
    const graph = await readModel(files, { 'x[1]': 4, 'x[2]': 5 });
    expect(graph.tensors.get(graph.outputs[0])!.shape).toEqual([BATCH, 4, 5, 3]);
  });
});

describe.skipIf(!haveFixtures)('readTfjsGraph on real files', () => {
  beforeAll(() => initBackend(nodeHost()));

  it.each([
    ['tfjs/human_graph/blazeface', 1, 1],
    ['tfjs/human_graph/emotion', 2, 1],
    ['tfjs/human_graph/selfie', 1, 1],
    ['tfjs/angular_prefetch', 3, 50],
  ])(
    "computes what tfjs' ops compute node by node: %s",
    (path, batch, scale) => expectSame(folder(path), batch, scale),
    60_000,
  );

  it.each(['model.json', 'model_new.json'])('reads the signature of old and new converters: %s', async (name) => {
    const files = folder('tfjs/tfjs_e2e_tiny/graph_model').filter(
      ({ path }) => path.endsWith(name) || path.endsWith('.bin'),
    );
    const { provenance, outputs } = await readModel(files);
    expect(outputs).toEqual(['MatMul']);
    expect(provenance).toMatchObject({
      format: 'tfjs-graph',
      signatures: [{ inputs: { Placeholder: 'Placeholder' }, outputs: { MatMul: 'MatMul' } }],
    });
    await expectSame(files, 1);
  });

  it('keeps the names of the outputs and says what was widened', async () => {
    const blazeface = await readModel(folder('tfjs/human_graph/blazeface'));
    expect([...blazeface.outputs].sort()).toEqual(['Identity', 'Identity_1', 'Identity_2', 'Identity_3']);
    const selfie = await readModel(folder('tfjs/human_graph/selfie'));
    expect(selfie.provenance.notes).toContain('weights stored as float16 were widened to float32');
  });

  it('lists every missing shard', async () => {
    const error = await readModel(folder('broken/tfjs_missing_shards_yolov2tiny')).catch(toErrorInfo);
    const shards = Array.from({ length: 16 }, (_, i) => `group1-shard${i + 1}of16`);
    expect(error).toMatchObject({ code: 'missing-file', details: shards });
  });

  it('ends in a Graph or a typed error whatever bits of the JSON are flipped', { timeout: 30_000 }, async () => {
    const files = folder('tfjs/angular_prefetch');
    const json = files.find(({ path }) => path.endsWith('.json'))!;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(json.bytes.length - 1), fc.integer({ min: 0, max: 6 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (flips) => {
          const bytes = json.bytes.slice();
          for (const [at, bit] of flips) bytes[at] ^= 1 << bit;
          const flipped = files.map((file) => (file === json ? { ...json, bytes } : file));
          await readModel(flipped).catch((error: unknown) => expect(error).toBeInstanceOf(RangefinderError));
        },
      ),
      { numRuns: 300 },
    );
  });
});
