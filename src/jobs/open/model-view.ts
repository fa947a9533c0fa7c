/** The page's view of a Graph: plain data, no weights. */
import { fingerprint } from '../../core/graph/fingerprint';
import type { Graph, Tensor, TensorId } from '../../core/graph/graph';
import { tensorOf } from '../../core/graph/graph';
import { modelName } from '../../core/graph/model-name';
import type { Op } from '../../core/graph/ops/attrs';
import { nonFiniteConstants, nonFiniteInWords } from '../../core/graph/non-finite';
import { definitionOf } from '../../core/graph/ops/table';
import { isOpaque, rejoin } from '../../core/graph/partition';
import { isQuantized } from '../../core/graph/passes/recover-float';
import { macCount, parameterCount } from '../../core/graph/summary';
import type { LayerView, ModelView, TensorView } from '../contract/protocol';
import { keptAsTheyAre, sizeOfWhole } from '../export/whole-file';

function signedView(graph: Graph, id: TensorId, side: 'inputs' | 'outputs'): TensorView {
  const names = graph.provenance.signatures.flatMap((signature) => Object.entries(signature[side]));
  const signatureName = names.find(([, tensor]) => tensor === id)?.[0];
  return { ...tensorView(tensorOf(graph, id)), ...(signatureName && { signatureName }) };
}

export function tensorView({ id, shape, storedAs, ...tensor }: Tensor): TensorView {
  const { dtype, quant } = storedAs ?? tensor;
  return { id, shape, dtype, ...(quant && { quant }) };
}

/** Operators may have an effect and no output. */
const nothing = (op: Op): TensorView => ({ id: op.id, shape: [], dtype: 'resource' });

function layerView(graph: Graph, op: Op, notComputed: string | undefined): LayerView {
  const definition = definitionOf(op);
  const rule = definition.quant;
  const weightId = rule.kind === 'weighted' ? op.inputs[rule.weightInput] : undefined;
  const weight = weightId ? tensorOf(graph, weightId) : undefined;
  const [output, ...others] = op.outputs;
  return {
    id: op.id,
    name: op.sourceName || op.id,
    kind: op.kind,
    label: isOpaque(op) ? op.attrs.operator : definition.label,
    fusedActivation: op.activation,
    output: output === undefined ? nothing(op) : tensorView(tensorOf(graph, output)),
    ...(others.length > 0 && { otherOutputs: others }),
    inputs: op.inputs.filter((id) => id !== null && !tensorOf(graph, id).data) as string[],
    ...(weight?.data &&
      rule.kind === 'weighted' && { weight: { ...tensorView(weight), quantizedDimension: rule.axis } }),
    parameters: parameterCount(graph, op),
    macs: macCount(graph, op),
    rule: rule.kind,
    ...(rule.kind === 'float-only' && { floatOnlyReason: notComputed ?? rule.reason }),
    ...(notComputed !== undefined && { notComputed }),
  };
}

/**
 * @param graph what is computed of the model: normalized, or as the file has it where that is quantized; null where nothing is
 * @param source as the file has it
 */
export function modelView(graph: Graph | null, source: Graph): ModelView {
  const { provenance } = source;
  const nonFinite = nonFiniteInWords(nonFiniteConstants(graph ?? source));
  const alreadyQuantized = isQuantized(source);
  const whole = alreadyQuantized ? source : rejoin(graph, source);
  // Of a quantized file nothing is computed in any case.
  const kept = new Map(alreadyQuantized ? [] : keptAsTheyAre(source).map(({ op, reason }) => [op, reason]));
  const unknown = new Set(source.ops.filter(({ id }) => kept.has(id)).flatMap(({ outputs }) => outputs));
  const opaque = source.ops.filter(isOpaque);
  return {
    name: modelName(source),
    fingerprint: fingerprint(graph ?? source),
    format: provenance.format,
    ...(provenance.producer && { producer: provenance.producer }),
    fileBytes: provenance.fileBytes,
    floatBytes: alreadyQuantized ? provenance.fileBytes : sizeOfWhole(graph ?? source, source),
    parameters: parameterCount(whole),
    macs: macCount(whole),
    inputs: whole.inputs.map((id) => signedView(whole, id, 'inputs')),
    outputs: whole.outputs.map((id) => signedView(whole, id, 'outputs')),
    layers: whole.ops.map((op) => layerView(whole, op, kept.get(op.id))),
    alreadyQuantized,
    ...(provenance.classNames && { classNames: provenance.classNames }),
    uncomputed: opaque.map(({ attrs, sourceName }) => ({
      operator: attrs.operator,
      name: sourceName,
      reason: attrs.reason,
    })),
    computable: graph !== null,
    unknownOutputs: source.outputs.filter((id) => unknown.has(id)),
    notes: [...provenance.notes, ...(nonFinite === undefined ? [] : [nonFinite])],
    ...(nonFinite !== undefined && { nonFinite }),
  };
}
