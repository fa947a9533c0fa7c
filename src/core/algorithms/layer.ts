/** Layers with weights as algorithms see them, and graphs whose layers got others. */
import {
  tensorOf,
  type Graph,
  type OpId,
  type QuantParams,
  type Shape,
  type Tensor,
  type TensorId,
} from '../graph/graph';
import { UniqueNames } from '../graph/names';
import type { FusedActivation, Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { stridesOf } from '../graph/broadcast';

/** An op with constant float weights, and a constant float bias or none. */
export interface WeightedLayer {
  readonly op: Op;
  readonly input: TensorId;
  readonly output: TensorId;
  readonly weightId: TensorId;
  readonly weights: Float32Array;
  readonly shape: Shape;
  /** Dimension of the weights that counts output channels. */
  readonly axis: number;
  readonly bias: Float32Array | null;
  readonly outputs: number;
  /** Channels of the input as the weights see them; a dense layer after a flattening sees each position apart. */
  readonly inputs: number;
  /** Which output channel and which input channel the weight at an index connects. */
  readonly outputOf: (index: number) => number;
  readonly inputOf: (index: number) => number;
}

function inputsOf(op: Op, shape: Shape): Pick<WeightedLayer, 'inputs' | 'inputOf'> | null {
  const last = shape.at(-1)!;
  switch (op.kind) {
    case 'fullyConnected':
    case 'transposeConv2d':
      return { inputs: last, inputOf: (i) => i % last };
    case 'depthwiseConv2d': {
      const { multiplier } = op.attrs;
      return { inputs: last / multiplier, inputOf: (i) => Math.floor((i % last) / multiplier) };
    }
    case 'conv2d': {
      const perFilter = shape[1] * shape[2] * last;
      const filtersPerGroup = shape[0] / op.attrs.groups;
      const groupOf = (i: number) => Math.floor(Math.floor(i / perFilter) / filtersPerGroup);
      return { inputs: last * op.attrs.groups, inputOf: (i) => groupOf(i) * last + (i % last) };
    }
    default:
      return null;
  }
}

/** Null for ops without weights, and where weights or bias are computed. */
export function layerOf(graph: Graph, op: Op): WeightedLayer | null {
  const rule = definitionOf(op).quant;
  if (rule.kind !== 'weighted') return null;
  const [input] = op.inputs;
  const weightId = op.inputs[rule.weightInput] ?? null;
  const biasId = op.inputs[rule.biasInput] ?? null;
  if (!input || !weightId) return null;
  const { data, shape, dtype } = tensorOf(graph, weightId);
  const bias = biasId === null ? null : tensorOf(graph, biasId).data;
  if (!(data instanceof Float32Array) || dtype !== 'float32' || !(bias === null || bias instanceof Float32Array))
    return null;
  const seen = inputsOf(op, shape);
  if (!seen) return null;
  const outputs = shape[rule.axis];
  const inner = stridesOf(shape)[rule.axis];
  return {
    op,
    input,
    output: op.outputs[0],
    weightId,
    weights: data,
    shape,
    axis: rule.axis,
    bias,
    outputs,
    ...seen,
    outputOf: (i) => Math.floor(i / inner) % outputs,
  };
}

export function weightedLayers(graph: Graph): WeightedLayer[] {
  return graph.ops.flatMap((op) => layerOf(graph, op) ?? []);
}

/** What is to change about a layer; what is left out stays. */
export interface LayerEdit {
  readonly weights?: Float32Array;
  /** The grid that `weights` lie on already; quantizing takes it over. */
  readonly quant?: QuantParams;
  readonly bias?: Float32Array;
  readonly activation?: FusedActivation;
}

/** The graph with edited layers. Constants keep their names; one that others read, too, stays and gets an edited twin. */
export function editLayers(graph: Graph, edits: ReadonlyMap<OpId, LayerEdit>): Graph {
  if (edits.size === 0) return graph;
  const readers = new Map<TensorId, number>();
  for (const op of graph.ops) for (const id of op.inputs) if (id !== null) readers.set(id, (readers.get(id) ?? 0) + 1);
  const tensors = new Map(graph.tensors);
  const names = new UniqueNames(graph.tensors.keys());
  const put = (id: TensorId | null, wanted: string, tensor: Omit<Tensor, 'id'>): TensorId => {
    const target = id !== null && readers.get(id) === 1 ? id : names.take(wanted);
    tensors.set(target, { ...tensor, id: target });
    return target;
  };
  const ops = graph.ops.map((op): Op => {
    const edit = edits.get(op.id);
    const rule = definitionOf(op).quant;
    if (!edit || rule.kind !== 'weighted') return op;
    const inputs = [...op.inputs];
    const { weights, quant, bias, activation = op.activation } = edit;
    if (weights) {
      const id = inputs[rule.weightInput]!;
      const { dtype, shape } = tensorOf(graph, id);
      inputs[rule.weightInput] = put(id, id, { dtype, shape, data: weights, ...(quant && { quant }) });
    }
    if (bias) {
      const id = inputs[rule.biasInput] ?? null;
      const tensor = { dtype: 'float32', shape: [bias.length], data: bias } as const;
      inputs[rule.biasInput] = put(id, id ?? `${op.id}/bias`, tensor);
    }
    return { ...op, inputs, activation };
  });
  return { ...graph, ops, tensors };
}
