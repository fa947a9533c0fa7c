/** What a .tflite file says of itself, as far as a target's limits ask: its operators with their versions, and their tensors. */
import { RangefinderError } from '../../base/errors';
import { hasBytes } from '../model-formats/signatures';
import { Decoder } from '../model-formats/tflite/schema/decode';
import { builtinName, IDENTIFIER, typeName } from '../model-formats/tflite/schema/enums';
import type { Row } from '../model-formats/tflite/schema/tables';

export interface TensorFacts {
  readonly index: number;
  readonly name: string;
  /** "int8", "float32", …; "type 99" for one that is newer than this code. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Some dimension besides the first is open. */
  readonly openShape: boolean;
  readonly scales: ArrayLike<number>;
  readonly zeroPoints: ArrayLike<bigint>;
  readonly constant: boolean;
  /** Bytes of a constant; empty for an activation. */
  readonly data: Uint8Array;
}

export interface OperatorFacts {
  readonly index: number;
  /** "CONV_2D"; of custom operators "CUSTOM name". */
  readonly name: string;
  readonly version: number;
  /** Null where an optional input is left out. */
  readonly inputs: readonly (TensorFacts | null)[];
  readonly outputs: readonly TensorFacts[];
  /** A field of the operator's options; undefined where the operator has none of that name. */
  option(name: string): number | undefined;
}

export interface FileFacts {
  readonly name: string;
  readonly bytes: number;
  /** Of the main graph, in the order in which they run. */
  readonly operators: readonly OperatorFacts[];
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  readonly metadata: readonly string[];
}

const NOTHING = new Uint8Array();

/**
 * @throws RangefinderError 'unknown-format' for a file of another kind, 'corrupt-file' for one whose tables point outside it
 */
export function fileFacts(bytes: Uint8Array, name: string): FileFacts {
  if (!hasBytes(bytes, IDENTIFIER, 4))
    throw new RangefinderError({
      code: 'unknown-format',
      message: 'Only .tflite files are checked against targets.',
      where: name,
      hint: 'Quantize the model first, and check the file that was written.',
    });
  const model = new Decoder(bytes, name).root('Model');
  const graph = model.subgraphs?.[0];
  if (!graph) throw corrupt(name, 'it holds no graph');
  const tensors = (graph.tensors ?? []).map((row, index) => tensorFacts(model, row, index));
  const tensor = (index: number): TensorFacts | null => {
    if (index < 0) return null;
    return tensors[index] ?? fail(name, `it names tensor ${index}, which it does not hold`);
  };
  const present = (indices: ArrayLike<number> | undefined) =>
    Array.from(indices ?? [], tensor).filter((facts) => facts !== null);
  return {
    name,
    bytes: bytes.byteLength,
    operators: (graph.operators ?? []).map((row, index) => {
      const code = model.operatorCodes?.[row.opcodeIndex] ?? fail(name, `operator ${index} has no operator code`);
      const builtin = builtinName(Math.max(code.builtinCode, code.deprecatedBuiltinCode));
      return {
        index,
        name: builtin === 'CUSTOM' ? `CUSTOM ${code.customCode ?? ''}`.trim() : builtin,
        version: code.version,
        inputs: Array.from(row.inputs ?? [], tensor),
        outputs: present(row.outputs),
        option: (field) => optionOf(row, field),
      };
    }),
    inputs: present(graph.inputs),
    outputs: present(graph.outputs),
    metadata: (model.metadata ?? []).map((entry) => entry.name ?? ''),
  };
}

function tensorFacts(model: Row<'Model'>, row: Row<'Tensor'>, index: number): TensorFacts {
  const data = model.buffers?.[row.buffer]?.data ?? NOTHING;
  return {
    index,
    name: row.name ?? '',
    type: typeName(row.type),
    shape: Array.from(row.shape ?? []),
    openShape: Array.from(row.shapeSignature ?? row.shape ?? []).some((size, axis) => size < 0 && axis > 0),
    scales: row.quantization?.scale ?? [],
    zeroPoints: row.quantization?.zeroPoint ?? [],
    constant: data.byteLength > 0,
    data,
  };
}

function optionOf(row: Row<'Operator'>, field: string): number | undefined {
  const fields: object = row.builtinOptions?.fields ?? {};
  const value: unknown = new Map(Object.entries(fields)).get(field);
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

function corrupt(name: string, why: string): RangefinderError {
  return new RangefinderError({
    code: 'corrupt-file',
    message: `This .tflite file is damaged: ${why}.`,
    where: name,
    hint: 'Write the file again with the tool that made it.',
  });
}

function fail(name: string, why: string): never {
  throw corrupt(name, why);
}
