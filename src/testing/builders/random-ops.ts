/** Random single-op graphs, one maker for each op kind: what engines are compared on. */
import { BATCH, elementCount, type Shape, type TensorId } from '../../core/graph/graph';
import type { OpKind, Pair } from '../../core/graph/ops/attrs';
import type { Draw } from './draw';
import { RANDOM_ORDER_OPS } from './random-order-ops';

/** LiteRT takes strides and dilations together, as wasm's kernels do; those of the cpu backend refuse them. */
function convolution(d: Draw) {
  const strides = d.pair(1, 3);
  const dilations: Pair = d.flag || (d.backend === 'cpu' && Math.max(...strides) > 1) ? [1, 1] : d.pair(1, 2);
  return { strides, dilations, padding: d.padding };
}

function elementwise(kind: 'add' | 'sub' | 'mul' | 'maximum' | 'minimum' | 'squaredDifference') {
  return (d: Draw) => {
    const [h, w, c] = [d.int(2, 5), d.int(2, 5), d.int(1, 5)];
    const x = d.input(h, w, c);
    const other = d.pick<() => TensorId>(
      () => d.input(h, w, c),
      () => d.input(1, 1, c),
      () => d.constant([c]),
      () => d.constant([h, 1, c]),
      () => d.constant([]),
    )();
    d.op(kind, d.flag ? [x, other] : [other, x], {}, true);
  };
}

/** Of positive values, made by squaring. */
function ofPositive(d: Draw, x: TensorId): TensorId {
  const [squared] = d.builder.op('mul', 'squared', [x, x], {});
  return d.builder.op('add', 'positive', [squared, d.constant([], 0.05, 0.5)], {})[0];
}

function pooling(kind: 'averagePool2d' | 'maxPool2d') {
  return (d: Draw) => {
    const { x } = d.image();
    d.op(kind, [x], { filter: d.flag ? [1, 1] : d.pair(1, 5), strides: d.pair(1, 3), padding: d.padding }, true);
  };
}

function reduction(kind: 'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd') {
  return (d: Draw) => {
    const { x } = d.image();
    d.op(kind, [x], { axes: d.pick([1, 2], [2, 1], [1], [2], [3], [1, 2, 3]), keepDims: d.flag }, true);
  };
}

type Plain = 'sigmoid' | 'tanh' | 'relu' | 'relu6' | 'hardSwish' | 'elu' | 'identity' | 'reluN1To1' | 'relu0To1';
type Stepped = 'floor' | 'ceil' | 'round' | 'sign' | 'sin' | 'cos';

function plain(kind: Plain | Stepped | 'logSoftmax' | 'l2Normalization' | 'exp' | 'square' | 'abs' | 'neg') {
  return (d: Draw) => {
    const gain = d.builder.op('mul', 'gain', [d.image().x, d.constant([], 0.1, 5)], {})[0];
    d.op(kind, [gain], {});
  };
}

function resize(kind: 'resizeBilinear' | 'resizeNearest') {
  return (d: Draw) => {
    const { x } = d.image();
    const [alignCorners, halfPixelCenters] = d.pick([true, false], [false, true], [false, false]);
    d.op(kind, [x], { size: d.pair(1, 17), alignCorners, halfPixelCenters });
  };
}

/** Draws one op of each kind. */
export const RANDOM_OPS: { readonly [K in OpKind]: (d: Draw) => void } = {
  conv2d(d) {
    const groups = d.pick(1, 1, 1, 2, 3);
    const depth = d.int(1, 4);
    const { x } = d.image(depth * groups);
    const filters = groups * d.int(1, 5);
    const filter = d.constant([filters, ...d.pair(1, 3), depth]);
    d.op('conv2d', [x, filter, d.bias(filters)], { ...convolution(d), groups }, true);
  },
  depthwiseConv2d(d) {
    const { x, c } = d.image();
    const multiplier = d.pick(1, 1, 2, 3);
    const filter = d.constant([1, ...d.pair(1, 3), c * multiplier]);
    d.op('depthwiseConv2d', [x, filter, d.bias(c * multiplier)], { ...convolution(d), multiplier }, true);
  },
  transposeConv2d(d) {
    const { x, h, w, c } = d.image();
    const [strides, kernel, padding, filters] = [d.pair(1, 3), d.pair(1, 4), d.padding, d.int(1, 4)];
    const size = (n: number, axis: 0 | 1) =>
      padding === 'same'
        ? n * strides[axis] - d.int(0, strides[axis] - 1)
        : (n - 1) * strides[axis] + kernel[axis] + d.int(0, strides[axis] - 1);
    const outputSize: Pair = [size(h, 0), size(w, 1)];
    const filter = d.constant([filters, ...kernel, c]);
    d.op('transposeConv2d', [x, filter, d.bias(filters)], { strides, padding, outputSize }, true);
  },
  fullyConnected(d) {
    const [depth, units] = [d.int(1, 9), d.int(1, 9)];
    const keepDims = d.flag;
    const x = d.flag ? d.input(depth) : d.input(d.int(1, 4), depth);
    const weights = d.constant([units, keepDims ? depth : elementCount(d.builder.shape(x))]);
    d.op('fullyConnected', [x, weights, d.bias(units)], { keepDims }, true);
  },
  batchNorm(d) {
    const { x, c } = d.image();
    const [gamma, beta] = [d.bias(c), d.bias(c)];
    d.op('batchNorm', [x, gamma, beta, d.constant([c]), d.constant([c], 0.1, 2)], { epsilon: 1e-3 }, true);
  },
  lstm(d) {
    const [steps, width, units] = [d.int(2, 5), d.int(1, 5), d.int(1, 4)];
    const four = (...shape: number[]) => Array.from({ length: 4 }, () => d.constant(shape));
    const weights = [...four(units, width), ...four(units, units), ...four(units)];
    d.op('lstm', [d.input(steps, width), ...weights], { cellClip: d.pick(0, 0, 0.5) });
  },
  add: elementwise('add'),
  sub: elementwise('sub'),
  mul: elementwise('mul'),
  maximum: elementwise('maximum'),
  minimum: elementwise('minimum'),
  squaredDifference: elementwise('squaredDifference'),
  div(d) {
    const { x, c } = d.image();
    d.op('div', d.flag ? [x, d.constant([c], 0.5, 3)] : [x, ofPositive(d, x)], {}, true);
  },
  pow(d) {
    const { x } = d.image();
    if (d.flag) d.op('pow', [x, d.builder.constant('c', [d.int(1, 3)], [])], {});
    else d.op('pow', [ofPositive(d, x), d.constant([], -2, 2)], {});
  },
  batchMatMul(d) {
    const [m, k, n, heads] = [d.int(1, 5), d.int(1, 5), d.int(1, 5), d.int(1, 3)];
    const [transposeX, transposeY] = [d.flag, d.flag];
    const x = d.input(heads, ...(transposeX ? [k, m] : [m, k]));
    const matrix = transposeY ? [n, k] : [k, n];
    const y = d.pick<() => TensorId>(
      () => d.input(heads, ...matrix),
      () => d.constant(matrix),
      () => d.constant([heads, ...matrix]),
      () => d.constant([1, 1, ...matrix]),
    )();
    d.op('batchMatMul', [x, y], { transposeX, transposeY });
  },
  pack(d) {
    const [h, w, c] = [d.int(1, 4), d.int(1, 4), d.int(1, 4)];
    const parts = Array.from({ length: d.int(1, 4) }, () => d.input(h, w, c));
    d.op('pack', parts, { axis: d.int(1, 4) });
  },
  unpack: (d) => d.op('unpack', [d.input(d.int(1, 4), d.int(1, 4), d.int(1, 4))], { axis: d.int(1, 3) }),
  gather(d) {
    const { x, h, c } = d.image();
    const picks = (length: number, shape: number[]) =>
      d.builder.constant(
        'i',
        Int32Array.from({ length: elementCount(shape) }, () => d.int(0, length - 1)),
        shape,
      );
    const [words, width] = [d.int(2, 9), d.int(1, 4)];
    d.pick(
      () => d.op('gather', [x, picks(h, [3])], { axis: 1 }),
      () => d.op('gather', [x, picks(c, [2, 2])], { axis: 3 }),
      () => {
        const [whole] = d.builder.op('reduceMax', 'any', [ofPositive(d, x)], { axes: [2, 3], keepDims: false });
        const [index] = d.builder.op('minimum', 'in range', [whole, d.builder.constant('n', [words - 1], [])], {});
        const [indices] = d.builder.op('cast', 'indices', [index], { to: 'int32' });
        d.op('gather', [d.constant([words, width]), indices], { axis: 0 });
      },
    )();
  },
  tile: (d) => d.op('tile', [d.image().x], { repeats: [1, d.int(1, 2), d.int(1, 3), d.int(1, 2)] }),
  concat(d) {
    const [h, w] = d.pair(2, 5);
    const axis = d.int(1, 3);
    const parts = Array.from({ length: d.int(1, 4) }, () => {
      const shape = [BATCH, h, w, 3];
      shape[axis] = d.int(1, 4);
      return d.builder.input('x', shape);
    });
    d.op('concat', parts, { axis });
  },
  averagePool2d: pooling('averagePool2d'),
  maxPool2d: pooling('maxPool2d'),
  mean: reduction('mean'),
  reduceMax: reduction('reduceMax'),
  reduceMin: reduction('reduceMin'),
  sum: reduction('sum'),
  reduceProd: reduction('reduceProd'),
  reshape(d) {
    const x = d.input(4, 3, 2);
    d.op('reshape', [x], { shape: d.pick([-1, 24], [-1, 6, 4], [-1, 2, 2, 6], [-1, 4, 1, 3, 2], [-1, 8, -1]) });
  },
  pad(d) {
    const { x } = d.image();
    const paddings: Pair[] = [[0, 0], d.pair(0, 2), d.pair(0, 2), d.pair(0, 1)];
    d.op('pad', [x], { paddings, value: d.pick(0, -1.5) });
  },
  mirrorPad(d) {
    const { x } = d.image();
    d.op('mirrorPad', [x], {
      paddings: [[0, 0], d.pair(0, 3), d.pair(0, 2), [0, 0]],
      mode: d.pick('reflect', 'symmetric'),
    });
  },
  softmax(d) {
    const x = d.flag ? d.input(d.int(1, 20)) : d.input(3, d.int(1, 9));
    d.op('softmax', [x], { beta: d.pick(1, 0.5, 2) });
  },
  sigmoid: plain('sigmoid'),
  tanh: plain('tanh'),
  relu: plain('relu'),
  relu6: plain('relu6'),
  leakyRelu: (d) => d.op('leakyRelu', [d.image().x], { alpha: d.pick(0, 0.1, 0.3, 1.5) }),
  prelu(d) {
    const { x, h, w, c } = d.image();
    d.op('prelu', [x, d.constant(d.pick<Shape>([c], [1, 1, c], [h, w, c], [h, 1, c], [1, w, 1], [1]))], {});
  },
  hardSwish: plain('hardSwish'),
  elu: plain('elu'),
  reluN1To1: plain('reluN1To1'),
  relu0To1: plain('relu0To1'),
  gelu: (d) => d.op('gelu', [d.image().x], { approximate: d.flag }),
  logSoftmax: plain('logSoftmax'),
  l2Normalization: plain('l2Normalization'),
  exp: plain('exp'),
  square: plain('square'),
  abs: plain('abs'),
  neg: plain('neg'),
  floor: plain('floor'),
  ceil: plain('ceil'),
  round: plain('round'),
  sign: plain('sign'),
  sin: plain('sin'),
  cos: plain('cos'),
  log: (d) => d.op('log', [ofPositive(d, d.image().x)], {}),
  sqrt: (d) => d.op('sqrt', [ofPositive(d, d.image().x)], {}),
  rsqrt: (d) => d.op('rsqrt', [ofPositive(d, d.image().x)], {}),
  cast: (d) => d.op('cast', [d.image().x], { to: d.pick('int32', 'float32') }),
  resizeBilinear: resize('resizeBilinear'),
  resizeNearest: resize('resizeNearest'),
  transpose: (d) =>
    d.op('transpose', [d.image().x], { permutation: d.pick([0, 2, 1, 3], [0, 3, 1, 2], [0, 1, 3, 2], [0, 1, 2, 3]) }),
  slice(d) {
    const { x, h, w, c } = d.image();
    const begin = [0, d.int(0, h - 1), d.int(0, w - 1), d.int(0, c - 1)];
    const size = [-1, d.int(1, h - begin[1]), d.flag ? -1 : d.int(1, w - begin[2]), d.int(1, c - begin[3])];
    d.op('slice', [x], { begin, size });
  },
  stridedSlice(d) {
    const { x, h, w, c } = d.image();
    const rows = d.flag ? [0, h, d.int(1, 3)] : [h - 1, d.pick(-1, 1), -d.int(1, 2)];
    const columns = d.flag ? [0, w, 2] : [2, 3, 1];
    const axes = [[0, -1, 1], rows, columns, [0, c, 1]];
    const attrs = { begin: axes.map((a) => a[0]), end: axes.map((a) => a[1]), strides: axes.map((a) => a[2]) };
    d.op('stridedSlice', [x], { ...attrs, shrinkAxes: columns[1] === 3 && columns[0] === 2 && d.flag ? [2] : [] });
  },
  split(d) {
    const axis = d.int(1, 3);
    const sizes = Array.from({ length: d.int(1, 4) }, () => d.int(1, 3));
    const shape = [4, 5, 6];
    shape[axis - 1] = sizes.reduce((a, b) => a + b, 0);
    d.op('split', [d.input(...shape)], { axis, sizes });
  },
  spaceToDepth(d) {
    const blockSize = d.int(2, 3);
    d.op('spaceToDepth', [d.input(blockSize * 2, blockSize * d.int(1, 3), d.int(1, 4))], { blockSize });
  },
  depthToSpace(d) {
    const blockSize = d.int(2, 3);
    d.op('depthToSpace', [d.input(d.int(1, 4), d.int(1, 4), blockSize * blockSize * d.int(1, 3))], { blockSize });
  },
  ...RANDOM_ORDER_OPS,
  opaque: (d) => d.op('identity', [d.image().x], {}), // computed by nobody
  identity: plain('identity'),
  quantize: (d) => d.op('identity', [d.image().x], {}), // quantized graphs are in goldens.test.ts
  dequantize: (d) => d.op('identity', [d.image().x], {}),
};
