/** Reads a TensorFlow.js GraphModel: TensorFlow operations in JSON, weights in shards beside it. */
import type { SourceFile } from '../../data/types';
import { GraphBuilder } from '../../graph/build';
import type { Graph } from '../../graph/graph';
import { OpenSizes, type InputSizes } from '../open-sizes';
import { renameTensors } from '../keras/rename';
import { GraphImporter } from './graph/importer';
import { nodeRef, parseNodes, type GraphNode, type NodeRef } from './graph/node';
import { findModelJson, parseModelJson, producerOf, type ModelJson } from './model-json';
import { openShards } from './weights';

/**
 * @param files the model.json, found by content, and its shards, found by name in any folder.
 * @throws RangefinderError 'unknown-format', 'missing-file' listing all missing shards, 'corrupt-file', 'unsupported-op'
 * listing all operations that are not modelled with their nodes, 'unsupported-feature', 'invalid-graph'.
 */
export async function readTfjsGraph(files: readonly SourceFile[], sizes: InputSizes = {}): Promise<Graph> {
  const { file, json } = findModelJson(files);
  const model = parseModelJson(json, file);
  const nodes = parseNodes(model.modelTopology.node, file.path);
  const signature = signatureOf(model);
  const outputs = signature?.outputs ?? endsOf(nodes);
  const weights = openShards(model.weightsManifest, files, file.path);
  const arrays = new Map(weights.arrays.map((array) => [array.name, array]));
  const importer = new GraphImporter(new GraphBuilder(baseName(file.path)), nodes, arrays);
  importer.refuseUnsupported([...outputs.values()], file.path);
  const inputs = signature?.inputs ?? placeholders(nodes);
  const open = new OpenSizes(sizes);
  for (const { node } of inputs.values()) importer.addInput(node, open);
  open.check(file.path);
  const named = (refs: ReadonlyMap<string, NodeRef>, of: (ref: NodeRef) => string) =>
    Object.fromEntries([...refs].map(([name, ref]) => [name, of(ref)]));
  const results = named(outputs, (ref) => importer.output(ref));
  const producer = producerOf(model);
  const graph = importer.builder.build([...new Set(Object.values(results))], {
    format: 'tfjs-graph',
    fileName: file.path,
    fileBytes: file.bytes.length + weights.bytes,
    ...(producer && { producer }),
    signatures: [{ key: 'serving_default', inputs: named(inputs, (ref) => importer.output(ref)), outputs: results }],
    metadata: {},
    notes: weights.notes,
  });
  return renameTensors(graph, importer.results);
}

interface NamedRefs {
  readonly inputs: ReadonlyMap<string, NodeRef>;
  readonly outputs: ReadonlyMap<string, NodeRef>;
}

/** Inputs and outputs by the names TensorFlow gave them. */
function signatureOf({ signature, userDefinedMetadata }: ModelJson): NamedRefs | undefined {
  const given = (signature ?? (userDefinedMetadata as { signature?: unknown } | null | undefined)?.signature) as
    { inputs?: unknown; outputs?: unknown } | null | undefined;
  const [inputs, outputs] = [refsOf(given?.inputs), refsOf(given?.outputs)];
  return inputs.size > 0 && outputs.size > 0 ? { inputs, outputs } : undefined;
}

/** Keys end in ":0" where the converter took them from tensors. */
function refsOf(entries: unknown): Map<string, NodeRef> {
  const refs = new Map<string, NodeRef>();
  if (typeof entries !== 'object' || entries === null) return refs;
  for (const [key, value] of Object.entries(entries)) {
    const name = (value as { name?: unknown } | null)?.name;
    refs.set(key.replace(/:0$/, ''), nodeRef(typeof name === 'string' ? name : key));
  }
  return refs;
}

function placeholders(nodes: ReadonlyMap<string, GraphNode>): Map<string, NodeRef> {
  const names = [...nodes.values()].filter(({ op }) => op === 'Placeholder').map(({ name }) => name);
  return new Map(names.map((node) => [node, { node, output: 0 }]));
}

/** Nodes that no other reads. */
function endsOf(nodes: ReadonlyMap<string, GraphNode>): Map<string, NodeRef> {
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const ends = [...nodes.values()].filter(({ name, op }) => !read.has(name) && op !== 'Const' && op !== 'NoOp');
  return new Map(ends.map(({ name }) => [name, { node: name, output: 0 }]));
}

function baseName(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}
