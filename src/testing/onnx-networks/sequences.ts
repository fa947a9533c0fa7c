/** Recurrent networks, choices by comparison, and values by position. */
import { index, ints, scalar, weight, type Networks } from './weights';

const PERMUTED = { perm: [1, 0, 2] };

export const SEQUENCE_NETWORKS: Networks = {
  'bidirectional LSTM with the batch first, of any size': {
    inputs: { x: ['batch', 6, 4] },
    outputs: ['y'],
    weights: {
      w: weight([2, 12, 4]),
      r: weight([2, 12, 3]),
      b: weight([2, 24]),
      joined: ints(0, 0, -1),
      fc: weight([6, 5]),
    },
    nodes: [
      ['Transpose', 'x', 'steps', PERMUTED],
      ['LSTM', 'steps w r b', 'h', { hidden_size: 3, direction: 'bidirectional' }],
      ['Transpose', 'h', 'h1', { perm: [0, 2, 1, 3] }],
      ['Reshape', 'h1 joined', 'h2'],
      ['Transpose', 'h2', 'h3', PERMUTED],
      ['MatMul', 'h3 fc', 'y'],
    ],
  },
  'LSTM with peepholes, a bound and a first state': {
    inputs: { x: [5, 2, 3] },
    outputs: ['y', 'last', 'cell'],
    weights: {
      w: weight([1, 16, 3], 2),
      r: weight([1, 16, 4], 2),
      b: weight([1, 32]),
      h0: weight([1, 2, 4]),
      c0: weight([1, 2, 4]),
      p: weight([1, 12]),
    },
    nodes: [
      ['LSTM', 'x w r b _ h0 c0 p', 'y last cell', { hidden_size: 4, clip: { float: 0.7 }, direction: 'reverse' }],
    ],
    transposes: 2,
  },
  'GRU, its reset before and after the product': {
    inputs: { x: [4, 1, 3] },
    outputs: ['a', 'c'],
    weights: { w: weight([1, 15, 3]), r: weight([1, 15, 5]), b: weight([1, 30]), axis: ints(0) },
    nodes: [
      ['GRU', 'x w r b', '_ a0', { hidden_size: 5, linear_before_reset: 1 }],
      ['Squeeze', 'a0 axis', 'a'],
      ['GRU', 'x w r', '_ c0', { hidden_size: 5, direction: 'reverse' }],
      ['Squeeze', 'c0 axis', 'c'],
    ],
  },
  'RNN with other activations': {
    inputs: { x: [4, 1, 3] },
    outputs: ['y', 'last'],
    weights: { w: weight([2, 2, 3]), r: weight([2, 2, 2]), b: weight([2, 4]) },
    nodes: [
      [
        'RNN',
        'x w r b',
        'y last',
        {
          hidden_size: 2,
          direction: 'bidirectional',
          activations: { texts: ['Relu', 'HardSigmoid'] },
          activation_alpha: { floats: [0.3] },
          activation_beta: { floats: [0.4] },
        },
      ],
    ],
  },
  'choices by comparison': {
    inputs: { x: [3, 5], z: [3, 5] },
    outputs: ['y', 'm', 'h'],
    weights: {
      low: scalar(-0.4),
      zero: scalar(0),
      k: index(1),
      axis: index(1),
      depth: index(5),
      values: [[2], Float32Array.of(-1, 2)],
    },
    nodes: [
      ['Greater', 'x low', 'g'],
      ['LessOrEqual', 'x z', 'l'],
      ['And', 'g l', 'b'],
      ['Not', 'b', 'n'],
      ['Where', 'n z zero', 'w'],
      ['CumSum', 'w axis', 'y', { exclusive: 1, reverse: 1 }],
      ['Xor', 'g l', 'o'],
      ['Cast', 'o', 'f', { to: 1 }],
      ['Sign', 'z', 's'],
      ['Floor', 'x', 'fl'],
      ['Mul', 'f s', 'p'],
      ['Add', 'p fl', 'q'],
      ['ReduceProd', 'q', 'm', { axes: [1], keepdims: 0 }],
      ['ArgMax', 'x', 'i', { axis: 1, keepdims: 0 }],
      ['OneHot', 'i depth values', 'h', { axis: 0 }],
    ],
  },
  'the smallest of each column, and values by position': {
    inputs: { x: [4, 3] },
    outputs: ['t', 'e', 's', 'd'],
    weights: {
      k: ints(2),
      at: [[2, 3], BigInt64Array.of(0n, -1n, 2n, 3n, 1n, 0n)],
      rows: [[3, 1], BigInt64Array.of(1n, -1n, 1n)],
      u: weight([3, 3]),
    },
    nodes: [
      ['TopK', 'x k', 't ti', { axis: 0, largest: 0 }],
      ['GatherElements', 'x at', 'e', { axis: 0 }],
      ['ScatterND', 'x rows u', 's', { reduction: 'add' }],
      ['ScatterElements', 'x at e', 'd', { axis: 0 }],
    ],
    transposes: 2,
    opset: 18,
  },
  'sums of products by letters': {
    inputs: { x: [2, 3, 4], z: [2, 5, 4] },
    outputs: ['y', 't'],
    nodes: [
      ['Einsum', 'x z', 'y', { equation: 'bij,bkj->bki' }],
      ['Einsum', 'x', 't', { equation: 'bij->jb' }],
    ],
    transposes: 2,
  },
};
