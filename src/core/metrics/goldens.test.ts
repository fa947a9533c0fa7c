/** Held to scikit-learn, scipy and pycocotools: `scripts/oracles/metrics.py`. */
import { describe, expect, it } from 'vitest';
import golden from '../../testing/oracles/goldens/metrics.json';
import { meanIntersectionOverUnion, microF1, rightPositions } from './answers';
import type { Collector, MarkedBox } from './collector';
import { AveragePrecisionCollector } from './detection/average-precision';
import type { Detection } from './detection/boxes';
import { mcnemar, wilson } from './interval';
import { RocCollector } from './roc';
import { explainedVariance, meanAbsoluteError, rootMeanSquaredError } from './values';

/** A collector that has seen these values, each beside its truth. */
function seen(collector: Collector, values: readonly (readonly number[])[], truth: readonly (readonly number[])[]) {
  values.forEach((row, i) => {
    const said = Float32Array.from(row);
    collector.add({ values: said, float: said, truth: truth[i] });
  });
  return collector;
}

describe('areas under ROC curves', () => {
  it.each(golden.roc)('are scikit-learn’s, whole and up to a rate of 0.1', ({ labels, scores, auc, partialAuc }) => {
    const rows = scores.map((score) => [score]);
    const truth = labels.map((label) => [label]);
    const scoreOf = ({ values }: { values: Float32Array }) => values[0];
    expect(seen(new RocCollector(scoreOf), rows, truth).value()).toBeCloseTo(auc, 10);
    expect(seen(new RocCollector(scoreOf, 0.1), rows, truth).value()).toBeCloseTo(partialAuc, 10);
  });

  it('count a sample as often as a draw has it', () => {
    const { labels, scores } = golden.roc[1];
    const scoreOf = ({ values }: { values: Float32Array }) => values[0];
    const weights = labels.map((_, i) => i % 3);
    const repeated = labels.flatMap((label, i) => Array.from({ length: i % 3 }, () => [label, scores[i]] as const));
    const twice = seen(new RocCollector(scoreOf), repeated.map(([, s]) => [s]), repeated.map(([l]) => [l])); // prettier-ignore
    const once = seen(new RocCollector(scoreOf), scores.map((s) => [s]), labels.map((l) => [l])); // prettier-ignore
    expect(once.value(weights)).toBeCloseTo(twice.value(), 12);
  });
});

describe('positions', () => {
  const { truth, said, classes, meanIou, accuracy } = golden.positions;
  /** One-hot scores: the class said is the largest. */
  const scores = said.map((row) => row.flatMap((answer) => Array.from({ length: classes }, (_, c) => Number(c === answer)))); // prettier-ignore

  it('have scikit-learn’s Jaccard score, averaged, and the share that is right', () => {
    const reading = { classes, threshold: 0.5 };
    expect(seen(meanIntersectionOverUnion(reading), scores, truth).value()).toBeCloseTo(meanIou, 12);
    expect(seen(rightPositions(reading), scores, truth).value()).toBeCloseTo(accuracy, 12);
    expect(seen(meanIntersectionOverUnion({ classes: 0, threshold: 0 }), said, truth).value()).toBeCloseTo(meanIou, 12);
  });
});

it('micro-averaged F1 is scikit-learn’s', () => {
  const { truth, scores, f1 } = golden.multiLabel;
  expect(seen(microF1({ classes: 1, threshold: 0.5 }), scores, truth).value()).toBeCloseTo(f1, 12);
});

it('errors of a regression are scikit-learn’s', () => {
  const { truth, said, r2, mae, rmse } = golden.regression;
  // Values stand as float32, targets as they are.
  expect(seen(explainedVariance(3), said, truth).value()).toBeCloseTo(r2, 4);
  expect(seen(meanAbsoluteError(), said, truth).value()).toBeCloseTo(mae, 4);
  expect(seen(rootMeanSquaredError(), said, truth).value()).toBeCloseTo(rmse, 4);
});

describe('mean average precision', () => {
  const { size, images, map, map50 } = golden.detection;
  const found = images.map(
    (image) =>
    image.found.map(([x, y, width, height, category, score]): Detection => ({ x: x / size, y: y / size, width: width / size, height: height / size, category: category, score: score })), // prettier-ignore
  );
  const marked = images.map(
    (image) =>
    image.marked.map(([x, y, width, height, category, crowd]): MarkedBox => ({ x: Number(x) / size, y: Number(y) / size, width: Number(width) / size, height: Number(height) / size, category: Number(category), crowd: crowd === true })), // prettier-ignore
  );
  const collected = (overlaps?: readonly number[], order = images.map((_, i) => i)) => {
    const collector = new AveragePrecisionCollector((row) => found[row[0]], overlaps);
    for (const i of order) {
      const row = Float32Array.of(i);
      collector.add({ values: row, float: row, truth: marked[i] });
    }
    return collector;
  };

  it('is pycocotools’ to 1e-4, crowds left out', () => {
    expect(Math.abs(collected().value() - map)).toBeLessThan(1e-4);
    expect(Math.abs(collected([0.5]).value() - map50)).toBeLessThan(1e-4);
  });

  it('of a draw is that of the images drawn', () => {
    const weights = images.map((_, i) => [2, 0, 1][i % 3]);
    const drawn = weights.flatMap((weight, i) => Array.from({ length: weight }, () => i));
    expect(collected().value(weights)).toBeCloseTo(collected(undefined, drawn).value(), 10);
  });
});

describe('intervals', () => {
  it.each(golden.wilson)('$hits of $n: Wilson’s is scipy’s', ({ hits, n, low, high }) => {
    expect(wilson(hits, n).low).toBeCloseTo(low, 10);
    expect(wilson(hits, n).high).toBeCloseTo(high, 10);
  });

  it.each(golden.mcnemar)('$lost lost, $won won: McNemar’s exact p is scipy’s', ({ lost, won, p }) => {
    expect(mcnemar(lost, won)).toBeCloseTo(p, 9);
  });
});
