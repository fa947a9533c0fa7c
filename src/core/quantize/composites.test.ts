import { expect, it } from 'vitest';
import { Observer } from '../calibration/observer';
import type { TensorStats } from '../calibration/types';
import { GraphBuilder } from '../graph/build';
import { BATCH, type Graph } from '../graph/graph';
import { floatComposites } from './composites';

/** Softmaxes of scores [N, 4, 16]: one that weighs values, one that is an output. */
function attention(): Graph {
  const b = new GraphBuilder('attention');
  const scores = b.input('scores', [BATCH, 4, 16]);
  const values = b.input('values', [BATCH, 16, 8]);
  const [p] = b.op('softmax', 'weights', [scores], { beta: 1 });
  const [shaped] = b.op('reshape', 'shaped', [p], { shape: [BATCH, 4, 16] });
  const [y] = b.op('batchMatMul', 'y', [shaped, values], { transposeX: false, transposeY: false });
  const [classes] = b.op('softmax', 'classes', [y], { beta: 1 });
  return b.build([classes]);
}

/** Values spread evenly from 0 up to `largest`. */
function upTo(largest: number): TensorStats {
  const observer = new Observer();
  observer.observe(Float32Array.from({ length: 4096 }, (_, i) => (largest * i) / 4095));
  return observer.stats();
}

it.each([
  [0.1, ['weights']], // a scale of its own is ten times finer
  [0.45, ['weights']], // 20·log10(1 / 0.45) = 6.9 dB
  [0.55, []], // 5.2 dB
  [1, []],
] as const)(
  'a softmax that weighs values of attention, at most %d, gets a scale of its own: %j',
  (largest, inFloat) => {
    expect([...floatComposites(attention(), () => upTo(largest)).keys()]).toEqual(inFloat);
  },
);

it('a normalization is left in float as a whole', () => {
  const b = new GraphBuilder('norm');
  const x = b.input('x', [BATCH, 8]);
  const [mean] = b.op('mean', 'mean', [x], { axes: [1], keepDims: true });
  const [centered] = b.op('sub', 'centered', [x, mean], {});
  const [square] = b.op('square', 'square', [centered], {});
  const [variance] = b.op('mean', 'variance', [square], { axes: [1], keepDims: true });
  const [inverse] = b.op('rsqrt', 'inverse', [variance], {});
  const [y] = b.op('mul', 'y', [centered, inverse], {});
  const graph = b.build(b.op('relu', 'activated', [y], {}));
  expect([...floatComposites(graph, () => undefined).keys()]).toEqual(['mean', 'centered', 'square', 'variance', 'inverse', 'y']); // prettier-ignore
});
