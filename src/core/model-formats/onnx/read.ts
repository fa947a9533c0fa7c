/** Reads an ONNX file into a Graph. */
import { RangefinderError } from '../../../base/errors';
import type { Graph, StoredAs, Tensor, TensorId } from '../../graph/graph';
import { cancelTransposes } from '../../graph/passes/cancel-transposes';
import { denseOrder } from '../../graph/passes/dense-order';
import { dropIdentity } from '../../graph/passes/drop-identity';
import { prune } from '../../graph/passes/prune';
import { symbolicBatch } from '../../graph/passes/symbolic-batch';
import { validateGraph } from '../../graph/validate';
import { INLINE_WEIGHTS, isExternal } from './constant';
import { DEEPEST_BRANCH, Importer } from './importer';
import { addInput, imageInputs, inputOf } from './inputs';
import { OpenSizes, type InputSizes } from '../open-sizes';
import { channelsLastOutputs, withOutputNames, withOutputs } from './outputs';
import { decodeMessage } from './proto/decode';
import type { Message } from './proto/schema';
import { spelledOut } from './quantized-nodes';
import { isDefaultDomain, refuseUnsupported } from './unsupported';

/** Releases of the operator set whose operators the rows know. */
export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 23;

/**
 * Float models, and models with QuantizeLinear and DequantizeLinear. The file computes on [N,C,H,W]; the Graph on
 * [N,H,W,C], its image inputs and outputs too, and the notes say so. Constants are views into `bytes` where nothing had
 * to be laid out anew, so the bytes must not change afterwards.
 *
 * @throws RangefinderError 'corrupt-file'; 'unsupported-op' with all ops it cannot translate in `details`;
 * 'unsupported-feature' for other operator sets, weights in other files, and inputs of open size; 'too-large';
 * 'invalid-graph'.
 */
export function readOnnx(bytes: Uint8Array, fileName: string, sizes: InputSizes = {}): Graph {
  const model = decodeMessage(bytes, 'ModelProto', fileName);
  const { graph } = model;
  if (!graph || graph.output.length === 0)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This ONNX file is damaged: it holds no graph${graph ? ' that computes anything' : ''}.`,
      where: fileName,
      hint: 'Download or export the file again.',
    });
  const opset = opsetOf(model, fileName);
  const nodes = neededNodes(spelledOut(graph.node), graph.output);
  refuseUnsupported(nodes, fileName);
  refuseForeignWeights(graph, fileName);

  const importer = new Importer(graph, opset, fileName, bytes.length);
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const read = new Set([...nodes.flatMap((node) => namesRead(node, 0)), ...graph.output.map(({ name }) => name)]);
  const given = graph.input.filter(({ name }) => read.has(name) && !stored.has(name));
  const images = imageInputs(nodes);
  const openSizes = new OpenSizes(sizes);
  const inputs = given.map((input) => inputOf(input, nodes, importer, openSizes, fileName));
  openSizes.check(fileName);
  for (const input of inputs) addInput(importer, input, images.has(input.name));
  importer.run(nodes);
  const names = graph.output.map(({ name }) => name ?? '');
  const outputs = names.map((name) => importer.output(name));

  const built = withOutputs(importer.builder, names, outputs, new Set(inputs.map(({ name }) => name)));
  const open = inputs.some(({ openBatch }) => openBatch);
  const cleaned = denseOrder(prune(dropIdentity(cancelTransposes(validateGraph(built)))));
  const { graph: laidOut, notes } = channelsLastOutputs(cleaned, names);
  const batched = open ? symbolicBatch(validateGraph(laidOut)) : laidOut;
  return validateGraph({
    ...withStoredParameters(withOutputNames(batched, names), importer.stored),
    name: fileName.replace(/^.*\//, '').replace(/\.[^.]*$/, ''),
    provenance: {
      format: 'onnx',
      fileName,
      fileBytes: bytes.length,
      ...(model.producerName && { producer: [model.producerName, model.producerVersion].filter(Boolean).join(' ') }),
      ...(model.docString && { description: model.docString }),
      signatures: [],
      metadata: {},
      notes: [...importer.notes, ...notes],
    },
  });
}

/** Weights show the parameters they are stored with. */
function withStoredParameters(graph: Graph, stored: ReadonlyMap<TensorId, StoredAs>): Graph {
  if (stored.size === 0) return graph;
  const all = [...graph.tensors.values()];
  const parametersOf = ({ id, shape, data }: Tensor) => {
    const storedAs = data && stored.get(id);
    if (!storedAs) return {};
    const { scale, quantizedDimension } = storedAs.quant;
    return [1, shape[quantizedDimension]].includes(scale.length) ? { storedAs } : {};
  };
  return { ...graph, tensors: new Map(all.map((tensor) => [tensor.id, { ...tensor, ...parametersOf(tensor) }])) };
}

function opsetOf(model: Message<'ModelProto'>, fileName: string): number {
  const version = model.opsetImport.find(({ domain }) => isDefaultDomain(domain))?.version;
  if (version !== undefined && version >= OLDEST_OPSET && version <= NEWEST_OPSET) return version;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message:
      version === undefined
        ? 'The file does not say which release of the ONNX operator set it uses.'
        : `The file uses release ${version} of the ONNX operator set; Rangefinder reads ${OLDEST_OPSET} to ${NEWEST_OPSET}.`,
    where: fileName,
    hint: 'Export the model with opset_version=17, or convert it with onnx.version_converter.',
  });
}

/** The nodes some output depends on, in the file's order. */
function neededNodes(
  nodes: readonly Message<'NodeProto'>[],
  outputs: readonly Message<'ValueInfoProto'>[],
): Message<'NodeProto'>[] {
  const needed = new Set(outputs.map(({ name }) => name ?? ''));
  const kept: Message<'NodeProto'>[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => name !== '' && needed.has(name))) continue;
    kept.push(node);
    for (const name of namesRead(node, 0)) if (name !== '') needed.add(name);
  }
  return kept.reverse();
}

/** Names a node reads, in the graphs within it, too. */
function namesRead({ input, attribute }: Message<'NodeProto'>, depth: number): string[] {
  const names = [...input];
  if (depth > DEEPEST_BRANCH) return names;
  for (const { g } of attribute) {
    if (!g) continue;
    const { node, output } = decodeMessage(g, 'GraphProto', '');
    names.push(...output.map(({ name }) => name ?? ''), ...node.flatMap((inner) => namesRead(inner, depth + 1)));
  }
  return names;
}

function refuseForeignWeights(graph: Message<'GraphProto'>, fileName: string): void {
  const external = graph.initializer.filter(isExternal).map(({ name }) => `tensor "${name}"`);
  const sparse = graph.sparseInitializer.length > 0 ? ['sparse tensors'] : [];
  if (external.length + sparse.length === 0) return;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message:
      external.length > 0
        ? `The values of ${external.length === 1 ? 'a tensor' : `${external.length} tensors`} lie in another file; Rangefinder reads ONNX models in one file.`
        : 'The file holds sparse weights.',
    where: fileName,
    hint: INLINE_WEIGHTS,
    details: [...external.slice(0, 100), ...sparse],
  });
}
