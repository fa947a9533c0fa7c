/** Random graphs of ops that compare, choose, order or address values. */
import { BATCH, elementCount, type TensorId } from '../../core/graph/graph';
import type { OpKind, Pair } from '../../core/graph/ops/attrs';
import type { Draw } from './draw';

type Comparison = 'equal' | 'notEqual' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual';

/** Few different values, so that some are equal. */
function whole(d: Draw, x: TensorId): TensorId {
  return d.builder.op('round', 'whole', [x], {})[0];
}

function truth(d: Draw, x: TensorId): TensorId {
  return d.builder.op('greater', 'truth', [x, d.builder.constant('zero', [0.3], [])], {})[0];
}

function comparison(kind: Comparison) {
  return (d: Draw) => {
    const { x, h, w, c } = d.image();
    const other = d.flag ? d.input(h, w, c) : d.constant(d.pick([c], [h, 1, c], []));
    const [a, b] = [whole(d, x), whole(d, other)];
    d.op(kind, d.flag ? [a, b] : [b, a], {});
  };
}

function logical(kind: 'logicalAnd' | 'logicalOr') {
  return (d: Draw) => {
    const { x, h, w, c } = d.image();
    d.op(kind, [truth(d, x), truth(d, d.flag ? d.input(h, w, c) : d.input(1, w, c))], {});
  };
}

function truths(kind: 'reduceAny' | 'reduceAll') {
  return (d: Draw) => d.op(kind, [truth(d, d.input(2, 3, 2))], { axes: d.pick([1], [2, 3], [3]), keepDims: d.flag });
}

function position(kind: 'argMax' | 'argMin') {
  return (d: Draw) => d.op(kind, [whole(d, d.image().x)], { axis: d.int(1, 3), to: d.pick('int32', 'int64') });
}

function division(kind: 'floorDiv' | 'floorMod') {
  return (d: Draw) => {
    const { x, c } = d.image();
    const divisor = d.flag ? d.constant([c], 0.3, 2) : d.constant([c], -2, -0.3);
    d.op(kind, [x, divisor], {});
  };
}

/** Edges that make sizes whole multiples of the block. */
function blocks(d: Draw, height: number, width: number): { block: number[]; paddings: Pair[] } {
  const block = d.flag ? [d.int(1, 3), d.int(1, 3)] : [d.int(2, 3)];
  const paddings = block.map((size, i): Pair => {
    const before = d.int(0, 2);
    const left = ([height, width][i] + before) % size;
    return [before, (size - left) % size];
  });
  return { block, paddings };
}

export const RANDOM_ORDER_OPS = {
  equal: comparison('equal'),
  notEqual: comparison('notEqual'),
  less: comparison('less'),
  lessEqual: comparison('lessEqual'),
  greater: comparison('greater'),
  greaterEqual: comparison('greaterEqual'),
  logicalAnd: logical('logicalAnd'),
  logicalOr: logical('logicalOr'),
  logicalNot: (d) => d.op('logicalNot', [truth(d, d.image().x)], {}),
  reduceAny: truths('reduceAny'),
  reduceAll: truths('reduceAll'),
  select(d) {
    const { x, h, w, c } = d.image();
    const condition = truth(d, d.pick(x, d.input(h, w, 1), d.input(1, 1, 1)));
    const other = d.pick<() => TensorId>(
      () => d.input(h, w, c),
      () => d.constant([c]),
      () => d.constant([]),
    )();
    d.op('select', [condition, ...(d.flag ? [x, other] : [other, x])], {});
  },
  floorDiv: division('floorDiv'),
  floorMod: division('floorMod'),
  cumsum: (d) => d.op('cumsum', [d.image().x], { axis: d.int(1, 3), exclusive: d.flag, reverse: d.flag }),
  argMax: position('argMax'),
  argMin: position('argMin'),
  topK(d) {
    const length = d.int(1, 9);
    d.op('topK', [whole(d, d.input(3, length))], { k: d.int(1, length) });
  },
  gatherNd(d) {
    const shape = [d.int(2, 4), d.int(2, 4), d.int(1, 3)];
    const depth = d.int(1, 3);
    const tuples = d.int(1, 5);
    const indices = Int32Array.from({ length: tuples * depth }, (_, i) => d.int(0, shape[i % depth] - 1));
    const x = d.builder.input('x', shape);
    d.op('gatherNd', [x, d.builder.constant('i', indices, [tuples, depth])], {});
  },
  broadcastTo(d) {
    const { h, w, c } = d.image();
    d.pick(
      () => d.op('broadcastTo', [d.input(1, w, 1)], { shape: [BATCH, h, w, c] }),
      () => d.op('broadcastTo', [d.builder.input('x', [w, 1])], { shape: [2, h, w, c] }),
      () => d.op('broadcastTo', [d.constant([1, c])], { shape: [h, c] }),
    )();
  },
  reverse: (d) => d.op('reverse', [d.image().x], { axes: d.pick([1], [2], [3], [1, 3], [1, 2, 3]) }),
  spaceToBatch(d) {
    const [height, width, channels] = [d.int(3, 6), d.int(3, 6), d.int(1, 3)];
    const x = d.builder.input('x', [d.int(1, 2), height, width, channels]);
    d.op('spaceToBatch', [x], blocks(d, height, width));
  },
  batchToSpace(d) {
    const block = d.flag ? [d.int(1, 3), d.int(1, 3)] : [d.int(2, 3)];
    const images = elementCount(block) * d.int(1, 2);
    const x = d.builder.input('x', [images, d.int(2, 4), d.int(2, 4), d.int(1, 3)]);
    d.op('batchToSpace', [x], { block, crops: block.map((size): Pair => [d.int(0, 1), d.int(0, size - 1)]) });
  },
} satisfies { readonly [K in OpKind]?: (d: Draw) => void };
