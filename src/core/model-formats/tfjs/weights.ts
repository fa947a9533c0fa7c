import { RangefinderError } from '../../../base/errors';
import { elementCount } from '../../graph/graph';
import type { SourceFile } from '../../data/types';
import { halfToFloat } from '../../numerics/half';
import { ofLayer, type NamedArray, type WeightSource } from '../keras/weights';
import type { StoredWeight, WeightGroup } from './model-json';

const BYTES = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 } as const;
type Stored = keyof typeof BYTES;

interface Segment {
  readonly file: SourceFile;
  /** Offset of the shard in the concatenation of its group. */
  readonly at: number;
}

/** A weight with the type its values have, whatever they are stored as. */
export interface ManifestArray extends NamedArray {
  readonly dtype: string;
}

export interface ShardedWeights {
  readonly arrays: readonly ManifestArray[];
  readonly source: WeightSource;
  readonly bytes: number;
  readonly notes: readonly string[];
}

/**
 * Finds the shards among the dropped files and lays the manifest over them. Throws 'missing-file' listing every shard
 * that is not there, 'corrupt-file' naming a shard that is too short.
 */
export function openShards(
  manifest: readonly WeightGroup[],
  files: readonly SourceFile[],
  where: string,
): ShardedWeights {
  const find = finder(files, where);
  const wanted = manifest.flatMap((group) => group.paths);
  const missing = wanted.filter((path) => !find(path));
  if (missing.length)
    throw new RangefinderError({
      code: 'missing-file',
      message: `${missing.length} of ${wanted.length} weight files of "${where}" ${missing.length === 1 ? 'is' : 'are'} missing.`,
      where,
      hint: 'Drop model.json together with all its weight files, or their folder, or a zip of it.',
      details: missing,
    });
  const notes: string[] = [];
  const arrays = manifest.flatMap((group) => {
    const shards = group.paths.map((path) => find(path)!);
    return layOut(group, shards, notes);
  });
  const quantized = new Set(manifest.flatMap((g) => g.weights.flatMap((w) => w.quantization?.dtype ?? [])));
  for (const dtype of quantized) notes.push(`weights stored as ${dtype} were widened to float32`);
  return {
    arrays,
    source: { layer: (path) => ofLayer(arrays, path) },
    bytes: [...new Set(wanted.map(find))].reduce((n, file) => n + file!.bytes.length, 0),
    notes,
  };
}

/** A shard sits beside model.json as the manifest says, or, in a loose drop, anywhere under its own name. */
function finder(files: readonly SourceFile[], modelPath: string): (path: string) => SourceFile | undefined {
  const folder = modelPath.slice(0, modelPath.lastIndexOf('/') + 1);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byName = new Map(files.map((file) => [baseName(file.path), file]));
  return (path) => byPath.get(folder + path.replace(/^\.\//, '')) ?? byName.get(baseName(path));
}

function layOut(group: WeightGroup, shards: readonly SourceFile[], notes: string[]): ManifestArray[] {
  const segments: Segment[] = [];
  let available = 0;
  for (const file of shards) {
    segments.push({ file, at: available });
    available += file.bytes.length;
  }
  let at = 0;
  const arrays = group.weights.map((weight) => {
    const stored = storedType(weight);
    const start = at;
    at += elementCount(weight.shape) * BYTES[stored];
    return {
      name: weight.name,
      shape: weight.shape,
      dtype: weight.dtype,
      read: () => decode(slice(segments, start, elementCount(weight.shape) * BYTES[stored]), stored, weight),
    };
  });
  const last = shards.at(-1);
  if (available < at)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The weight files are too short: ${at} bytes expected in ${shards.map((s) => baseName(s.path)).join(', ')}, found ${available}.`,
      where: last?.path ?? 'weightsManifest',
      hint: 'Copy or download the weight files again.',
      details: shards.map((shard) => `${shard.path}: ${shard.bytes.length} bytes`),
    });
  if (available > at) notes.push(`${available - at} bytes after the last weight in ${last!.path} were ignored`);
  return arrays;
}

function storedType(weight: StoredWeight): Stored {
  const dtype = weight.quantization?.dtype ?? weight.dtype;
  if (Object.hasOwn(BYTES, dtype)) return dtype as Stored;
  throw new RangefinderError({
    code: 'unsupported-feature',
    message: `The weight "${weight.name}" is of type ${dtype}, which is not read.`,
    where: weight.name,
    hint: 'Save the model with float32 weights.',
  });
}

/** `length` bytes from `start` of the concatenated shards; a view where they lie in one shard. */
function slice(segments: readonly Segment[], start: number, length: number): Uint8Array {
  const end = start + length;
  const touched = segments.filter(({ file, at }) => at < end && at + file.bytes.length > start);
  const part = ({ file, at }: Segment) => file.bytes.subarray(Math.max(start - at, 0), end - at);
  if (touched.length === 1) return part(touched[0]);
  const joined = new Uint8Array(length);
  for (const segment of touched) joined.set(part(segment), Math.max(segment.at - start, 0));
  return joined;
}

/** value = stored · scale + min for the affine types, as the TensorFlow.js converter's quantization defines it. */
function decode(bytes: Uint8Array, stored: Stored, { quantization }: StoredWeight): Float32Array {
  const count = bytes.length / BYTES[stored];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (stored) {
    case 'float32':
      if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
      return new Float32Array(bytes.slice().buffer);
    case 'float16':
      return Float32Array.from({ length: count }, (_, i) => halfToFloat(view.getUint16(2 * i, true)));
    case 'int32':
      return Float32Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
    default: {
      const { scale = 1, min = 0 } = quantization ?? {};
      const at = stored === 'uint16' ? (i: number) => view.getUint16(2 * i, true) : (i: number) => bytes[i];
      return Float32Array.from({ length: count }, (_, i) => at(i) * scale + min);
    }
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
