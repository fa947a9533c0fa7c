/** Attention as matrix products: scores softmax(query · keyᵀ), which weigh the values. */
import { BATCH, type TensorId } from '../../../graph/graph';
import { swapOuter, type Laid } from '../layout';
import type { LayerCall, LayerTable } from './layer';

/** Query, value and key (the value where left out), given by position or by name. */
function operands(layer: LayerCall): { query: TensorId; value: TensorId; key: TensorId } {
  const named = new Map<string, TensorId>();
  const order = ['query', 'value', 'key'];
  let position = 0;
  layer.inputs.forEach((id, i) => {
    const keyword = layer.keywords[i] ?? order[position++] ?? 'mask';
    if (!order.includes(keyword)) layer.refuse(`attention with an argument "${keyword}"`);
    named.set(keyword, id);
  });
  if (layer.options.has('use_causal_mask') && layer.options.flag('use_causal_mask', false))
    layer.refuse('attention with a causal mask');
  const query = named.get('query') ?? layer.refuse('attention without a query');
  const value = named.get('value') ?? query;
  return { query, value, key: named.get('key') ?? value };
}

function weigh(layer: LayerCall, query: TensorId, key: TensorId, value: TensorId): TensorId {
  const scores = layer.op('batchMatMul', [query, key], { transposeX: false, transposeY: true });
  const weights = layer.op('softmax', [scores], { beta: 1 });
  return layer.op('batchMatMul', [weights, value], { transposeX: false, transposeY: false });
}

/** Kernel [I, …] whose last dimensions are all outputs → [O, I]. */
function flatKernel(inputs: number) {
  return ({ data }: Laid): Laid => {
    const outputs = data.length / inputs;
    return { data: swapOuter(data, inputs, outputs), shape: [outputs, inputs] };
  };
}

const SCOPES = { query: 'query', key: 'key', value: 'value', output: 'attention_output|output' } as const;

/** [N, T, D] → [N, heads, T, size] by one of the input projections. */
function project(layer: LayerCall, x: TensorId, part: 'query' | 'key' | 'value', size: number): TensorId {
  const { settings } = layer;
  const heads = settings.int('num_heads');
  const [, steps, width] = layer.shape(x) as [number, number, number];
  const kernel = layer.weight(`${SCOPES[part]}/kernel`, [width, heads, size], flatKernel(width));
  const bias = settings.flag('use_bias', true)
    ? layer.weight(`${SCOPES[part]}/bias`, [heads, size], ({ data }) => ({ data, shape: [heads * size] }))
    : null;
  const dense = layer.op('fullyConnected', [x, kernel, bias], { keepDims: true });
  const split = layer.op('reshape', [dense], { shape: [BATCH, steps, heads, size] });
  return layer.op('transpose', [split], { permutation: [0, 2, 1, 3] });
}

export const ATTENTION_LAYERS: LayerTable = {
  MultiHeadAttention: {
    weights: (s) => {
      const own = s.flag('use_bias', true) ? ['kernel', 'bias'] : ['kernel'];
      return Object.values(SCOPES).flatMap((scope) => own.map((name) => `${scope}/${name}`));
    },
    problems: (s) => [
      ...(s.raw('use_gate') === true ? ['gated attention'] : []),
      ...(s.has('sliding_window') ? ['attention in a sliding window'] : []),
    ],
    translate: (layer) => {
      const { settings } = layer;
      const { query, key, value } = operands(layer);
      if ([query, key, value].some((x) => layer.shape(x).length !== 3))
        layer.refuse('attention over tensors of other than three dimensions');
      const size = settings.int('key_dim');
      const heads = settings.int('num_heads');
      const valueSize = settings.has('value_dim') ? settings.int('value_dim') : size;
      const scaled = layer.op('mul', [project(layer, query, 'query', size), layer.constant([1 / Math.sqrt(size)])], {});
      const keys = project(layer, key, 'key', size);
      const values = project(layer, value, 'value', valueSize);
      const mixed = layer.op('transpose', [weigh(layer, scaled, keys, values)], { permutation: [0, 2, 1, 3] });
      const [, steps] = layer.shape(mixed) as [number, number];
      const joined = layer.op('reshape', [mixed], { shape: [BATCH, steps, heads * valueSize] });
      const kernel = layer.weight(`${SCOPES.output}/kernel`, [heads, valueSize, null], flatKernel(heads * valueSize));
      const units = layer.shape(kernel)[0];
      const bias = settings.flag('use_bias', true) ? layer.weight(`${SCOPES.output}/bias`, [units]) : null;
      return layer.op('fullyConnected', [joined, kernel, bias], { keepDims: true });
    },
  },
  /** Luong's attention between whole sequences. */
  Attention: {
    weights: (s) => (s.flag('use_scale', false) ? ['scale'] : []),
    problems: (s) => (s.text('score_mode', 'dot') === 'dot' ? [] : ['attention scored by concatenation']),
    translate: (layer) => {
      const { query, key, value } = operands(layer);
      const scaled = layer.settings.flag('use_scale', false)
        ? layer.op('mul', [query, layer.weight('scale', [])], {})
        : query;
      return weigh(layer, scaled, key, value);
    },
  },
};
