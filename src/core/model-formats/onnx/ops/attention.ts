/**
 * Scaled dot-product attention (Attention of opset 23): softmax(scale · Q · Kᵀ + bias) · V, its heads in a dimension of
 * their own or behind each other in the last one, several query heads sharing a key where they are more.
 */
import { elementCount, type TensorId } from '../../../graph/graph';
import { isReal, type Constant } from '../constant';
import { broadcastTo } from '../fold';
import { transposed } from '../layouts';
import { isConstantValue, type OnnxNode } from '../node';
import type { OpRows } from './row';

/** What is added to scores that do not count: far below any score, but finite, as scales of integers have to be. */
const MASKED = -1e9;

const HEADS_FIRST = [0, 2, 1, 3];

/** [N, heads, T, D] of an input that may be [N, T, heads · D]. */
function headsOf(node: OnnxNode, index: number, attribute: string): TensorId {
  const x = node.tensor(index);
  const shape = node.shapeOf(x);
  if (shape.length === 4) return x;
  const heads = node.attrs.int(attribute, 0);
  const [n, steps, width] = shape as [number, number, number];
  if (shape.length !== 3 || !(heads >= 1) || width % heads !== 0)
    node.refuse(`its input of shape [${shape.join(', ')}] does not fall into ${heads} heads`);
  const split = node.step('heads', 'reshape', [x], { shape: [n, steps, heads, width / heads] });
  return transposed(node, split, HEADS_FIRST, 'heads-first');
}

/** Each key head as often as query heads share it. */
function shared(node: OnnxNode, x: TensorId, heads: number): TensorId {
  const own = node.shapeOf(x)[1];
  if (own === heads) return x;
  if (heads % own !== 0) node.refuse(`${heads} heads do not share ${own}`);
  const positions = Array.from({ length: node.checkCount([heads]) }, (_, i) => Math.floor((i * own) / heads));
  return node.step('shared', 'gather', [x, node.indices(`${node.name}/heads`, positions, [heads])], { axis: 1 });
}

/** What is added to the scores, and which rows of them count for nothing; null where that is nothing. */
interface Bias {
  readonly sum: TensorId | null;
  /** 0 for rows in which everything is masked. */
  readonly rows: TensorId | null;
}

function knownBias(node: OnnxNode, mask: Constant | undefined, causal: boolean, size: readonly [number, number]): Bias {
  if (!mask && !causal) return { sum: null, rows: null };
  const [queries, keys] = size;
  const values = Float32Array.from(mask?.values ?? [0]);
  const spread = broadcastTo(node, { type: 'FLOAT', shape: mask?.shape ?? [], values }, size);
  const counts = mask && !isReal(mask.type);
  const past = keys - queries;
  const offset = node.has(4) ? past : 0;
  const sums = Float32Array.from(spread.values, (v, i) => {
    const [row, column] = [Math.floor(i / keys) % queries, i % keys];
    if (causal && column > row + offset) return MASKED;
    return counts ? (v ? 0 : MASKED) : Math.max(v, MASKED);
  });
  const rows = Array.from({ length: sums.length / keys }, (_, row) =>
    Number(sums.subarray(row * keys, (row + 1) * keys).some((v) => v > MASKED)),
  );
  const { shape } = spread;
  return {
    sum: sums.every((v) => v === 0) ? null : node.fixed(`${node.name}/bias`, sums, shape),
    rows: rows.every(Boolean) ? null : node.fixed(`${node.name}/rows`, rows, [...shape.slice(0, -1), 1]),
  };
}

/** A mask that the model computes. */
function computedBias(node: OnnxNode, mask: TensorId, causal: boolean, size: readonly [number, number]): Bias {
  const axes = { axes: [node.shapeOf(mask).length - 1], keepDims: true };
  const triangle = knownBias(node, undefined, causal, size).sum;
  const isTruth = node.typeOf(mask) === 'bool';
  const numbers = isTruth
    ? node.step('mask', 'select', [mask, node.number(0), node.number(MASKED)], {})
    : node.step('mask', 'maximum', [mask, node.number(MASKED)], {});
  const sum = triangle === null ? numbers : node.step('causal', 'add', [numbers, triangle], {});
  const counts = isTruth
    ? node.step('any', 'reduceAny', [mask], axes)
    : node.step('any', 'greater', [node.step('highest', 'reduceMax', [numbers], axes), node.number(MASKED)], {});
  return { sum, rows: node.step('rows', 'cast', [counts], { to: 'float32' }) };
}

function biasOf(node: OnnxNode, size: readonly [number, number]): Bias {
  const causal = node.attrs.flag('is_causal');
  if (!node.has(3)) return knownBias(node, undefined, causal, size);
  const mask = node.value(3);
  if (isConstantValue(mask)) return knownBias(node, mask, causal, size);
  const [, columns] = [node.shapeOf(mask).at(-2), node.shapeOf(mask).at(-1)];
  if (columns !== size[1]) node.refuse('its mask is shorter than its keys');
  return computedBias(node, mask, causal, size);
}

function attention(node: OnnxNode): TensorId[] {
  if (node.has(6)) node.refuse('it is told how many of its keys are padding');
  const query = headsOf(node, 0, 'q_num_heads');
  const joined = (index: number, past: number, output: number) => {
    const own = headsOf(node, index, 'kv_num_heads');
    if (!node.has(past)) return own;
    return node.op('concat', [node.tensor(past), own], { axis: 2 }, { outputs: [node.outputs[output] || 'present'] });
  };
  const [key, value] = [joined(1, 4, 1), joined(2, 5, 2)];
  const [batch, heads, queries, width] = node.shapeOf(query) as [number, number, number, number];
  const keys = node.shapeOf(key)[2];
  const scale = node.attrs.float('scale', 1 / Math.sqrt(width));
  const scaled = scale === 1 ? query : node.step('scaled', 'mul', [query, node.number(scale)], {});
  const products = { transposeX: false, transposeY: true };
  const stages = [node.step('scores', 'batchMatMul', [scaled, shared(node, key, heads)], products)];
  const latest = () => stages.at(-1)!;

  const cap = node.attrs.float('softcap', 0);
  const capped = () => {
    const bent = node.step('bent', 'tanh', [node.step('flat', 'mul', [latest(), node.number(1 / cap)], {})], {});
    return node.step('capped', 'mul', [bent, node.number(cap)], {});
  };
  stages.push(cap > 0 ? capped() : latest());
  const { sum, rows } = biasOf(node, [queries, keys]);
  stages.push(sum === null ? latest() : node.step('biased', 'add', [latest(), sum], {}));
  const weights = node.step('weights', 'softmax', [latest()], { beta: 1 });
  stages.push(rows === null ? weights : node.step('counted', 'mul', [weights, rows], {}));

  const mixed = [latest(), shared(node, value, heads)];
  const plain = { transposeX: false, transposeY: false };
  const scores = stages[node.attrs.int('qk_matmul_output_mode', 0)] ?? node.refuse('its fourth output is unknown');
  const others = [key, value, scores];
  if (node.shape(0).length === 4) return [node.op('batchMatMul', mixed, plain), ...others];
  const y = transposed(node, node.step('mixed', 'batchMatMul', mixed, plain), HEADS_FIRST, 'heads-last');
  const size = elementCount(node.shapeOf(y)) / (batch * queries);
  return [node.op('reshape', [y], { shape: [batch, queries, size] }), ...others];
}

/**
 * Rotary positions: pairs of values turned by the angle of their position, whose cosines and sines are given. Of the
 * first `rotary_embedding_dim` values of each head; the two of a pair stand half of that apart, or next to each other.
 */
function rotaryEmbedding(node: OnnxNode): TensorId {
  const given = node.tensor(0);
  const x = node.shapeOf(given).length === 4 ? transposed(node, given, HEADS_FIRST, 'steps-first') : split(node, given);
  const [batch, steps, heads, width] = node.shapeOf(x) as [number, number, number, number];
  const turned = node.attrs.int('rotary_embedding_dim', 0) || width;
  const half = turned / 2;
  const angles = (index: number) => {
    const cache = node.known(index, 'table of angles');
    const rows = node.has(3)
      ? [...node.known(3, 'positions').values].flatMap((p) => [...cache.values.subarray(p * half, (p + 1) * half)])
      : cache.values;
    if (rows.length !== batch * steps * half) node.refuse('its table of angles does not suit its input');
    return node.fixed(`${node.inputs[index]}/rows`, rows, [batch, steps, 1, half]);
  };
  const [cos, sin] = [angles(1), angles(2)];
  const interleaved = node.attrs.flag('interleaved');
  const parts = width > turned ? node.steps('parts', 'split', [x], { axis: 3, sizes: [turned, width - turned] }) : [x];
  const pairs = interleaved
    ? node.steps(
        'pairs',
        'unpack',
        [node.step('apart', 'reshape', [parts[0]], { shape: [batch, steps, heads, half, 2] })],
        { axis: 4 },
      )
    : node.steps('halves', 'split', [parts[0]], { axis: 3, sizes: [half, half] });
  const [a, b] = pairs as [TensorId, TensorId];
  const times = (u: TensorId, v: TensorId) => node.step('product', 'mul', [u, v], {});
  const real = node.step('real', 'sub', [times(a, cos), times(b, sin)], {});
  const imaginary = node.step('imaginary', 'add', [times(a, sin), times(b, cos)], {});
  const result = interleaved
    ? node.step('turned', 'reshape', [node.steps('pairs', 'pack', [real, imaginary], { axis: 4 })[0]], {
        shape: [batch, steps, heads, turned],
      })
    : node.step('turned', 'concat', [real, imaginary], { axis: 3 });
  const whole = parts.length > 1 ? node.step('whole', 'concat', [result, parts[1]], { axis: 3 }) : result;
  if (node.shapeOf(given).length === 4) return transposed(node, whole, HEADS_FIRST, 'heads-first');
  return node.op('reshape', [whole], { shape: node.shapeOf(given) });
}

function split(node: OnnxNode, x: TensorId): TensorId {
  const [batch, steps, width] = node.shapeOf(x) as [number, number, number];
  const heads = node.attrs.int('num_heads', 0);
  if (!(heads >= 1) || width % heads !== 0) node.refuse(`${width} values do not fall into ${heads} heads`);
  return node.step('heads', 'reshape', [x], { shape: [batch, steps, heads, width / heads] });
}

export const ATTENTION_OPS: OpRows = {
  Attention: { translate: attention },
  RotaryEmbedding: { translate: rotaryEmbedding },
};
