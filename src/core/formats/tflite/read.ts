/** Reads a TensorFlow Lite file into a Graph. */
import { RangefinderError, type ErrorCode } from '../../errors';
import { BATCH, type Graph } from '../../graph/graph';
import { validateGraph } from '../../graph/validate';
import { hasBytes } from '../signatures';
import { readMetadata, readSignatures } from './provenance';
import { readInputs, readOps } from './read-ops';
import { TensorReader } from './read-tensors';
import { Decoder } from './schema/decode';
import { IDENTIFIER } from './schema/enums';
import type { Row } from './schema/tables';
import { FileOp, operatorName, type ReadState } from './source-op';
import { refuseUnsupported } from './unsupported';

/** Errors that may come from a batch that is symbolic where the file wants a fixed one. */
const BATCH_ERRORS: ReadonlySet<ErrorCode> = new Set(['invalid-graph', 'corrupt-file', 'unsupported-feature']);

interface File {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly model: Row<'Model'>;
  readonly subgraph: Row<'SubGraph'>;
}

/**
 * Float, float16-weight, hybrid and quantized models. Constants are views into `bytes` where alignment allows, so the
 * bytes must not change afterwards. Throws RangefinderError: 'unknown-format', 'corrupt-file', 'unsupported-op' with all
 * ops it does not model in `details`, 'unsupported-feature', 'too-large', 'invalid-graph'.
 */
export function readTflite(bytes: Uint8Array, fileName: string): Graph {
  if (!hasBytes(bytes, IDENTIFIER, 4))
    throw new RangefinderError({
      code: 'unknown-format',
      message: `The file lacks the identifier "${IDENTIFIER}" of TensorFlow Lite at byte 4.`,
      where: fileName,
      hint: 'Download or export the file again.',
    });
  const model = new Decoder(bytes, fileName).root('Model');
  const file: File = { bytes, name: fileName, model, subgraph: mainSubgraph(model, fileName) };
  try {
    return readGraph(file, true);
  } catch (error) {
    const open = leavesBatchOpen(file.subgraph);
    if (!open || !(error instanceof RangefinderError) || !BATCH_ERRORS.has(error.code)) throw error;
    return readGraph(file, false);
  }
}

function readGraph(file: File, symbolicBatch: boolean): Graph {
  const { model, subgraph, name: fileName } = file;
  const tensors = new TensorReader(file, model.buffers ?? [], subgraph.tensors ?? [], symbolicBatch);
  const state: ReadState = { fileName, tensors, written: new Set(), shapeValues: new Map() };
  const fileOps = (subgraph.operators ?? []).map((row, index) => {
    const code = model.operatorCodes?.[row.opcodeIndex];
    if (code) return new FileOp(state, row, index, operatorName(code));
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file is damaged: operator ${index} has no operator code.`,
      where: fileName,
    });
  });
  refuseUnsupported(fileOps, fileName);

  const inputs = readInputs(state, subgraph.inputs ?? []);
  const { ops, used } = readOps(state, fileOps);
  const outputs = Array.from(subgraph.outputs ?? [], (index) => tensors.get(index));
  for (const tensor of [...inputs, ...outputs]) used.set(tensor.id, tensor);
  return validateGraph({
    name: fileName.replace(/^.*\//, '').replace(/\.[^.]*$/, ''),
    tensors: used,
    ops,
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id }) => id),
    provenance: {
      format: 'tflite',
      fileName,
      fileBytes: file.bytes.byteLength,
      ...(model.description && { description: model.description }),
      signatures: readSignatures(model, tensors),
      ...readMetadata(model, fileName),
      notes: notesOf(file, tensors, symbolicBatch),
    },
  });
}

/** The only subgraph, or the first one where no signature enters another. Ops that call subgraphs are not modelled. */
function mainSubgraph(model: Row<'Model'>, fileName: string): Row<'SubGraph'> {
  const subgraph = model.subgraphs?.[0];
  if (!subgraph)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'This .tflite file holds no graph.',
      where: fileName,
    });
  const others = (model.signatureDefs ?? []).filter((signature) => signature.subgraphIndex !== 0);
  if (others.length > 0)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'The file holds several graphs with signatures of their own; Rangefinder reads one.',
      where: fileName,
      hint: 'Export each signature to a file of its own.',
      details: others.map((signature) => `signature "${signature.signatureKey}": subgraph ${signature.subgraphIndex}`),
    });
  return subgraph;
}

function leavesBatchOpen(subgraph: Row<'SubGraph'>): boolean {
  return Array.from(subgraph.inputs ?? []).some((index) => (subgraph.tensors?.[index]?.shapeSignature?.[0] ?? 0) < 0);
}

function notesOf({ model, subgraph }: File, tensors: TensorReader, symbolicBatch: boolean): string[] {
  const { widened, dequantized, nonFinite, sized } = tensors;
  const notes: string[] = [];
  const unused = model.subgraphs!.length - 1;
  if (unused > 0) notes.push(`${count(unused, 'further graph')} in the file left out: not used`);
  if (widened.size > 0) notes.push(`float16 weights widened to float32 (${count(widened.size, 'tensor')})`);
  if (dequantized.size > 0)
    notes.push(
      `int8 weights of float ops turned into float32 (${count(dequantized.size, 'tensor')}): no pure float baseline`,
    );
  for (const [id, shape] of sized)
    notes.push(
      `the size of ${id} is open in the file; taken as ${shape.map((d) => (d === BATCH ? 'N' : d)).join('×')}`,
    );
  if (nonFinite.size > 0) notes.push(`NaN or infinity among the weights: ${[...nonFinite].slice(0, 8).join(', ')}`);
  if (!symbolicBatch && leavesBatchOpen(subgraph)) notes.push('the graph only fits together for a fixed batch size');
  return notes;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
