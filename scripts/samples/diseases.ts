/**
 * Models for the lesson in which a broken layer is looked for: the digits' network with one disease each, which float
 * arithmetic does not feel (but for the dead channel's own share) and int8 does. Deterministic: nothing is drawn.
 */
import { GraphBuilder } from '../../src/core/graph/build';
import { tensorOf, type Graph, type TensorId } from '../../src/core/graph/graph';
import type { Op } from '../../src/core/graph/ops/attrs';

type Change = (value: number, index: number) => number;

/** The graph with some constants changed. */
function withConstants(graph: Graph, changes: ReadonlyMap<TensorId, Change>): Graph {
  const tensors = new Map(graph.tensors);
  for (const [id, change] of changes) {
    const tensor = tensorOf(graph, id);
    tensors.set(id, { ...tensor, data: (tensor.data as Float32Array).map(change) });
  }
  return { ...graph, tensors };
}

function layer(graph: Graph, id: string): { readonly weight: TensorId; readonly bias: TensorId; readonly op: Op } {
  const op = graph.ops.find((one) => one.id === id)!;
  return { op, weight: op.inputs[1]!, bias: op.inputs[2]! };
}

/** OHWI filters: the index of the output channel. */
const outputOf = (graph: Graph, weight: TensorId) => {
  const { shape } = tensorOf(graph, weight);
  const per = shape.slice(1).reduce((n, d) => n * d, 1);
  return (index: number) => Math.floor(index / per);
};

/** A channel leaves one layer `factor` times as large, and the depthwise layer behind takes it so much smaller. */
export function outlierChannel(graph: Graph, channel = 7, factor = 512): Graph {
  const [from, to] = [layer(graph, 'block2_pointwise'), layer(graph, 'block3_depthwise')];
  const channels = tensorOf(graph, to.weight).shape[3]!;
  const output = outputOf(graph, from.weight);
  return withConstants(
    graph,
    new Map<TensorId, Change>([
      [from.weight, (w, i) => (output(i) === channel ? w * factor : w)],
      [from.bias, (b, i) => (i === channel ? b * factor : b)],
      [to.weight, (w, i) => (i % channels === channel ? w / factor : w)],
    ]),
  );
}

/** A channel that no input moves any more: its weights are dust, its bias is huge, and nobody reads it. */
export function deadChannel(graph: Graph, channel = 61, bias = 600): Graph {
  const [from, to] = [layer(graph, 'block3_pointwise'), layer(graph, 'block4_depthwise')];
  const channels = tensorOf(graph, to.weight).shape[3]!;
  const output = outputOf(graph, from.weight);
  return withConstants(
    graph,
    new Map<TensorId, Change>([
      [from.weight, (w, i) => (output(i) === channel ? w * 1e-7 : w)],
      [from.bias, (b, i) => (i === channel ? bias : b)],
      [to.weight, (w, i) => (i % channels === channel ? 0 : w)],
    ]),
  );
}

/** The last convolution in two halves that are joined again, one of them `factor` times as small; the dense layer makes up for it. */
export function unequalConcat(graph: Graph, factor = 1024): Graph {
  const b = new GraphBuilder(graph.name);
  const ids = new Map<TensorId, TensorId>(graph.inputs.map((id) => [id, b.input(id, tensorOf(graph, id).shape)]));
  const read = (id: TensorId | null): TensorId | null => {
    if (id === null) return null;
    const { data, shape } = tensorOf(graph, id);
    if (data && !ids.has(id)) ids.set(id, b.constant(id, data, shape));
    return ids.get(id)!;
  };
  for (const op of graph.ops) {
    const options = { activation: op.activation, outputs: op.outputs, sourceName: op.sourceName };
    if (op.id === 'block4_pointwise') {
      ids.set(op.outputs[0]!, halved(graph, b, op, read(op.inputs[0]!)!, factor));
      continue;
    }
    const inputs = op.inputs.map(read);
    if (op.id === 'dense') {
      const { data, shape } = tensorOf(graph, op.inputs[1]!);
      const width = shape[1]!;
      const values = (data as Float32Array).map((w, i) => (i % width >= width / 2 ? w * factor : w));
      inputs[1] = b.constant('dense/kernel_joined', values, shape);
    }
    const outputs = b.op(op.kind, op.id, inputs, op.attrs as never, options);
    op.outputs.forEach((id, i) => ids.set(id, outputs[i]!));
  }
  return b.build(graph.outputs.map((id) => ids.get(id)!));
}

function halved(graph: Graph, b: GraphBuilder, op: Op, input: TensorId, factor: number): TensorId {
  const { weight, bias } = layer(graph, op.id);
  const { data, shape } = tensorOf(graph, weight);
  const [outputs, ...rest] = shape;
  const half = outputs! / 2;
  const per = rest.reduce((n, d) => n * d, 1);
  const biases = tensorOf(graph, bias).data as Float32Array;
  const halves = ['wide', 'narrow'].map((name, h) => {
    const scale = h === 0 ? 1 : 1 / factor;
    const w = (data as Float32Array).slice(h * half * per, (h + 1) * half * per).map((value) => value * scale);
    const values = biases.slice(h * half, (h + 1) * half).map((value) => value * scale);
    const constants = [b.constant(`${op.id}_${name}/kernel`, w, [half, ...rest]), b.constant(`${op.id}_${name}/bias`, values, [half])]; // prettier-ignore
    return b.op(op.kind, `${op.id}_${name}`, [input, ...constants], op.attrs as never, {
      activation: op.activation,
    })[0]!;
  });
  return b.op('concat', 'join', halves, { axis: 3 })[0]!;
}
