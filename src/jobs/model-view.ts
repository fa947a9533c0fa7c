/** The page's view of a Graph: plain data, no weights. */
import { writeTflite } from '../core/formats/tflite/write';
import { fingerprint } from '../core/graph/fingerprint';
import type { Graph, Tensor } from '../core/graph/graph';
import { tensorOf } from '../core/graph/graph';
import type { Op } from '../core/graph/ops/attrs';
import { definitionOf } from '../core/graph/ops/table';
import { macCount, parameterCount } from '../core/graph/summary';
import type { LayerView, ModelView, TensorView } from './protocol';

export function tensorView({ id, shape, dtype, quant }: Tensor): TensorView {
  return { id, shape, dtype, ...(quant && { quant }) };
}

function layerView(graph: Graph, op: Op): LayerView {
  const definition = definitionOf(op);
  const rule = definition.quant;
  const weightId = rule.kind === 'weighted' ? op.inputs[rule.weightInput] : undefined;
  const weight = weightId ? tensorOf(graph, weightId) : undefined;
  return {
    id: op.id,
    name: op.sourceName || op.id,
    kind: op.kind,
    label: definition.label,
    fusedActivation: op.activation,
    output: tensorView(tensorOf(graph, op.outputs[0])),
    inputs: op.inputs.filter((id) => id !== null && !tensorOf(graph, id).data) as string[],
    ...(weight?.data &&
      rule.kind === 'weighted' && { weight: { ...tensorView(weight), quantizedDimension: rule.axis } }),
    parameters: parameterCount(graph, op),
    macs: macCount(graph, op),
    rule: rule.kind,
    ...(rule.kind === 'float-only' && { floatOnlyReason: rule.reason }),
  };
}

/** A graph with integer activations was quantized by whoever made the file. */
export function isQuantized(graph: Graph): boolean {
  for (const tensor of graph.tensors.values())
    if (
      !tensor.data &&
      (tensor.dtype === 'int8' || tensor.dtype === 'uint8' || tensor.dtype === 'int16') &&
      tensor.quant
    )
      return true;
  return false;
}

export function modelView(graph: Graph): ModelView {
  const { provenance } = graph;
  return {
    name: graph.name,
    fingerprint: fingerprint(graph),
    format: provenance.format,
    ...(provenance.producer && { producer: provenance.producer }),
    fileBytes: provenance.fileBytes,
    floatBytes: isQuantized(graph) ? provenance.fileBytes : writeTflite(graph).byteLength,
    parameters: parameterCount(graph),
    macs: macCount(graph),
    inputs: graph.inputs.map((id) => tensorView(tensorOf(graph, id))),
    outputs: graph.outputs.map((id) => tensorView(tensorOf(graph, id))),
    layers: graph.ops.map((op) => layerView(graph, op)),
    alreadyQuantized: isQuantized(graph),
    notes: provenance.notes,
  };
}
