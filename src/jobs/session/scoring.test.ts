import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import type { Answers } from '../../core/metrics/guess-context';
import { judgementOf, type TaskChoice } from '../../core/metrics/guess-task';
import { judgedOutputs } from '../../core/metrics/output-parts';
import { classCount, FlipKeeper, outputSize, ScoreKeeper, scoredOutput } from './scoring';

/** A dense layer from `inputs` to `outputs`. */
function dense(inputs: number, outputs: number): Graph {
  const builder = new GraphBuilder('dense');
  const x = builder.input('x', [-1, inputs]);
  const w = builder.constant('w', new Float32Array(inputs * outputs), [outputs, inputs]);
  return builder.build(builder.op('fullyConnected', 'y', [x, w, null], { keepDims: false }));
}

function judgement(outputs: number, answers: Answers = {}, choice: TaskChoice = {}) {
  const graph = dense(9, outputs);
  const probes = [new Float32Array(outputs).fill(0.5)];
  return judgementOf({ outputs: judgedOutputs(graph, 'y'), probes, inputShape: [9], answers, isNoise: false }, choice);
}

const row = (...values: number[]) => Float32Array.from(values);

describe('the output a model is judged by', () => {
  it('counts classes only where there are some', () => {
    expect(classCount(dense(8, 3))).toBe(3);
    expect(classCount(dense(8, 8))).toBeUndefined();
    expect(outputSize(dense(8, 5))).toBe(5);
  });

  it('is the softmax among several, else the first that is computed', () => {
    const builder = new GraphBuilder('several');
    const x = builder.input('x', [-1, 8]);
    const w = builder.constant('w', new Float32Array(24), [3, 8]);
    const [y] = builder.op('fullyConnected', 'y', [x, w, null], { keepDims: false });
    const [p] = builder.op('softmax', 'p', [y], { beta: 1 });
    expect(scoredOutput(builder.build([x, y, p]))).toBe(2);
    expect(scoredOutput(builder.build([x, y]))).toBe(1);
    expect(classCount(builder.build([x, p, y]))).toBe(3);
  });
});

describe('ScoreKeeper', () => {
  it('counts labels hit, and among the best five where there are more than five', () => {
    const keeper = new ScoreKeeper(judgement(7, { labels: Int32Array.of(6, 0) }), true);
    const ranked = row(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.55); // 6 is second, 0 is last
    keeper.add(0, ranked, ranked);
    keeper.add(1, ranked, ranked);
    expect(keeper.score()).toEqual({ metric: 'top1', value: 0, top5: 0.5, samples: 2 });
    expect(keeper.score(true).figures).toEqual({ top1: 0, top5: 0.5, agreement: 1 });
  });

  it('takes a single output for a probability', () => {
    const keeper = new ScoreKeeper(judgement(1, { labels: Int32Array.of(1, 0, 1, 0) }));
    [0.9, 0.2, 0.4, 0.6].forEach((p, i) => keeper.add(i, row(p), row(p)));
    expect(keeper.score()).toEqual({ metric: 'top1', value: 0.5, samples: 4 });
  });

  it('agrees with the float model where both name the same class', () => {
    const keeper = new ScoreKeeper(judgement(2));
    keeper.add(0, row(0.1, 0.9), row(0.3, 0.7));
    keeper.add(1, row(0.6, 0.4), row(0.3, 0.7));
    keeper.add(2, row(NaN, 1), row(0, 1));
    expect(keeper.score()).toEqual({ metric: 'agreement', value: 1 / 3, samples: 3 });
  });

  it('measures the output against float where nothing else says what is right', () => {
    const keeper = new ScoreKeeper(judgement(2, {}, { task: 'fidelity' }));
    keeper.add(0, row(9, 0), row(10, 0));
    keeper.add(1, row(0, 10), row(0, 10));
    expect(keeper.score().value).toBeCloseTo(10 * Math.log10(200), 9);
  });

  it('has no score of nothing', () => {
    expect(new ScoreKeeper(judgement(2)).score()).toEqual({ metric: 'agreement', value: 0, samples: 0 });
  });

  it('knows how sure a difference is by the samples that flip, or by drawing them again', () => {
    const n = 400;
    const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
    const keepers = (choice?: TaskChoice) => {
      const judged = judgement(2, { labels }, choice);
      const [float, file] = [new ScoreKeeper(judged), new ScoreKeeper(judged)];
      for (let i = 0; i < n; i++) {
        const right = labels[i] === 1 ? row(0.2, 0.8) : row(0.8, 0.2);
        float.add(i, right, right);
        file.add(i, i < 20 ? right.toReversed() : right, right); // 20 of 400 flip, all to the worse
      }
      return file.since(float);
    };
    const flips = keepers();
    expect(flips).toMatchObject({ value: -0.05, n, method: 'mcnemar' });
    expect(flips.low).toBeLessThan(-0.05);
    expect(flips.high).toBeLessThan(0);
    expect(flips.p).toBeCloseTo(2 * 2 ** -20, 12);
    const drawn = keepers({ task: 'embedding' });
    expect(drawn.method).toBe('bootstrap');
    expect(drawn.low).toBeLessThan(drawn.value);
    expect(drawn.high).toBeGreaterThan(drawn.value);
  });
});

describe('FlipKeeper', () => {
  it('names who changed, and for whom it matters', () => {
    const flips = new FlipKeeper(judgement(2, { labels: Int32Array.of(0, 1, 1) }));
    flips.add(0, row(0.3, 0.7), row(0.9, 0.1)); // wrong now
    flips.add(1, row(0.2, 0.8), row(0.6, 0.4)); // fixed
    flips.add(2, row(0.2, 0.8), row(0.3, 0.7)); // the same
    expect(flips.result()).toMatchObject({ n: 3, changed: 2, wrongNow: 1, fixed: 1 });
    // A row a label, a column an answer.
    expect(flips.result()!.confusion).toEqual({ classes: 2, float: [1, 0, 1, 1], quantized: [0, 1, 0, 2] });
    expect(flips.result()!.samples[0]).toMatchObject({ sample: 0, label: 0, float: { answer: 0 }, quantized: { answer: 1 } }); // prettier-ignore
  });

  it('says nothing of tasks whose samples have no single answer', () => {
    expect(new FlipKeeper(judgement(2, {}, { task: 'fidelity' })).result()).toBeNull();
  });
});
