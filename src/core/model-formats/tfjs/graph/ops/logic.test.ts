import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initBackend } from '../../../../../engine/tfjs/backend';
import { nodeHost } from '../../../../../engine/tfjs/node-host';
import { outputsOf } from '../../../../../testing/fixtures/keras-goldens';
import { testValues } from '../../../../../testing/oracles/naive/compare';
import { readModel } from '../../../read-model';

type Attr = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Node {
  readonly op: string;
  readonly input: readonly string[];
  readonly attr?: Attr;
}

const type = (name: string) => ({ type: name });

/** x and y of [N,6], and nodes by name; the last one is the output, made float. */
async function graphOf(nodes: Readonly<Record<string, Node>>) {
  const dim = { shape: { dim: [{ size: '-1' }, { size: '6' }] } };
  const names = Object.keys(nodes);
  const constants = { one: [1], two: [2] };
  const arrays = Object.entries(constants);
  const json = {
    format: 'graph-model',
    modelTopology: {
      node: [
        ...['x', 'y'].map((name) => ({ name, op: 'Placeholder', attr: { dtype: type('DT_FLOAT'), shape: dim } })),
        ...arrays.map(([name]) => ({ name, op: 'Const', attr: {} })),
        ...names.map((name) => ({ name, attr: {}, ...nodes[name] })),
        { name: 'result', op: 'Cast', input: [names.at(-1)!], attr: { DstT: type('DT_FLOAT') } },
      ],
    },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: arrays.map(([name]) => ({ name, shape: [], dtype: 'int32' })),
      },
    ],
  };
  const bytes = new Uint8Array(Int32Array.from(arrays.flatMap(([, values]) => values)).buffer);
  return readModel([
    { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
    { path: 'w.bin', bytes },
  ]);
}

const binary = (op: string): Record<string, Node> => ({ f: { op, input: ['x', 'y'] } });
const unary = (op: string): Record<string, Node> => ({ f: { op, input: ['x'] } });
const along = (op: string): Record<string, Node> => ({ f: { op, input: ['x', 'one'] } });
const above = { op: 'Greater', input: ['x', 'y'] };

type Expected = (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor;

describe('comparisons, choices and orders of GraphModels', () => {
  beforeAll(() => initBackend(nodeHost()));

  it.each<[string, Record<string, Node>, Expected]>([
    ['Equal', binary('Equal'), tf.equal],
    ['NotEqual', binary('NotEqual'), tf.notEqual],
    ['Less', binary('Less'), tf.less],
    ['LessEqual', binary('LessEqual'), tf.lessEqual],
    ['Greater', binary('Greater'), tf.greater],
    ['GreaterEqual', binary('GreaterEqual'), tf.greaterEqual],
    ['FloorDiv', binary('FloorDiv'), (x, y) => tf.floor(tf.div(x, y))],
    ['FloorMod', binary('FloorMod'), tf.mod],
    ['Sin', unary('Sin'), tf.sin],
    ['Cos', unary('Cos'), tf.cos],
    ['Floor', unary('Floor'), tf.floor],
    ['Ceil', unary('Ceil'), tf.ceil],
    ['Round', unary('Round'), tf.round],
    ['Sign', unary('Sign'), tf.sign],
    ['ArgMax', along('ArgMax'), (x) => tf.argMax(x, 1)],
    ['ArgMin', along('ArgMin'), (x) => tf.argMin(x, 1)],
    ['Prod', along('Prod'), (x) => tf.prod(x, 1)],
    ['Cumsum', along('Cumsum'), (x) => tf.cumsum(x, 1)],
    ['ReverseV2', along('ReverseV2'), (x) => tf.reverse(x, 1)],
    [
      'TopKV2, its positions',
      { k: { op: 'TopKV2', input: ['x', 'two'] }, f: { op: 'Identity', input: ['k:1'] } },
      (x) => tf.topk(x, 2).indices,
    ],
    ['TopKV2, its values', { f: { op: 'TopKV2', input: ['x', 'two'] } }, (x) => tf.topk(x, 2).values],
    ['SelectV2', { c: above, f: { op: 'SelectV2', input: ['c', 'x', 'y'] } }, tf.maximum],
    [
      'LogicalNot, Any',
      { c: above, n: { op: 'LogicalNot', input: ['c'] }, f: { op: 'Any', input: ['n', 'one'] } },
      (x, y) => tf.any(tf.logicalNot(tf.greater(x, y)), 1),
    ],
    [
      'LogicalAnd, All',
      {
        c: above,
        d: { op: 'Less', input: ['y', 'x'] },
        a: { op: 'LogicalAnd', input: ['c', 'd'] },
        f: { op: 'All', input: ['a', 'one'] },
      },
      (x, y) => tf.all(tf.greater(x, y), 1),
    ],
    [
      'LogicalOr',
      { c: above, d: { op: 'Less', input: ['x', 'y'] }, f: { op: 'LogicalOr', input: ['c', 'd'] } },
      tf.notEqual,
    ],
    ['Cast to truth', { f: { op: 'Cast', input: ['x'], attr: { DstT: type('DT_BOOL') } } }, (x) => tf.notEqual(x, 0)],
  ])('%s', async (_what, nodes, expected) => {
    const graph = await graphOf(nodes);
    const x = testValues(12, 1).map((v, i) => (i % 6 === 0 ? 0 : 4 * v));
    const y = testValues(12, 2).map((v, i) => (i % 4 === 1 ? x[i] : 4 * v));
    const given = graph.inputs.map((id) => (id === 'y' ? y : x));
    const actual = (await outputsOf(graph, given, 2)).at(-1);
    const wanted = tf.tidy(() => expected(tf.tensor2d(x, [2, 6]), tf.tensor2d(y, [2, 6])).dataSync());
    expect(actual).toHaveLength(wanted.length);
    Array.from(wanted, Number).forEach((v, i) => expect(actual![i], `${i}`).toBeCloseTo(v, 5));
  });
});
