/** Writes a Graph, float or int8, as a TensorFlow Lite file. */
import { RangefinderError } from '../../errors';
import type { Graph, Signature, TensorId } from '../../graph/graph';
import type { Op } from '../../graph/ops/attrs';
import type { OpRow, WrittenOp } from './ops/row';
import { firstRuntime } from './ops/runtime-versions';
import { TFLITE_OPS } from './ops/table';
import { encode } from './schema/encode';
import { builtinCode, IDENTIFIER } from './schema/enums';
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
  const tensors = new TensorWriter(graph, options.fixedBatch);
  const codes = new OperatorCodes();
  const operators = graph.ops.map((op): Draft<'Operator'> => {
    const written = writeOp(op, tensors);
    return {
      opcodeIndex: codes.index(written),
      inputs: Int32Array.from(written.inputs, (input) => tensors.operand(input)),
      outputs: Int32Array.from(op.outputs, (id) => tensors.index(id)),
      ...(written.options && { builtinOptions: written.options }),
    };
  });
  const outputs = [...new Set([...graph.outputs, ...(options.exposeTensors ?? [])])];
  const signatures = options.exposeTensors ? [] : writeSignatures(graph, tensors);
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
    ],
    description: 'Rangefinder',
    buffers: tensors.buffers,
    metadata,
    ...(signatures.length > 0 && { signatureDefs: signatures }),
  };
  return encode(
    'Model',
    model,
    IDENTIFIER,
    tensors.dataBytes + 256 * (tensors.drafts.length + operators.length) + 4096,
  );
}

function writeOp(op: Op, tensors: TensorWriter): WrittenOp {
  const written = (TFLITE_OPS[op.kind] as OpRow<typeof op.kind>).write?.(op as never, tensors);
  if (written) return written;
  throw new RangefinderError({
    code: 'invalid-graph',
    message: `${op.kind} "${op.sourceName}" has no form in a .tflite file.`,
    where: op.id,
    hint: 'Normalize the graph before writing it: batch norm is folded, identities are dropped.',
  });
}

/** Operator codes in use, each builtin and version once. */
class OperatorCodes {
  readonly all: WrittenOp[] = [];

  index({ builtin, version }: WrittenOp): number {
    const known = this.all.findIndex((code) => code.builtin === builtin && code.version === version);
    return known >= 0 ? known : this.all.push({ builtin, version, inputs: [] }) - 1;
  }
}

function operatorCode({ builtin, version }: WrittenOp): Draft<'OperatorCode'> {
  const code = builtinCode(builtin);
  return { deprecatedBuiltinCode: Math.min(code, DEPRECATED_CODE_LIMIT), builtinCode: code, version };
}

/** Signatures that still name inputs and outputs of the graph. */
function writeSignatures(graph: Graph, tensors: TensorWriter): Draft<'SignatureDef'>[] {
  const fits = ({ inputs, outputs }: Signature) =>
    Object.values(inputs).every((id) => graph.inputs.includes(id)) &&
    Object.values(outputs).every((id) => graph.outputs.includes(id));
  const maps = (named: Readonly<Record<string, TensorId>>) =>
    Object.entries(named).map(([name, id]) => ({ name, tensorIndex: tensors.index(id) }));
  return graph.provenance.signatures
    .filter(fits)
    .map(({ key, inputs, outputs }) => ({ inputs: maps(inputs), outputs: maps(outputs), signatureKey: key }));
}

/** The source's entries, and the oldest runtime that can run what is written now. */
function writeMetadata(graph: Graph, codes: readonly WrittenOp[], tensors: TensorWriter): Draft<'Metadata'>[] {
  const release = new Uint8Array(16); // the length every converter reserves
  release.set(new TextEncoder().encode(firstRuntime(codes)));
  const entries = { ...graph.provenance.metadata, [MIN_RUNTIME]: release };
  return Object.entries(entries).map(([name, bytes]) => ({ name, buffer: tensors.buffer(bytes) }));
}
