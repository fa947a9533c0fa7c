import { describe, expect, it } from 'vitest';
import type { QuantPlan } from '../../core/quantize/plan';
import type { Evaluation, LayerView, ModelView } from '../../jobs/contract/protocol';
import { arrangeRows, layerRows } from './layer-rows';

function layer(name: string, parameters: number, weights: number): LayerView {
  return {
    id: name,
    name,
    kind: 'conv2d',
    label: weights > 0 ? 'Conv 2D' : 'Add',
    fusedActivation: 'none',
    output: { id: `${name}:0`, shape: [-1, 4, 4, 8], dtype: 'float32' },
    inputs: [],
    ...(weights > 0 && {
      weight: { id: `${name}/w`, shape: [weights], dtype: 'float32' as const, quantizedDimension: 0 },
    }),
    parameters,
    macs: 0,
    rule: 'weighted',
  };
}

const MODEL = {
  layers: [layer('model/conv_10', 110, 100), layer('model/conv_2;model/bn', 22, 20), layer('model/add', 0, 0)],
} as unknown as ModelView;
const NOTHING = { plan: null, evaluation: null, sensitivity: null };
const PLAN: QuantPlan = {
  keptFloat: [{ op: 'model/conv_2;model/bn', reason: 'kept' }],
  activations: {},
  weights: {},
  notes: [],
};
const EVALUATION = {
  layers: [
    { op: 'model/conv_10', sqnrDb: 30 },
    { op: 'model/add', sqnrDb: 20 },
  ],
} as unknown as Evaluation;

const names = (rows: readonly { shortName: string }[]) => rows.map(({ shortName }) => shortName);

describe('layerRows', () => {
  it('shortens names by what they share and by what was fused in', () => {
    expect(names(layerRows(MODEL, NOTHING))).toEqual(['conv_10', 'conv_2', 'add']);
    expect(names(layerRows({ ...MODEL, layers: MODEL.layers.slice(0, 1) }, NOTHING))).toEqual(['model/conv_10']);
    const named = (...all: string[]) => names(layerRows({ ...MODEL, layers: all.map((n) => layer(n, 0, 0)) }, NOTHING));
    expect(named('a/b/c', 'a/b/d', 'a/b/e', 'Identity')).toEqual(['c', 'd', 'e', 'Identity']);
    expect(named('a/c', 'b/d', 'e')).toEqual(['a/c', 'b/d', 'e']);
  });

  it('counts one byte a weight and four a bias once planned, four of each before and where a layer stays float', () => {
    const bytes = (plan: QuantPlan | null) => layerRows(MODEL, { ...NOTHING, plan }).map((row) => row.quantizedBytes);
    expect(bytes(null)).toEqual([440, 88, 0]);
    expect(bytes(PLAN)).toEqual([100 + 40, 88, 0]);
    expect(layerRows(MODEL, { ...NOTHING, plan: PLAN }).map(({ bits }) => bits)).toEqual([8, 32, 8]);
  });
});

describe('figures without training', () => {
  const before = { evaluation: EVALUATION, sensitivity: [{ op: 'model/add', delta: -0.02, sqnrDb: 9, samples: 4 }] };
  const rows = layerRows(MODEL, { ...NOTHING, plan: PLAN, untrained: before });

  it('stand beside those of the trained weights, and are nothing where none are in use', () => {
    expect(rows.map(({ untrained }) => untrained)).toEqual([
      { sqnrDb: 30, delta: null },
      { sqnrDb: null, delta: null },
      { sqnrDb: 20, delta: -0.02 },
    ]);
    expect(rows.map(({ sqnrDb, delta }) => [sqnrDb, delta])).toEqual(Array(3).fill([null, null]));
    expect(layerRows(MODEL, { ...NOTHING, plan: PLAN }).every(({ untrained }) => untrained === null)).toBe(true);
  });

  it('can be sorted by', () => {
    expect(names(arrangeRows(rows, '', { key: 'untrained', descending: false }))).toEqual(['add', 'conv_10', 'conv_2']);
  });
});

describe('arrangeRows', () => {
  const rows = layerRows(MODEL, { plan: PLAN, evaluation: EVALUATION, sensitivity: null });
  const sorted = (key: 'order' | 'name' | 'sqnr' | 'parameters', descending = false, search = '') =>
    names(arrangeRows(rows, search, { key, descending }));

  it('sorts names as people count', () => expect(sorted('name')).toEqual(['add', 'conv_2', 'conv_10']));

  it('puts unknown values last in both directions', () => {
    expect(sorted('sqnr')).toEqual(['add', 'conv_10', 'conv_2']);
    expect(sorted('sqnr', true)).toEqual(['conv_10', 'add', 'conv_2']);
  });

  it('finds every word of a search in name, op or shape', () => {
    expect(sorted('order', false, 'CONV 4×4×8')).toEqual(['conv_10', 'conv_2', 'add']);
    expect(sorted('order', false, 'conv 2d 10')).toEqual(['conv_10']);
    expect(sorted('order', false, 'nothing')).toEqual([]);
  });

  it('leaves the rows it was given alone', () => {
    arrangeRows(rows, '', { key: 'parameters', descending: true });
    expect(names(rows)).toEqual(['conv_10', 'conv_2', 'add']);
  });
});
