/** Writes a Graph, float or int8, as a TensorFlow Lite file. */
import { RangefinderError } from '../../../base/errors';
import type { Graph, Signature, TensorId } from '../../graph/graph';
import { remembers } from '../../graph/lstm';
import type { Op } from '../../graph/ops/attrs';
import { operatorDraft, type CarriedGraphs } from './carried';
import type { OpRow, WrittenOp } from './ops/row';
import { firstRuntime } from './ops/runtime-versions';
import { TFLITE_OPS } from './ops/table';
import { typedVersion } from './ops/typed-versions';
import { withPackedFiles } from './associated-files';
import { encode } from './schema/encode';
import { builtinCode, builtinName, IDENTIFIER } from './schema/enums';
import type { Draft } from './schema/tables';
import { TensorWriter } from './write-tensors';

const SCHEMA_VERSION = 3;
const MIN_RUNTIME = 'min_runtime_version';
const DEPRECATED_CODE_LIMIT = 127;

export interface WriteOptions {
  /** Activations that become outputs besides the graph's own, in this order. The file carries no signatures then. */
  readonly exposeTensors?: readonly TensorId[];
  /** Replaces the symbolic batch. Without it the file says 1 and leaves the batch open for resizing. */
  readonly fixedBatch?: number;
}

/**
 * Ops are written in the graph's order, which has to be topological. Constants with the same content share one buffer.
 * Throws RangefinderError 'invalid-graph' for op kinds that a file cannot hold: normalize the graph first.
 */
export function writeTflite(graph: Graph, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const { model, sizeHint } = draftOf(graph, options);
  return withPackedFiles(encode('Model', model, IDENTIFIER, sizeHint), packedFilesOf(graph));
}

const packedFilesOf = ({ provenance }: Graph) => provenance.packedFiles ?? new Map<string, Uint8Array>();

/** Contents from so many bytes on are counted rather than written where only the size of a file is asked for. */
const COUNTED = 65_536;
/** Contents begin at multiples of it: leaving out as many leaves everything else where it is. */
const ALIGNMENT = 16;

/** Length of what {@link writeTflite} would make, without holding the contents once more, which may be half of all memory. */
export function tfliteSize(graph: Graph, options: WriteOptions = {}): number {
  const { model, sizeHint } = draftOf(graph, options);
  let left = 0;
  const buffers = model.buffers!.map((buffer) => {
    const { data } = buffer;
    if (!data || data.length < COUNTED) return buffer;
    const kept = ALIGNMENT + (data.length % ALIGNMENT);
    left += data.length - kept;
    return { data: data.subarray(0, kept) };
  });
  const rest = encode('Model', { ...model, buffers }, IDENTIFIER, sizeHint - left);
  return withPackedFiles(rest, packedFilesOf(graph)).length + left;
}

function draftOf(graph: Graph, options: WriteOptions): { model: Draft<'Model'>; sizeHint: number } {
  // Variables hold the state of so many sequences: the batch cannot stay open beside them.
  const tensors = new TensorWriter(graph, options.fixedBatch ?? (remembers(graph) ? 1 : undefined));
  const codes = new OperatorCodes();
  const operators = graph.ops.map((op): Draft<'Operator'> => {
    const written = writeOp(op, tensors);
    return {
      opcodeIndex: codes.index(written),
      inputs: Int32Array.from(written.inputs, (input) => tensors.operand(input)),
      outputs: Int32Array.from(op.outputs.slice(0, written.outputs), (id) => tensors.index(id)),
      ...(written.options && { builtinOptions: written.options }),
      ...(written.intermediates && { intermediates: Int32Array.from(written.intermediates) }),
      ...written.carried,
    };
  });
  const outputs = [...new Set([...graph.outputs, ...(options.exposeTensors ?? [])])];
  const others = writeCarried(graph, tensors, codes);
  const signatures = options.exposeTensors ? [] : [...writeSignatures(graph, tensors), ...others.signatures];
  const metadata = writeMetadata(graph, codes.all, tensors);
  const model: Draft<'Model'> = {
    version: SCHEMA_VERSION,
    operatorCodes: codes.all.map(operatorCode),
    subgraphs: [
      {
        tensors: tensors.drafts,
        inputs: Int32Array.from(graph.inputs, (id) => tensors.index(id)),
        outputs: Int32Array.from(outputs, (id) => tensors.index(id)),
        operators,
        name: 'main',
      },
      ...others.subgraphs,
    ],
    description: 'Rangefinder',
    buffers: tensors.buffers,
    metadata,
    ...(signatures.length > 0 && { signatureDefs: signatures }),
  };
  return { model, sizeHint: tensors.dataBytes + 256 * (tensors.drafts.length + operators.length) + 4096 };
}

function writeOp(op: Op, tensors: TensorWriter): WrittenOp {
  const written = (TFLITE_OPS[op.kind] as OpRow<typeof op.kind>).write?.(op, tensors);
  if (written) return { ...written, version: typedVersion(written.builtin, op, tensors) ?? written.version };
  throw new RangefinderError({
    code: 'invalid-graph',
    message: `${op.kind} "${op.sourceName}" has no form in a .tflite file.`,
    where: op.id,
    hint: 'Normalize the graph before writing it: batch norm is folded, identities are dropped.',
  });
}

/** Operator codes in use, each once. */
class OperatorCodes {
  readonly all: WrittenOp[] = [];

  index({ builtin, version, customCode, carried }: WrittenOp): number {
    const same = (code: WrittenOp) =>
      code.builtin === builtin && code.version === version && code.customCode === customCode;
    const known = this.all.findIndex(same);
    if (known >= 0) return known;
    const code = { builtin, version, inputs: [], ...(customCode && { customCode }), ...(carried && { carried: {} }) };
    return this.all.push(code) - 1;
  }
}

function operatorCode({ builtin, version, customCode }: WrittenOp): Draft<'OperatorCode'> {
  const code = builtinCode(builtin);
  return {
    deprecatedBuiltinCode: Math.min(code, DEPRECATED_CODE_LIMIT),
    ...(customCode && { customCode }),
    builtinCode: code,
    version,
  };
}

/** The graphs behind the first, which keep their places: operators enter them by number. */
function writeCarried(graph: Graph, tensors: TensorWriter, codes: OperatorCodes) {
  const carried = graph.provenance.carried as CarriedGraphs | undefined;
  const subgraphs = (carried?.subgraphs ?? []).map((subgraph): Draft<'SubGraph'> => ({
    ...subgraph,
    tensors: (subgraph.tensors ?? []).map((row) => {
      const bytes = carried!.buffers[row.buffer];
      return { ...row, buffer: bytes ? tensors.buffer(bytes) : 0 };
    }),
    operators: (subgraph.operators ?? []).map((row) => {
      const { builtinCode: current, deprecatedBuiltinCode: old, ...code } = carried!.codes[row.opcodeIndex];
      const builtin = builtinName(Math.max(current, old));
      return {
        ...operatorDraft(row),
        ...(row.inputs && { inputs: row.inputs }),
        ...(row.outputs && { outputs: row.outputs }),
        ...(row.intermediates && { intermediates: row.intermediates }),
        opcodeIndex: codes.index({ ...code, builtin, inputs: [], carried: {} }),
      };
    }),
  }));
  return { subgraphs, signatures: carried?.signatures ?? [] };
}

/** Signatures that still name all inputs and outputs of the graph: runtimes refuse files whose signatures name others. */
function writeSignatures(graph: Graph, tensors: TensorWriter): Draft<'SignatureDef'>[] {
  const namesAll = (named: Readonly<Record<string, TensorId>>, ids: readonly TensorId[]) => {
    const values = Object.values(named);
    return values.length === ids.length && new Set([...values, ...ids]).size === ids.length;
  };
  const fits = ({ inputs, outputs }: Signature) => namesAll(inputs, graph.inputs) && namesAll(outputs, graph.outputs);
  const maps = (named: Readonly<Record<string, TensorId>>) =>
    Object.entries(named).map(([name, id]) => ({ name, tensorIndex: tensors.index(id) }));
  return graph.provenance.signatures
    .filter(fits)
    .map(({ key, inputs, outputs }) => ({ inputs: maps(inputs), outputs: maps(outputs), signatureKey: key }));
}

/** The source's entries, and the oldest runtime that can run what is written now. */
function writeMetadata(graph: Graph, codes: readonly WrittenOp[], tensors: TensorWriter): Draft<'Metadata'>[] {
  const release = new Uint8Array(16); // the length every converter reserves
  release.set(new TextEncoder().encode(firstRuntime(codes, graph.provenance.metadata[MIN_RUNTIME])));
  const entries = { ...graph.provenance.metadata, [MIN_RUNTIME]: release };
  return Object.entries(entries).map(([name, bytes]) => ({ name, buffer: tensors.buffer(bytes) }));
}
