/** Files that TensorFlow Lite's metadata packs behind a model: a zip after the FlatBuffer, for labels above all. */
import { zipSync } from 'fflate';
import { endsAsZip, openZip } from '../../data/zip';
import { Decoder } from './schema/decode';

/** AssociatedFileType of metadata_schema.fbs: labels of an axis, labels of values. */
const LABEL_TYPES: ReadonlySet<number> = new Set([2, 3]);

/** By name; none where nothing is packed, or what is packed is damaged: it is decoration. */
export function packedFiles(model: Uint8Array, fileName: string): ReadonlyMap<string, Uint8Array> {
  if (!endsAsZip(model)) return new Map();
  try {
    return new Map(openZip(model, fileName).map((entry) => [entry.path, entry.bytes()]));
  } catch {
    return new Map();
  }
}

/**
 * The names of the classes of the first output that has labels, in the order of its values. Models from before the metadata
 * have a single file of labels and nothing that says so.
 */
export function classNamesOf(
  metadata: Uint8Array | undefined,
  files: ReadonlyMap<string, Uint8Array>,
  fileName: string,
): readonly string[] | undefined {
  const only = files.size === 1 ? [...files.keys()].find((name) => /label[^/]*\.txt$/i.test(name)) : undefined;
  const labels = files.get((metadata && labelFileIn(metadata, fileName)) ?? only ?? '');
  if (!labels) return undefined;
  return new TextDecoder().decode(labels).trimEnd().split(/\r?\n/).map((line) => line.trim()); // prettier-ignore
}

function labelFileIn(metadata: Uint8Array, fileName: string): string | undefined {
  try {
    const [graph] = new Decoder(metadata, fileName).root('ModelMetadata').subgraphMetadata ?? [];
    return (graph?.outputTensorMetadata ?? [])
      .flatMap(({ associatedFiles = [] }) => associatedFiles)
      .find(({ type }) => LABEL_TYPES.has(type))?.name;
  } catch {
    return undefined;
  }
}

/** The model with these files behind it, at offsets from the beginning of the whole, as TensorFlow's own tool writes them. */
export function withPackedFiles(
  model: Uint8Array<ArrayBuffer>,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  if (files.size === 0) return model;
  const archive = zipSync(Object.fromEntries(files), { level: 0, mtime: '1980-01-01T00:00:00' });
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - 22;
  const directory = view.getUint32(end + 16, true);
  for (let at = directory; at < end;) {
    view.setUint32(at + 42, view.getUint32(at + 42, true) + model.length, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  view.setUint32(end + 16, directory + model.length, true);
  const whole = new Uint8Array(model.length + archive.length);
  whole.set(model);
  whole.set(archive, model.length);
  return whole;
}
