/** Reads a TensorFlow Lite file into a Graph. */
import { RangefinderError, type ErrorCode } from '../../../base/errors';
import { BATCH, type Graph } from '../../graph/graph';
import type { Op } from '../../graph/ops/attrs';
import { validateGraph } from '../../graph/validate';
import { OpenSizes, type InputSizes } from '../open-sizes';
import { hasBytes } from '../signatures';
import { entersGraphs, type CarriedGraphs, type CarriedOperator } from './carried';
import { readMetadata, readSignatures } from './provenance';
import { readInputs, readOps } from './read-ops';
import { TensorReader } from './read-tensors';
import { Decoder } from './schema/decode';
import { IDENTIFIER } from './schema/enums';
import type { Row } from './schema/tables';
import { FileOp, type ReadState } from './source-op';

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
export function readTflite(bytes: Uint8Array, fileName: string, sizes: InputSizes = {}): Graph {
  if (!hasBytes(bytes, IDENTIFIER, 4))
    throw new RangefinderError({
      code: 'unknown-format',
      message: `The file lacks the identifier "${IDENTIFIER}" of TensorFlow Lite at byte 4.`,
      where: fileName,
      hint: 'Download or export the file again.',
    });
  const model = new Decoder(bytes, fileName).root('Model');
  const file: File = { bytes, name: fileName, model, subgraph: mainSubgraph(model, fileName) };
  if (!leavesBatchOpen(file.subgraph)) return readGraph(file, sizes, false);
  try {
    return readGraph(file, sizes, true);
  } catch (error) {
    if (!(error instanceof RangefinderError) || !BATCH_ERRORS.has(error.code)) throw error;
    return readGraph(file, sizes, false);
  }
}

function readGraph(file: File, sizes: InputSizes, symbolicBatch: boolean): Graph {
  const { model, subgraph, name: fileName } = file;
  const tensors = new TensorReader(file, model.buffers ?? [], subgraph.tensors ?? [], symbolicBatch);
  const state: ReadState = {
    fileName,
    tensors,
    written: new Set(),
    shapeValues: new Map(),
    unrolled: new Set(),
    symbolicBatch,
  };
  const fileOps = (subgraph.operators ?? []).map((row, index) => {
    const code = model.operatorCodes?.[row.opcodeIndex];
    if (code) return new FileOp(state, row, code, index);
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `This .tflite file is damaged: operator ${index} has no operator code.`,
      where: fileName,
    });
  });

  const inputs = readInputs(state, subgraph.inputs ?? [], new OpenSizes(sizes));
  const { ops, used } = readOps(state, fileOps);
  const outputs = Array.from(subgraph.outputs ?? [], (index) => tensors.get(index));
  const carried = carriedGraphs(model, ops, tensors);
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
      ...readMetadata(model, file.bytes, fileName),
      ...(carried && { carried }),
      notes: notesOf(file, state, carried),
    },
  });
}

/** The first graph. Others are entered by its operators, or by signatures of their own. */
function mainSubgraph(model: Row<'Model'>, fileName: string): Row<'SubGraph'> {
  const subgraph = model.subgraphs?.[0];
  if (subgraph) return subgraph;
  throw new RangefinderError({ code: 'corrupt-file', message: 'This .tflite file holds no graph.', where: fileName });
}

/** The other graphs, where anything enters them. */
function carriedGraphs(model: Row<'Model'>, ops: readonly Op[], tensors: TensorReader): CarriedGraphs | undefined {
  const [, ...subgraphs] = model.subgraphs!;
  const signatures = (model.signatureDefs ?? []).filter(({ subgraphIndex }) => subgraphIndex !== 0);
  const entered = ops.some((op) => op.kind === 'opaque' && entersGraphs((op.attrs.payload as CarriedOperator).row));
  if (subgraphs.length === 0 || (!entered && signatures.length === 0)) return undefined;
  for (const { tensors: rows = [], operators = [] } of subgraphs) {
    if (operators.some(({ opcodeIndex }) => !model.operatorCodes?.[opcodeIndex]))
      throw tensors.damaged('an operator of another graph has no operator code');
    if (rows.some(({ buffer, externalBuffer }) => externalBuffer !== 0 || !model.buffers?.[buffer]))
      throw tensors.damaged('a tensor of another graph has its content elsewhere');
  }
  const buffers = (model.buffers ?? []).map((_, index) => tensors.bufferContent(index));
  return { subgraphs, codes: model.operatorCodes ?? [], buffers, signatures };
}

function leavesBatchOpen(subgraph: Row<'SubGraph'>): boolean {
  return Array.from(subgraph.inputs ?? []).some((index) => (subgraph.tensors?.[index]?.shapeSignature?.[0] ?? 0) < 0);
}

function notesOf(
  { model, subgraph }: File,
  { tensors, symbolicBatch, unrolled }: ReadState,
  carried: CarriedGraphs | undefined,
): string[] {
  const { widened, dequantized, densified, sized } = tensors;
  const notes: string[] = [];
  const others = model.subgraphs!.length - 1;
  if (others > 0 && !carried) notes.push(`${count(others, 'further graph')} in the file left out: not used`);
  for (const { signatureKey } of carried?.signatures ?? [])
    notes.push(`signature "${signatureKey}" enters another graph of the file: kept as it is, not quantized`);
  if (widened.size > 0) notes.push(`float16 weights widened to float32 (${count(widened.size, 'tensor')})`);
  if (densified.size > 0) notes.push(`sparse weights made dense (${count(densified.size, 'tensor')})`);
  if (dequantized.size > 0)
    notes.push(
      `int8 weights of float ops turned into float32 (${count(dequantized.size, 'tensor')}): no pure float baseline`,
    );
  for (const [id, shape] of sized)
    notes.push(
      `the size of ${id} is open in the file; taken as ${shape.map((d) => (d === BATCH ? 'N' : d)).join('×')}`,
    );
  for (const name of unrolled) notes.push(`${name} unrolled step by step: it starts every run from a state of zero`);
  if (!symbolicBatch && leavesBatchOpen(subgraph)) notes.push('the graph only fits together for a fixed batch size');
  return notes;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
