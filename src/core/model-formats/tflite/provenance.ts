/** Signatures and metadata of a file: kept so that an exported file can carry them on. */
import type { InputNormalization, Provenance, Signature, TensorId } from '../../graph/graph';
import { classNamesOf, packedFiles } from './associated-files';
import type { TensorReader } from './read-tensors';
import { Decoder } from './schema/decode';
import type { Row } from './schema/tables';

const CONVERSION = 'CONVERSION_METADATA';
const DESCRIPTION = 'TFLITE_METADATA';

export function readSignatures(model: Row<'Model'>, tensors: TensorReader): Signature[] {
  const named = (maps: readonly Row<'TensorMap'>[] = []): Record<string, TensorId> =>
    Object.fromEntries(maps.map(({ name, tensorIndex }) => [name ?? '', tensors.get(tensorIndex).id]));
  const main = (model.signatureDefs ?? []).filter(({ subgraphIndex }) => subgraphIndex === 0);
  return main.map((signature) => ({
    key: signature.signatureKey ?? '',
    inputs: named(signature.inputs),
    outputs: named(signature.outputs),
  }));
}

export function readMetadata(
  model: Row<'Model'>,
  bytes: Uint8Array,
  fileName: string,
): Pick<Provenance, 'metadata' | 'producer' | 'inputNormalization' | 'packedFiles' | 'classNames'> {
  const metadata: Record<string, Uint8Array> = Object.fromEntries(
    (model.metadata ?? []).map(({ name, buffer }) => [name ?? '', model.buffers?.[buffer]?.data ?? new Uint8Array()]),
  );
  const version = metadata[CONVERSION] && tensorflowVersion(metadata[CONVERSION], fileName);
  const inputNormalization = metadata[DESCRIPTION] && normalizationOf(metadata[DESCRIPTION], fileName);
  const packed = packedFiles(bytes, fileName);
  const classNames = classNamesOf(metadata[DESCRIPTION], packed, fileName);
  return {
    metadata,
    ...(packed.size > 0 && { packedFiles: packed }),
    ...(classNames && { classNames }),
    ...(version && { producer: `TensorFlow ${version}` }),
    ...(inputNormalization && { inputNormalization }),
  };
}

/** Optional decoration: a damaged entry is no reason to refuse the model. */
function tensorflowVersion(bytes: Uint8Array, fileName: string): string | undefined {
  try {
    return new Decoder(bytes, fileName).root('ConversionMetadata').environment?.tensorflowVersion;
  } catch {
    return undefined;
  }
}

/** As optional as the version; numbers that cannot normalize anything are as good as none. */
function normalizationOf(bytes: Uint8Array, fileName: string): InputNormalization | undefined {
  try {
    const [graph] = new Decoder(bytes, fileName).root('ModelMetadata').subgraphMetadata ?? [];
    const units = graph?.inputTensorMetadata?.[0]?.processUnits ?? [];
    const options = units.find((unit) => unit.options?.table === 'NormalizationOptions')?.options?.fields;
    const mean = Array.from(options?.mean ?? []);
    const std = Array.from(options?.std ?? []);
    const usable =
      mean.length > 0 && std.length > 0 && mean.every(Number.isFinite) && std.every((v) => v > 0 && v < Infinity);
    return usable ? { mean, std } : undefined;
  } catch {
    return undefined;
  }
}
