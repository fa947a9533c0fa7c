/** Reads an ONNX file into a Graph. */
import { RangefinderError } from '../../../base/errors';
import type { Graph, StoredAs, Tensor, TensorId } from '../../graph/graph';
import { cancelTransposes } from '../../graph/passes/cancel-transposes';
import { denseOrder } from '../../graph/passes/dense-order';
import { dropIdentity } from '../../graph/passes/drop-identity';
import { prune } from '../../graph/passes/prune';
import { symbolicBatch } from '../../graph/passes/symbolic-batch';
import { validateGraph } from '../../graph/validate';
import type { SourceFile } from '../../data/types';
import { ExternalData } from './external-data';
import { Importer } from './importer';
import { addInput, imageInputs, inputOf } from './inputs';
import { namesRead, orderedNodes } from './node-order';
import { OpenSizes, type InputSizes } from '../open-sizes';
import { channelsLastOutputs, withOutputNames, withOutputs } from './outputs';
import { decodeMessage } from './proto/decode';
import type { Message } from './proto/schema';
import { spelledOut } from './quantized-nodes';
import { isDefaultDomain, refuseUnsupported } from './unsupported';

/** Releases of the operator set whose operators the rows know. */
export const OLDEST_OPSET = 1;
export const NEWEST_OPSET = 28;

/**
 * Float models, and models with QuantizeLinear and DequantizeLinear. The file computes on [N,C,H,W]; the Graph on
 * [N,H,W,C], its image inputs and outputs too, and the notes say so. Constants are views into `bytes` where nothing had
 * to be laid out anew, so the bytes must not change afterwards.
 *
 * @param files what came along, among them those that hold the values of tensors
 * @throws RangefinderError 'corrupt-file'; 'missing-file' naming the files that hold tensors; 'unsupported-op' with all
 * ops it cannot translate in `details`; 'unsupported-feature' for other operator sets and inputs of open size;
 * 'too-large'; 'invalid-graph'.
 */
export function readOnnx(
  bytes: Uint8Array,
  fileName: string,
  sizes: InputSizes = {},
  files: readonly SourceFile[] = [],
): Graph {
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
  const names = graph.output.map(({ name }) => name ?? '');
  const nodes = orderedNodes(spelledOut(graph.node), names, fileName);
  refuseSparseWeights(graph, fileName);
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const read = new Set([...nodes.flatMap((node) => namesRead(node)), ...names]);
  const given = graph.input.filter(({ name = '' }) => read.has(name) && !stored.has(name));
  const ends = { inputs: given.map(({ name }) => name ?? ''), outputs: names };
  refuseUnsupported(nodes, fileName, ends);

  const external = new ExternalData(fileName, files);
  const initializers = graph.initializer.map((tensor) => external.inlined(tensor));
  external.check();
  const fileBytes = bytes.length + external.bytes;
  const importer = new Importer(initializers, opset, fileName, fileBytes, external);
  const images = imageInputs(nodes);
  const openSizes = new OpenSizes(sizes);
  const inputs = given.map((input) => inputOf(input, nodes, importer, openSizes, fileName));
  openSizes.check(fileName);
  for (const input of inputs) addInput(importer, input, images.has(input.name));
  importer.run(nodes, ends);
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
      fileBytes,
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
    hint: 'Export the model with opset_version=20.',
  });
}

function refuseSparseWeights({ sparseInitializer }: Message<'GraphProto'>, fileName: string): void {
  if (sparseInitializer.length === 0) return;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: 'The file holds sparse weights.',
    where: fileName,
    hint: 'Export the model with dense weights.',
  });
}
