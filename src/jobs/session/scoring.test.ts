import { describe, expect, it } from 'vitest';
import type { SampleSource } from '../../core/data/types';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import { chooseMetric, classCount, outputSize, ScoreKeeper, scoredOutput } from './scoring';

/** A dense layer from `inputs` to `outputs`, softmax behind it if asked. */
function dense(inputs: number, outputs: number, softmax = false): Graph {
  const builder = new GraphBuilder('dense');
  const x = builder.input('x', [-1, inputs]);
  const w = builder.constant('w', new Float32Array(inputs * outputs), [outputs, inputs]);
  const [y] = builder.op('fullyConnected', 'y', [x, w, null], { keepDims: false });
  return builder.build(softmax ? builder.op('softmax', 'p', [y!], { beta: 1 }) : [y!]);
}

function source(more: Partial<SampleSource> = {}): SampleSource {
  return { name: 's', kind: 'array', size: 4, read: () => Promise.reject(new Error('not read here')), ...more };
}

const labels = Int32Array.of(0, 1, 2, 2);
const row = (...values: number[]) => Float32Array.from(values);

describe('the metric', () => {
  it.each([
    ['labels that fit the outputs', dense(8, 3), source({ labels }), 'top1'],
    ['labels of more classes than there are outputs', dense(8, 2), source({ labels }), 'agreement'],
    ['yes and no for a single output', dense(8, 1), source({ labels: Int32Array.of(0, 1, 1, 0) }), 'top1'],
    ['three classes for a single output', dense(8, 1), source({ labels }), 'sqnr'],
    [
      'targets of the output shape',
      dense(8, 2),
      source({ targets: { shape: [2], values: new Float32Array(8) } }),
      'mse',
    ],
    [
      'targets of another shape',
      dense(8, 3),
      source({ targets: { shape: [2], values: new Float32Array(8) } }),
      'agreement',
    ],
    ['a classifier without labels', dense(8, 3), source(), 'agreement'],
    ['an autoencoder: as many out as in', dense(8, 8), source(), 'sqnr'],
    ['a softmax as wide as the input', dense(8, 8, true), source(), 'agreement'],
  ])('of %s', (_, graph, data, metric) => expect(chooseMetric(graph, data)).toBe(metric));

  it('counts classes only where there are some', () => {
    expect(classCount(dense(8, 3))).toBe(3);
    expect(classCount(dense(8, 8))).toBeUndefined();
    expect(outputSize(dense(8, 5))).toBe(5);
  });
});

describe('the output a model is judged by', () => {
  it('is the softmax among several, else the first that is computed', () => {
    const builder = new GraphBuilder('several');
    const x = builder.input('x', [-1, 8]);
    const w = builder.constant('w', new Float32Array(24), [3, 8]);
    const [y] = builder.op('fullyConnected', 'y', [x, w, null], { keepDims: false });
    const [p] = builder.op('softmax', 'p', [y!], { beta: 1 });
    expect(scoredOutput(builder.build([x, y!, p!]))).toBe(2);
    expect(scoredOutput(builder.build([x, y!]))).toBe(1);
    expect(classCount(builder.build([x, p!, y!]))).toBe(3);
  });
});

describe('ScoreKeeper', () => {
  it('counts labels hit, and among the best five where there are more than five', () => {
    const keeper = new ScoreKeeper('top1', source({ labels: Int32Array.of(6, 0) }));
    const ranked = row(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.55); // 6 is second, 0 is last
    keeper.add(0, ranked, ranked);
    keeper.add(1, ranked, ranked);
    expect(keeper.score()).toEqual({ metric: 'top1', value: 0, top5: 0.5, samples: 2 });
  });

  it('takes a single output for a probability', () => {
    const keeper = new ScoreKeeper('top1', source({ labels: Int32Array.of(1, 0, 1, 0) }));
    [0.9, 0.2, 0.4, 0.6].forEach((p, i) => keeper.add(i, row(p), row(p)));
    expect(keeper.score()).toEqual({ metric: 'top1', value: 0.5, samples: 4 });
  });

  it('agrees with the float model where both name the same class', () => {
    const keeper = new ScoreKeeper('agreement', source());
    keeper.add(0, row(0.1, 0.9), row(0.3, 0.7));
    keeper.add(1, row(0.6, 0.4), row(0.3, 0.7));
    keeper.add(2, row(NaN, 1), row(0, 1));
    expect(keeper.score()).toEqual({ metric: 'agreement', value: 1 / 3, samples: 3 });
  });

  it('averages squared errors over outputs and samples', () => {
    const keeper = new ScoreKeeper('mse', source({ targets: { shape: [2], values: row(0, 0, 1, 3) } }));
    keeper.add(0, row(1, 2), row(0, 0)); // (1 + 4) / 2
    keeper.add(1, row(1, 0), row(0, 0)); // (0 + 9) / 2
    expect(keeper.score()).toEqual({ metric: 'mse', value: 3.5, samples: 2 });
  });

  it('measures the output against float where nothing else says what is right', () => {
    const keeper = new ScoreKeeper('sqnr', source());
    keeper.add(0, row(9, 0), row(10, 0));
    keeper.add(1, row(0, 10), row(0, 10));
    expect(keeper.score().value).toBeCloseTo(10 * Math.log10(200), 9);
  });

  it('has no score of nothing', () => {
    expect(new ScoreKeeper('top1', source({ labels })).score()).toEqual({ metric: 'top1', value: 0, samples: 0 });
  });
});
